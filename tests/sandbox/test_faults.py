"""Every fault that can be switched on for an account, as a client sees it."""

import time
from typing import Any

import pytest
import requests

from tests.sandbox.flow import SECOND, connect, pages, users
from tests.sandbox_process import SandboxProcess


def switch(sandbox: SandboxProcess, account_id: str, **faults: Any) -> Any:
    return sandbox.control("POST", f"accounts/{account_id}/faults", **faults)


@pytest.mark.parametrize(
    ("fault", "options", "status", "remote"),
    [
        ("needs_reauth", True, 401, True),
        ("forbidden", True, 403, True),
        ("rate_limited_local", True, 429, False),
        ("rate_limited_remote", True, 429, True),
        ("server_error", True, 500, False),
        ("server_error", {"remote": True}, 500, True),
        ("bad_gateway", True, 502, False),
        ("gateway_timeout", True, 504, False),
        ("offline", True, 503, True),
        ("blocked", True, 503, False),
    ],
)
def test_fault_answers_with_its_status_and_side(
    sandbox: SandboxProcess, fault: str, options: Any, status: int, remote: bool
) -> None:
    account_id = connect(sandbox)
    switch(sandbox, account_id, **{fault: options})

    answer = users(sandbox, account_id)

    assert answer.status_code == answer.json()["statusCode"] == status
    assert answer.json().get("truto_is_remote_error") is (True if remote else None)
    assert ("raw_response" in answer.json()) is remote
    assert ("remote_error" in answer.json().get("truto_error_insight", {})) is remote


def test_needs_reauth_changes_the_account_until_switched_off(sandbox: SandboxProcess) -> None:
    account_id = connect(sandbox)
    path = f"/integrated-account/{account_id}"

    switch(sandbox, account_id, needs_reauth=True)
    broken = sandbox.api("GET", path).json()
    switch(sandbox, account_id, needs_reauth=None)

    assert broken["status"] == "needs_reauth"
    assert "invalid_grant" in broken["last_error"]
    assert sandbox.api("GET", path).json()["status"] == "active"
    assert users(sandbox, account_id).ok


def test_needs_reauth_on_call_changes_the_account_only_when_it_is_used(
    sandbox: SandboxProcess,
) -> None:
    account_id = connect(sandbox)
    path = f"/integrated-account/{account_id}"
    switch(sandbox, account_id, needs_reauth={"on_call": True})
    assert sandbox.api("GET", path).json()["status"] == "active"

    assert users(sandbox, account_id).status_code == 401

    assert sandbox.api("GET", path).json()["status"] == "needs_reauth"


def test_forbidden_names_scopes_and_leaves_the_status(sandbox: SandboxProcess) -> None:
    account_id = connect(sandbox)
    switch(sandbox, account_id, forbidden={"missing_scopes": ["accounting.settings"]})

    insight = users(sandbox, account_id).json()["truto_error_insight"]

    account = sandbox.api("GET", f"/integrated-account/{account_id}").json()
    assert insight["forbidden_error"]["value"] == {"missing_scopes": ["accounting.settings"]}
    assert account["status"] == "active"
    assert account["last_forbidden_error"]["missing_scopes"] == ["accounting.settings"]


def test_limits_tell_how_long_to_wait(sandbox: SandboxProcess) -> None:
    account_id = connect(sandbox)

    switch(sandbox, account_id, rate_limited_local=True)
    local = users(sandbox, account_id)
    switch(sandbox, account_id, rate_limited_local=None, rate_limited_remote={"retry_after": 3})
    remote = users(sandbox, account_id)

    assert local.headers["Retry-After"] == "10"
    assert remote.headers["Retry-After"] == remote.headers["ratelimit-reset"] == "3"
    assert remote.json()["truto_error_insight"]["rate_limit_error"]["description"]


def test_fault_for_a_few_calls_ends_by_itself(sandbox: SandboxProcess) -> None:
    account_id = connect(sandbox)
    switch(sandbox, account_id, server_error={"remaining": 2})

    codes = [users(sandbox, account_id).status_code for _ in range(3)]

    assert codes == [500, 500, 200]


def test_fault_from_a_later_page_spares_the_first(sandbox: SandboxProcess) -> None:
    account_id = connect(sandbox)
    switch(sandbox, account_id, bad_gateway={"from_page": 2})

    first = users(sandbox, account_id, limit=5)
    second = users(sandbox, account_id, limit=5, next_cursor=first.json()["next_cursor"])

    assert (first.status_code, second.status_code) == (200, 502)


def test_fault_for_one_resource_spares_the_other(sandbox: SandboxProcess) -> None:
    account_id = connect(sandbox)
    switch(sandbox, account_id, server_error={"resource": "company_info"})

    params = {"integrated_account_id": account_id}
    company = sandbox.api("GET", "/unified/accounting/company_info", params=params)

    assert company.status_code == 500
    assert users(sandbox, account_id).ok


def test_slow_answer_waits(sandbox: SandboxProcess) -> None:
    account_id = connect(sandbox)
    switch(sandbox, account_id, slow={"seconds": 0.4})

    began = time.monotonic()

    assert users(sandbox, account_id).ok
    assert time.monotonic() - began >= 0.4


