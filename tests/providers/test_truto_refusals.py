"""Truto's status table, row by row: who is at fault, and what the caller is told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from integrations.providers.base import Gone, NeedsReconnect, ProviderError, Refused, TryLater
from integrations.providers.http import Answer
from integrations.providers.truto.refusals import is_passing, meaning

TOKEN = "secret-api-token-for-tests"
LOCAL, REMOTE = False, True

TABLE = [
    (400, LOCAL, Refused),
    (400, REMOTE, Refused),
    (422, REMOTE, Refused),
    (401, LOCAL, Refused),
    (401, REMOTE, NeedsReconnect),
    (403, LOCAL, Refused),
    (403, REMOTE, NeedsReconnect),
    (404, LOCAL, Gone),
    (404, REMOTE, Refused),
    (405, LOCAL, Refused),
    (409, REMOTE, Refused),
    (429, LOCAL, TryLater),
    (429, REMOTE, TryLater),
    (500, LOCAL, TryLater),
    (500, REMOTE, TryLater),
    (502, LOCAL, TryLater),
    (502, REMOTE, TryLater),
    (504, LOCAL, TryLater),
    (504, REMOTE, TryLater),
    (503, LOCAL, Refused),
    (503, REMOTE, TryLater),
    # not in the table, so what is known of HTTP decides
    (302, LOCAL, Refused),
    (408, LOCAL, TryLater),
    (425, LOCAL, TryLater),
    (418, LOCAL, Refused),
    (599, LOCAL, TryLater),
]


def told(
    status: int, remote: bool = False, headers: dict[str, str] | None = None, **more: Any
) -> ProviderError:
    body = {"statusCode": status, "error": "Word", "message": "said so", **more}
    if remote:
        body["truto_is_remote_error"] = True
    return meaning(Answer(status, headers or {}, json.dumps(body).encode()), scrub)


def page(status: int, body: bytes = b"<html>gateway</html>") -> ProviderError:
    return meaning(Answer(status, {}, body), scrub)


def scrub(text: str) -> str:
    return text.replace(TOKEN, "[removed]")


def test_a_scope_that_is_missing_is_no_refused_authorisation() -> None:
    lacking = told(401, REMOTE, raw_response={"Detail": "AuthorizationUnsuccessful"})
    refused = told(401, REMOTE, raw_response={"Detail": "AuthenticationUnsuccessful"})

    assert "lacks a permission" in lacking.words
    assert "tell whoever runs this installation" in lacking.words
    assert "no longer accepts our access" in refused.words


@pytest.mark.parametrize(("remote", "passing"), [(REMOTE, True), (LOCAL, False)])
def test_a_503_passes_where_it_is_the_products_own(remote: bool, passing: bool) -> None:
    body = json.dumps({"statusCode": 503} | ({"truto_is_remote_error": True} if remote else {}))

    assert is_passing(Answer(503, {}, body.encode())) is passing
    assert not is_passing(Answer(503, {}, b"<html>"))
    assert is_passing(Answer(502, {}, b"<html>"))


@pytest.mark.parametrize(("status", "remote", "expected"), TABLE)
def test_status_has_its_meaning(status: int, remote: bool, expected: type[ProviderError]) -> None:
    assert type(told(status, remote)) is expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [(401, Refused), (403, Refused), (404, Refused), (429, TryLater), (500, TryLater),
     (502, TryLater), (503, TryLater), (504, TryLater), (302, Refused)],
)  # fmt: skip
def test_a_gateways_page_says_nothing_about_the_connection(
    status: int, expected: type[ProviderError]
) -> None:
    assert type(page(status)) is expected
    assert type(page(status, b"")) is expected
    assert type(page(status, b"[1]")) is expected


@pytest.mark.parametrize("flag", ["true", 1, "yes", None, False])
def test_only_a_true_flag_blames_the_product(flag: object) -> None:
    assert type(told(401, truto_is_remote_error=flag)) is Refused


def test_our_bad_token_never_breaks_the_customers_connection() -> None:
    assert "not broken" in told(401).words
    assert "whoever runs this installation" in told(401).words


def test_missing_scopes_are_carried_and_named() -> None:
    insight = {"forbidden_error": {"description": "x", "value": {"missing_scopes": ["a.read"]}}}

    error = told(403, REMOTE, truto_error_insight=insight)

    assert isinstance(error, NeedsReconnect)
    assert error.missing_scopes == ("a.read",)
    assert "a.read" in error.words


@pytest.mark.parametrize(
    "insight",
    [None, [], "x", {"forbidden_error": None}, {"forbidden_error": {"value": []}},
     {"forbidden_error": {"value": {"missing_scopes": {"a": 1}}}}],
)  # fmt: skip
def test_an_insight_of_another_shape_names_nothing(insight: object) -> None:
    error = told(403, REMOTE, truto_error_insight=insight)

    assert isinstance(error, NeedsReconnect)
    assert error.missing_scopes == ()


@pytest.mark.parametrize(
    ("stated", "seconds"), [("10", 10), ("0", 0), ("45", 45), ("soon", 10), ("-5", 10), ("", 10)]
)
def test_a_limit_says_when_to_come_back(stated: str, seconds: int) -> None:
    error = told(429, headers={"Retry-After": stated})

    assert isinstance(error, TryLater)
    assert error.after_seconds == seconds


def test_a_failing_service_passes_its_retry_after_on() -> None:
    error = told(503, REMOTE, headers={"Retry-After": "120"})

    assert isinstance(error, TryLater)
    assert error.after_seconds == 120


def test_an_empty_message_gives_way_to_the_products_own() -> None:
    error = told(401, REMOTE, message="", raw_response={"Detail": "AuthenticationUnsuccessful"})

    assert "AuthenticationUnsuccessful" in str(error)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 500, 503])
@pytest.mark.parametrize("remote", [LOCAL, REMOTE])
def test_a_token_that_is_echoed_is_not_passed_on(status: int, remote: bool) -> None:
    error = told(status, remote, message=f"bad token {TOKEN}")

    assert TOKEN not in f"{error!r}{error}{error.words}{error.args}"


def test_a_long_message_is_cut() -> None:
    error = told(400, message="x" * 10_000)

    assert len(str(error)) < 300
    assert len(error.words) < 500
