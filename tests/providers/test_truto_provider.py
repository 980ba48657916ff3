"""What the Truto provider sends, and what it makes of answers that fit no promise."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import responses

from integrations.providers.base import BadSignature, Gone, Malformed, ProviderError, Refused
from integrations.providers.http import Limits
from integrations.providers.truto import TrutoConfig, TrutoProvider
from tests.providers.contract.worlds import SECRET, TOKEN, signed

API = "https://api.truto.one"
REF = "7b7f5d1c-0000-4000-8000-000000000001"
USERS = f"{API}/unified/user-directory/users"
COMPANY = f"{API}/unified/accounting/company_info"
ACCOUNT = {"id": REF, "tenant_id": "t", "integration": {"name": "xero"}, "status": "active"}


@pytest.fixture
def mock() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as running:
        yield running


@pytest.fixture
def provider() -> Iterator[TrutoProvider]:
    config = TrutoConfig(API, "https://app.truto.one/", TOKEN, (SECRET,), "env-1")
    made = TrutoProvider(config, limits=Limits(backoff=0.01, retries=1))
    yield made
    made.close()


def sent(mock: responses.RequestsMock) -> Any:
    return json.loads(mock.calls[0].request.body or "null")


def test_start_asks_for_a_tenant_and_carries_the_nonce(
    mock: responses.RequestsMock, provider: TrutoProvider
) -> None:
    mock.post(f"{API}/link-token", json={"link_token": "a&b=c"})

    link = provider.start("tenant-1", "nonce-1", "https://hub.example/r?x=1", None, "xero")

    assert link.url == (
        "https://app.truto.one/connect-account?link_token=a%26b%3Dc&integration=xero"
    )
    assert sent(mock) == {
        "tenant_id": "tenant-1",
        "redirect_uri": "https://hub.example/r?x=1",
        "context": {"connect_nonce": "nonce-1"},
    }


def test_start_again_names_the_connection_and_no_tenant(
    mock: responses.RequestsMock, provider: TrutoProvider
) -> None:
    mock.post(f"{API}/link-token", json={"link_token": "abc"}, status=201)

    provider.start("tenant-1", "nonce-1", "https://hub.example/r", REF, "xero")

    assert sent(mock) == {
        "integrated_account_id": REF,
        "persist_previous_context": True,
        "redirect_uri": "https://hub.example/r",
        "context": {"connect_nonce": "nonce-1"},
    }


@pytest.mark.parametrize(
    "answer", [{}, {"link_token": None}, {"link_token": ""}, {"link_token": 1}]
)
def test_start_without_a_token_is_malformed(
    mock: responses.RequestsMock, provider: TrutoProvider, answer: dict[str, object]
) -> None:
    mock.post(f"{API}/link-token", json=answer)

    with pytest.raises(Malformed):
        provider.start("t", "n", "https://hub.example/r", None, "xero")


def test_start_for_an_unknown_connection_is_gone(
    mock: responses.RequestsMock, provider: TrutoProvider
) -> None:
    mock.post(f"{API}/link-token", json={"statusCode": 404, "message": "no"}, status=404)

    with pytest.raises(Gone):
        provider.start("t", "n", "https://hub.example/r", REF, "xero")


def test_page_hands_the_cursor_back_unchanged(
    mock: responses.RequestsMock, provider: TrutoProvider
) -> None:
    mock.get(USERS, json={"result": [{"id": "u"}], "next_cursor": "next/&=+é", "result_count": 9})

    first = provider.page(REF, None, 100)
    provider.page(REF, first.next_cursor, 100)

    assert (first.next_cursor, first.total, first.partial) == ("next/&=+é", 9, False)
    assert mock.calls[0].request.params == {"integrated_account_id": REF, "limit": "100"}  # type: ignore[union-attr]
    assert mock.calls[1].request.params["next_cursor"] == "next/&=+é"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "answer",
    [{}, {"result": None}, {"result": {}}, {"result": ["x"]}, {"result": [None]},
     {"result": [{"name": "no id"}]}, {"result": [], "next_cursor": ""},
     {"result": [], "next_cursor": 5}, {"result": [], "next_cursor": ["x"]},
     {"result": [], "result_count": "5"}, {"result": [], "result_count": -1},
     {"result": [], "result_count": True}, {"result": [], "result_count": 1.5}, []],
)  # fmt: skip
def test_page_of_another_shape_is_malformed(
    mock: responses.RequestsMock, provider: TrutoProvider, answer: object
) -> None:
    mock.get(USERS, json=answer)

    with pytest.raises(Malformed):
        provider.page(REF, None, 100)


@pytest.mark.parametrize("flag", [True, "true", 1, "false", {}])
def test_page_with_any_partial_flag_is_partial(
    mock: responses.RequestsMock, provider: TrutoProvider, flag: object
) -> None:
    mock.get(USERS, json={"result": [], "is_partial_response": flag})

    assert provider.page(REF, None, 100).partial is True


@pytest.mark.parametrize("rows", [[], [{"id": "o-1"}, {"id": "o-2"}]])
def test_organisation_that_is_not_one_is_malformed(
    mock: responses.RequestsMock, provider: TrutoProvider, rows: list[object]
) -> None:
    mock.get(COMPANY, json={"result": rows})

    with pytest.raises(Malformed, match="One organisation"):
        provider.organisation(REF)


def test_data_not_found_of_a_living_connection_is_for_the_operator(
    mock: responses.RequestsMock, provider: TrutoProvider
) -> None:
    mock.get(USERS, json={"statusCode": 404, "message": "no such model"}, status=404)
    mock.get(f"{API}/integrated-account/{REF}", json=ACCOUNT)

    with pytest.raises(Refused):
        provider.page(REF, None, 100)


def test_connection_that_is_another_than_asked_for_is_malformed(
    mock: responses.RequestsMock, provider: TrutoProvider
) -> None:
    mock.get(f"{API}/integrated-account/{REF}", json={**ACCOUNT, "id": "another"})

    with pytest.raises(Malformed):
        provider.connection(REF)


def test_connection_of_another_environment_is_for_the_operator(
    mock: responses.RequestsMock, provider: TrutoProvider
) -> None:
    mock.get(f"{API}/integrated-account/{REF}", json={**ACCOUNT, "environment_id": "env-2"})

    with pytest.raises(Refused, match="environment"):
        provider.connection(REF)


@pytest.mark.parametrize("cursors", [["a", "a"], ["a", "b", "a"]])
def test_candidates_that_turn_in_a_circle_are_malformed(
    mock: responses.RequestsMock, provider: TrutoProvider, cursors: list[str]
) -> None:
    for cursor in cursors:
        mock.get(f"{API}/integrated-account", json={"result": [], "next_cursor": cursor})

    with pytest.raises(Malformed):
        provider.candidates("t", "xero")


def test_candidates_of_others_are_left_out_though_truto_ignores_the_filter(
    mock: responses.RequestsMock, provider: TrutoProvider
) -> None:
    rows = [ACCOUNT, {**ACCOUNT, "id": "b", "tenant_id": "t2"},
            {**ACCOUNT, "id": "c", "integration": {"name": "quickbooks"}}]  # fmt: skip
    mock.get(f"{API}/integrated-account", json={"result": rows})

    assert [one.ref for one in provider.candidates("t", "xero")] == [REF]


@pytest.mark.parametrize("status", [200, 202, 204, 404])
def test_revoke_is_done_when_the_connection_is_no_more(
    mock: responses.RequestsMock, provider: TrutoProvider, status: int
) -> None:
    body = "" if status == 204 else '{"statusCode": 404, "message": "gone"}'
    mock.delete(f"{API}/integrated-account/{REF}", body=body, status=status)

    provider.revoke(REF)


@pytest.mark.parametrize("status", [401, 403, 500, 503])
def test_revoke_that_failed_says_so(
    mock: responses.RequestsMock, provider: TrutoProvider, status: int
) -> None:
    mock.delete(f"{API}/integrated-account/{REF}", json={"statusCode": status}, status=status)

    with pytest.raises(ProviderError):
        provider.revoke(REF)


def test_revoke_answered_by_a_gateways_404_is_not_done(
    mock: responses.RequestsMock, provider: TrutoProvider
) -> None:
    mock.delete(f"{API}/integrated-account/{REF}", body="<html>", status=404)

    with pytest.raises(Refused):
        provider.revoke(REF)


def event(**fields: object) -> tuple[dict[str, str], bytes]:
    return signed(json.dumps({"id": "e-1", "event": "test", **fields}).encode(), "hex")


def test_event_of_deletion_has_no_tenant(provider: TrutoProvider) -> None:
    signal = provider.read_event(*event(event="integrated_account:deleted", payload={"id": REF}))

    assert (signal.ref, signal.tenant_id, signal.created_at) == (REF, None, None)


def test_event_is_named_in_either_way(provider: TrutoProvider) -> None:
    assert provider.read_event(*event(event=None, event_type="test")).kind == "test"


@pytest.mark.parametrize("kind", ["test", "sync_job_run:record", "something:new"])
def test_event_about_something_else_names_no_connection(provider: TrutoProvider, kind: str) -> None:
    signal = provider.read_event(*event(event=kind, payload={"id": REF, "tenant_id": "t"}))

    assert (signal.kind, signal.ref, signal.tenant_id) == (kind, None, None)


@pytest.mark.parametrize(
    "fields", [{"id": None}, {"id": ""}, {"id": 5}, {"event": None}, {"event": ["x"]}]
)
def test_event_without_id_or_name_is_malformed(
    provider: TrutoProvider, fields: dict[str, object]
) -> None:
    with pytest.raises(Malformed):
        provider.read_event(*event(**fields))


@pytest.mark.parametrize("body", [b"", b"[]", b"not json", b'{"id": "1", "id": "2"}'])
def test_event_that_is_no_object_is_malformed(provider: TrutoProvider, body: bytes) -> None:
    with pytest.raises(Malformed):
        provider.read_event(*signed(body, "hex"))


def test_event_beyond_the_cap_is_malformed_once_its_signature_holds(
    provider: TrutoProvider,
) -> None:
    largest = 256 * 1024
    headers, body = signed(b'{"id":"1","event":"test"}'.ljust(largest), "hex")
    assert provider.read_event(headers, body).kind == "test"

    with pytest.raises(Malformed, match="larger"):
        provider.read_event(*signed(body + b" ", "hex"))
    with pytest.raises(BadSignature):
        provider.read_event({}, body + b" ")
