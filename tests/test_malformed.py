"""A sample of the malformed requests; the whole of 50,000 by `python -m tests.malformed 50000`."""

from typing import Any

import pytest

from tests import malformed

SAMPLE = 2_000


@pytest.mark.postgres_only  # the database that takes no NUL byte
@pytest.mark.django_db
def test_malformed_requests_are_never_answered_with_an_error_of_ours(settings: Any) -> None:
    settings.API_REQUESTS_A_MINUTE = {"read": 10**9, "write": 10**9}
    settings.TRUTO_API_BASE_URL = "http://127.0.0.1:9"
    found = malformed.in_a_world(SAMPLE, seed=1)
    assert [f"{why} {one}" for one, why in found.failed[:5]] == []
    assert found.total == SAMPLE
    # They reach what they aim at: pages and endpoints that answer, not only doors that refuse.
    assert found.statuses[200] > SAMPLE / 20
    assert found.statuses[422] > SAMPLE / 100
