"""Fixtures of the attacks: two companies that hold the same things, made once for a module."""

import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
import responses
from django.db import connection, transaction
from django.test.utils import override_settings

from tests.attack import company
from tests.attack.actors import Actor, everybody


@pytest.fixture(scope="module")
def companies(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[company.Company, company.Company]]:
    """Companies A and B; what tests change is rolled back, and nobody outside is called."""
    changed = override_settings(
        ATTACHMENTS_DIR=tmp_path_factory.mktemp("attachments"),
        TRUTO_API_BASE_URL="http://127.0.0.1:9",
        API_REQUESTS_A_MINUTE={"read": 10**9, "write": 10**9},
    )
    provider = responses.RequestsMock(assert_all_requests_are_fired=False)
    said = {"result": [], "next_cursor": None, "link_token": "made-up"}
    with django_db_blocker.unblock(), changed, transaction.atomic(), provider:
        for method in ("GET", "POST", "PATCH", "DELETE"):
            provider.add(method, re.compile("http://127.0.0.1:9/"), json=said)
        logging.disable(logging.CRITICAL)  # every refusal would be told
        yield company.found("A"), company.found("B")
        logging.disable(logging.NOTSET)
        connection.set_rollback(True)


@pytest.fixture(scope="module")
def actors(companies: tuple[company.Company, company.Company]) -> list[Actor]:
    """Everybody who tries."""
    return everybody(*companies)
