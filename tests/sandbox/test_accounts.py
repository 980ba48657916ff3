"""Integrated accounts: their envelopes, the five statuses, and their actions."""

import uuid

import pytest

from tests.sandbox.flow import SECOND, connect, users, wait_for
from tests.sandbox_process import SandboxProcess

FIELDS = {
    "id", "tenant_id", "environment_id", "environment_integration_id", "status", "is_sandbox",
    "authentication_method", "region", "context", "object_store_context_fields",
    "unified_model_override", "last_error", "last_forbidden_error", "integration",
    "environment_integration", "created_at", "updated_at",
}  # fmt: skip


def test_account_has_exactly_trutos_fields(sandbox: SandboxProcess) -> None:
    account_id = connect(sandbox)

    account = sandbox.api("GET", f"/integrated-account/{account_id}").json()

    assert set(account) == FIELDS
    assert account["integration"]["name"] == "xero"
    assert account["integration"]["id"] == "3d324589-7034-4131-8c44-a69ce781fb53"
    assert (account["status"], account["is_sandbox"]) == ("active", False)
    assert account["created_at"].endswith("Z")


def test_account_list_filters_by_tenant_and_status(sandbox: SandboxProcess) -> None:
    mine = connect(sandbox, tenant_id="tenant-one")
    connect(sandbox, SECOND, tenant_id="tenant-two")

    def found(**params: str) -> list[str]:
        answer = sandbox.api("GET", "/integrated-account", params=params).json()
        assert set(answer) == {"result", "next_cursor", "limit"}
        return [row["id"] for row in answer["result"]]

    assert found(tenant_id="tenant-one") == [mine]
    assert found(tenant_id="tenant-one", status="needs_reauth") == []
    assert found(**{"integration.name": "quickbooks"}) == []
    assert len(found(**{"integration.name": "xero"})) == 2


def test_account_list_pages_by_cursor(sandbox: SandboxProcess) -> None:
    made = {connect(sandbox), connect(sandbox), connect(sandbox)}

    first = sandbox.api("GET", "/integrated-account", params={"limit": 2}).json()
    rest = sandbox.api(
        "GET", "/integrated-account", params={"limit": 2, "next_cursor": first["next_cursor"]}
    ).json()

    assert {row["id"] for row in first["result"] + rest["result"]} == made
    assert rest["next_cursor"] is None


def test_account_deleted_is_gone_for_every_call(sandbox: SandboxProcess) -> None:
    account_id = connect(sandbox)

    assert sandbox.api("DELETE", f"/integrated-account/{account_id}").json() == {"id": account_id}

    assert sandbox.api("GET", f"/integrated-account/{account_id}").status_code == 404
    assert sandbox.api("DELETE", f"/integrated-account/{account_id}").status_code == 404
    gone = users(sandbox, account_id)
    assert gone.status_code == 404
    assert "truto_is_remote_error" not in gone.json()


def test_accounts_of_another_environment_are_not_listed(sandbox: SandboxProcess) -> None:
    connect(sandbox)
    (account,) = sandbox.api("GET", "/integrated-account").json()["result"]
    for environment, count in ((account["environment_id"], 1), (str(uuid.uuid4()), 0)):
        asked = f"/integrated-account?environment_id={environment}"
        assert len(sandbox.api("GET", asked).json()["result"]) == count


def test_account_context_is_merged_and_keeps_oauth(sandbox: SandboxProcess) -> None:
    account_id = connect(sandbox)
    body = {"context": {"note": "x", "oauth": {"scope": []}}}

    account = sandbox.api("PATCH", f"/integrated-account/{account_id}", json=body).json()

    assert account["context"]["note"] == "x"
    assert account["context"]["oauth"]["scope"]


def test_account_still_connecting_becomes_active_by_itself(sandbox: SandboxProcess) -> None:
    account_id = connect(sandbox, outcome="connecting", seconds=0.3)

    def status() -> str:
        shown: str = sandbox.api("GET", f"/integrated-account/{account_id}").json()["status"]
        return shown

    assert status() == "connecting"
    assert users(sandbox, account_id).status_code == 400
    wait_for(lambda: status() == "active")
    assert users(sandbox, account_id).ok


@pytest.mark.parametrize("outcome", ["validation_error", "post_install_error"])
def test_account_that_failed_its_setup_is_kept_with_the_error(
    sandbox: SandboxProcess, outcome: str
) -> None:
    account_id = connect(sandbox, outcome=outcome)

    account = sandbox.api("GET", f"/integrated-account/{account_id}").json()

    assert account["status"] == outcome
    assert account["last_error"]
    assert not users(sandbox, account_id).ok


def test_post_install_actions_run_again_make_the_account_active(sandbox: SandboxProcess) -> None:
    account_id = connect(sandbox, outcome="post_install_error")

    sandbox.api("POST", "/integrated-account/run-post-install-actions", json={"id": account_id})

    assert sandbox.api("GET", f"/integrated-account/{account_id}").json()["status"] == "active"


def test_refresh_credentials_works_unless_refused(sandbox: SandboxProcess) -> None:
    account_id = connect(sandbox)
    path, body = "/integrated-account/refresh-credentials", {"id": account_id}
    assert sandbox.api("POST", path, json=body).json() == {"success": True}
    sandbox.control("POST", f"accounts/{account_id}/faults", needs_reauth=True)

    refused = sandbox.api("POST", path, json=body)

    assert (refused.status_code, refused.json()["truto_is_remote_error"]) == (401, True)


def test_account_token_opens_only_data_paths(sandbox: SandboxProcess) -> None:
    account_id = connect(sandbox)
    answer = sandbox.api(
        "POST", "/integrated-account/token", json={"integrated_account_id": account_id}
    )
    headers = {"Authorization": f"Bearer {answer.json()['integrated_account_token']}"}

    assert sandbox.api("GET", "/unified/user-directory/users", headers=headers).ok
    assert sandbox.api("GET", "/integrated-account/me", headers=headers).json()["id"] == account_id
    refused = sandbox.api("GET", "/integrated-account", headers=headers)
    assert refused.status_code == 403
    assert "truto_is_remote_error" not in refused.json()


def test_capabilities_name_the_list_of_users(sandbox: SandboxProcess) -> None:
    account_id = connect(sandbox)

    shown = sandbox.api("GET", f"/integrated-account/{account_id}/capabilities").json()

    directory = [row for row in shown["unified"] if row["model"] == "user-directory"]
    assert directory[0]["methods"] == ["list"]
    assert shown["account"]["is_blocked"] is False
    assert shown["proxy"][0]["resource"] == "users"


def test_unknown_account_is_not_found(sandbox: SandboxProcess) -> None:
    for account_id in (str(uuid.uuid4()), "not-an-id"):
        answer = sandbox.api("GET", f"/integrated-account/{account_id}")
        assert (answer.status_code, answer.json()["statusCode"]) == (404, 404)
