"""The list of users: fields, paging, filters, and the same in Xero's own shape."""

import re

from tests.sandbox.flow import FIRST, connect, pages, users
from tests.sandbox_process import SandboxProcess

ENVELOPE = {"result", "next_cursor", "prev_cursor", "result_count"}
USER = {"id", "first_name", "last_name", "name", "emails", "roles", "updated_at", "remote_data"}
XERO = {
    "UserID", "GlobalUserID", "EmailAddress", "FirstName", "LastName", "UpdatedDateUTC",
    "IsSubscriber", "OrganisationRole",
}  # fmt: skip


def test_users_carry_what_xero_knows_and_nothing_else(sandbox: SandboxProcess) -> None:
    answer = users(sandbox, connect(sandbox)).json()

    owner = answer["result"][0]
    assert set(answer) == ENVELOPE
    assert set(owner) == USER
    assert set(owner["remote_data"]) == XERO
    assert owner["emails"] == [{"email": "demo.owner@demo.example", "is_primary": True}]
    assert owner["roles"] == [{"id": "FINANCIALADVISER", "name": "FINANCIALADVISER"}]
    assert owner["name"] == "Demo Owner"
    assert re.fullmatch(r"/Date\(\d{13}\+0000\)/", owner["remote_data"]["UpdatedDateUTC"])
    assert owner["remote_data"]["IsSubscriber"] is True


def test_users_without_a_name_have_no_name_fields(sandbox: SandboxProcess) -> None:
    nameless = users(sandbox, connect(sandbox)).json()["result"][-1]

    assert set(nameless) == USER - {"first_name", "last_name", "name"}
    assert "FirstName" not in nameless["remote_data"]


def test_users_page_by_opaque_cursor_without_gap_or_repeat(sandbox: SandboxProcess) -> None:
    read = pages(sandbox, connect(sandbox), limit=5)

    ids = [user["id"] for page in read for user in page["result"]]
    assert [len(page["result"]) for page in read] == [5, 5, 2]
    assert len(set(ids)) == 12
    assert {page["result_count"] for page in read} == {12}


def test_users_when_a_page_is_exactly_full_the_list_ends(sandbox: SandboxProcess) -> None:
    read = pages(sandbox, connect(sandbox), limit=12)

    assert [len(page["result"]) for page in read] == [12]


def test_users_when_an_earlier_row_goes_the_rest_stays_in_place(sandbox: SandboxProcess) -> None:
    account_id = connect(sandbox)
    first = users(sandbox, account_id, limit=5).json()
    sandbox.control("DELETE", f"users/{first['result'][4]['id']}")

    second = users(sandbox, account_id, limit=5, next_cursor=first["next_cursor"]).json()

    assert second["result"][0]["emails"][0]["email"] == "demo.sales@demo.example"


def test_users_unknown_filters_are_ignored(sandbox: SandboxProcess) -> None:
    account_id = connect(sandbox)

    answer = users(sandbox, account_id, status="inactive", first_name="Nobody").json()

    assert len(answer["result"]) == 12


def test_users_remote_data_can_be_left_out(sandbox: SandboxProcess) -> None:
    answer = users(sandbox, connect(sandbox), truto_ignore_remote_data="true").json()

    assert not any("remote_data" in user for user in answer["result"])


def test_users_fields_can_be_excluded(sandbox: SandboxProcess) -> None:
    params = {"truto_exclude_fields[]": ["emails", "name"]}

    user = users(sandbox, connect(sandbox), **params).json()["result"][0]

    assert set(user) == USER - {"emails", "name"}


def test_users_raw_are_xeros_own_answer(sandbox: SandboxProcess) -> None:
    answer = users(sandbox, connect(sandbox), truto_response_format="raw", limit=2).json()

    assert answer["Status"] == "OK"
    assert len(answer["Users"]) == 12
    assert "result" not in answer


def test_proxy_users_are_xeros_objects_in_trutos_envelope(sandbox: SandboxProcess) -> None:
    params = {"integrated_account_id": connect(sandbox), "limit": 5}

    answer = sandbox.api("GET", "/proxy/users", params=params).json()

    assert set(answer) == ENVELOPE
    assert set(answer["result"][0]) == XERO
    assert answer["next_cursor"]


def test_users_limit_is_capped_at_a_thousand(sandbox: SandboxProcess) -> None:
    made = sandbox.control("POST", "organisations", name="Large", generate=2500)
    account_id = connect(sandbox, made["id"])

    read = pages(sandbox, account_id, limit=5000)

    assert [len(page["result"]) for page in read] == [1000, 1000, 500]


def test_users_with_unusable_limit_or_cursor_are_refused(sandbox: SandboxProcess) -> None:
    account_id = connect(sandbox)

    for params in ({"limit": "0"}, {"limit": "many"}, {"next_cursor": "nonsense"}):
        assert users(sandbox, account_id, **params).status_code == 400


def test_company_info_is_one_row_and_readable_by_id(sandbox: SandboxProcess) -> None:
    params = {"integrated_account_id": connect(sandbox)}
    path = "/unified/accounting/company_info"

    listed = sandbox.api("GET", path, params=params).json()
    company = listed["result"][0]
    read = sandbox.api("GET", f"{path}/{company['id']}", params=params).json()

    assert set(listed) == ENVELOPE
    assert company["name"] == FIRST
    assert company["remote_data"]["OrganisationID"] == company["id"]
    assert read == company


def test_employees_are_not_supported_for_xero(sandbox: SandboxProcess) -> None:
    params = {"integrated_account_id": connect(sandbox)}

    answer = sandbox.api("GET", "/unified/hris/employees", params=params)

    assert answer.status_code == 400
    assert "truto_is_remote_error" not in answer.json()


def test_users_role_can_be_one_that_xero_never_documented(sandbox: SandboxProcess) -> None:
    account_id = connect(sandbox)
    sandbox.control("PATCH", "users/demo.sales@demo.example", role="ADMIN")

    roles = [user["roles"][0]["id"] for user in users(sandbox, account_id).json()["result"]]

    assert "ADMIN" in roles
