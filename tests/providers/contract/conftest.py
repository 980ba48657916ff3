"""The world that a contract test runs in: every provider, recorded and live."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.providers.contract.worlds import WORLDS, World


@pytest.fixture(params=sorted(WORLDS), ids="-".join)
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with WORLDS[request.param]() as made:
        yield made