def test_dripping_body_arrives_whole_but_late(sandbox: SandboxProcess) -> None:
    account_id = connect(sandbox)
    switch(sandbox, account_id, dripping={"seconds": 0.02, "bytes": 200})

    began = time.monotonic()
    answer = users(sandbox, account_id)

    assert len(answer.json()["result"]) == 12
    assert time.monotonic() - began >= 0.2


def test_cut_paging_answers_404_for_the_next_page(sandbox: SandboxProcess) -> None:
    account_id = connect(sandbox)
    switch(sandbox, account_id, cut_paging=True)

    first = users(sandbox, account_id, limit=5)
    second = users(sandbox, account_id, limit=5, next_cursor=first.json()["next_cursor"])

    assert (first.status_code, second.status_code) == (200, 404)


def test_dropped_connection_breaks_within_the_next_page(sandbox: SandboxProcess) -> None:
    account_id = connect(sandbox)
    switch(sandbox, account_id, dropped=True)
    first = users(sandbox, account_id, limit=5).json()

    with pytest.raises(requests.RequestException):
        users(sandbox, account_id, limit=5, next_cursor=first["next_cursor"])


def test_repeated_cursor_never_ends(sandbox: SandboxProcess) -> None:
    account_id = connect(sandbox)
    switch(sandbox, account_id, repeated_cursor=True)

    first = users(sandbox, account_id).json()["next_cursor"]

    assert first
    assert users(sandbox, account_id, next_cursor=first).json()["next_cursor"] == first


def test_partial_flag_is_only_there_when_switched_on(sandbox: SandboxProcess) -> None:
    account_id = connect(sandbox)
    assert "is_partial_response" not in users(sandbox, account_id).json()

    switch(sandbox, account_id, partial=True)

    assert users(sandbox, account_id).json()["is_partial_response"] is True


def test_non_json_is_a_web_page_with_status_200(sandbox: SandboxProcess) -> None:
    account_id = connect(sandbox)
    switch(sandbox, account_id, non_json=True)

    answer = users(sandbox, account_id)

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html")


def test_wrong_shape_is_not_a_list(sandbox: SandboxProcess) -> None:
    account_id = connect(sandbox)
    switch(sandbox, account_id, wrong_shape=True)

    assert isinstance(users(sandbox, account_id).json()["result"], dict)


def test_organisation_swapped_reads_the_other(sandbox: SandboxProcess) -> None:
    account_id = connect(sandbox)
    rows = sandbox.control("GET", "organisations")["organisations"]
    other = next(row for row in rows if row["name"] == SECOND)

    switch(sandbox, account_id, organisation_swapped={"organisation": other["id"]})

    params = {"integrated_account_id": account_id}
    company = sandbox.api("GET", "/unified/accounting/company_info", params=params).json()
    assert company["result"][0]["id"] == other["id"]
    assert len(users(sandbox, account_id).json()["result"]) == other["users"]


def test_empty_list_says_it_is_whole(sandbox: SandboxProcess) -> None:
    account_id = connect(sandbox)
    switch(sandbox, account_id, empty_list=True)

    answer = users(sandbox, account_id).json()

    assert (answer["result"], answer["next_cursor"]) == ([], None)


def test_empty_pages_come_between_full_ones(sandbox: SandboxProcess) -> None:
    account_id = connect(sandbox)
    switch(sandbox, account_id, empty_pages=True, page_size={"size": 5})

    sizes = [len(page["result"]) for page in pages(sandbox, account_id, limit=100)]

    assert sizes == [0, 5, 0, 5, 0, 2]


def test_duplicate_row_repeats_the_last_of_a_page(sandbox: SandboxProcess) -> None:
    account_id = connect(sandbox)
    switch(sandbox, account_id, duplicate_row=True)

    ids = [user["id"] for user in users(sandbox, account_id).json()["result"]]

    assert len(ids) == 13
    assert ids[-1] == ids[-2]


def test_all_faults_cleared_at_once(sandbox: SandboxProcess) -> None:
    account_id = connect(sandbox)
    switch(sandbox, account_id, needs_reauth=True, slow=True, partial=True)

    cleared = sandbox.control("DELETE", f"accounts/{account_id}/faults")

    assert (cleared["faults"], cleared["status"]) == ({}, "active")


@pytest.mark.parametrize("how", ["removed", "lowered"])
def test_person_who_authorised_gone_means_403_from_xero(sandbox: SandboxProcess, how: str) -> None:
    account_id = connect(sandbox)
    if how == "removed":
        owner = users(sandbox, account_id).json()["result"][0]["id"]
        sandbox.control("DELETE", f"users/{owner}")
    else:
        owner = users(sandbox, account_id).json()["result"][0]["id"]
        sandbox.control("PATCH", f"users/{owner}", role="READONLY")

    answer = users(sandbox, account_id)

    assert answer.status_code == 403
    assert answer.json()["truto_is_remote_error"] is True
    assert answer.json()["raw_response"]["Title"] == "Forbidden"
    status = sandbox.api("GET", f"/integrated-account/{account_id}").json()["status"]
    assert status == "active"
