"""Link tokens: what may be asked for, and that each works once."""

import uuid

import pytest

from tests.sandbox.flow import FIRST, connect, link
from tests.sandbox_process import SandboxProcess


def test_link_token_is_the_whole_answer(sandbox: SandboxProcess) -> None:
    answer = sandbox.api("POST", "/link-token", json={"tenant_id": "tenant-one"}).json()

    assert list(answer) == ["link_token"]
    assert uuid.UUID(answer["link_token"])


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"tenant_id": ""},
        {"tenant_id": 7},
        {"tenant_id": "t", "integrated_account_id": "5a9db0c5-0000-4000-8000-0000000000aa"},
        {"integrated_account_id": "not-an-id"},
        {"tenant_id": "t", "context": []},
        {"tenant_id": "t", "scopes": "one"},
        {"tenant_id": "t", "region": "moon"},
        {"tenant_id": "t", "redirect_uri": "javascript:alert(1)"},
        {"tenant_id": "t", "persist_previous_context": "yes"},
    ],
)
def test_link_token_with_bad_field_names_it(
    sandbox: SandboxProcess, body: dict[str, object]
) -> None:
    answer = sandbox.api("POST", "/link-token", json=body)

    assert answer.status_code == 400
    assert answer.json()["details"]["failures"][0]["field"]


def test_link_token_for_unknown_account_is_not_found(sandbox: SandboxProcess) -> None:
    body = {"integrated_account_id": str(uuid.uuid4())}

    assert sandbox.api("POST", "/link-token", json=body).status_code == 404


def test_link_token_used_twice_is_invalid(sandbox: SandboxProcess) -> None:
    token = link(sandbox)
    first = sandbox.control("POST", "approve", link_token=token, organisation=FIRST)

    second = sandbox.control("POST", "approve", link_token=token, organisation=FIRST)

    assert first["result"] == "success"
    assert (second["result"], second["error_type"]) == ("error", "invalid_token")
    assert len(sandbox.control("GET", "accounts")["accounts"]) == 1


def test_link_token_after_seven_days_is_invalid(sandbox: SandboxProcess) -> None:
    token = link(sandbox)
    sandbox.control("POST", "link-tokens/expire", link_token=token)

    message = sandbox.control("POST", "approve", link_token=token, organisation=FIRST)

    assert message["error_type"] == "invalid_token"


def test_link_token_denied_makes_no_account_and_works_again(sandbox: SandboxProcess) -> None:
    token = link(sandbox)
    approve = {"link_token": token, "organisation": FIRST}

    denied = sandbox.control("POST", "approve", **approve, outcome="denied")

    assert denied["error_type"] == "connection_error"
    assert sandbox.api("GET", "/integrated-account").json()["result"] == []
    assert sandbox.control("POST", "approve", **approve)["result"] == "success"


def test_reconnect_keeps_the_id_and_merges_context(sandbox: SandboxProcess) -> None:
    first = link(sandbox, tenant_id="tenant-one", context={"nonce": "a", "kept": "yes"})
    made = sandbox.control("POST", "approve", link_token=first, organisation=FIRST)
    account_id = made["integrated_account_id"]
    again = link(
        sandbox,
        integrated_account_id=account_id,
        persist_previous_context=True,
        context={"nonce": "b"},
    )

    message = sandbox.control("POST", "approve", link_token=again, organisation=FIRST)

    account = sandbox.api("GET", f"/integrated-account/{account_id}").json()
    assert message["integrated_account_id"] == account_id
    assert account["tenant_id"] == "tenant-one"
    assert (account["context"]["nonce"], account["context"]["kept"]) == ("b", "yes")
    assert account["context"]["oauth"]["scope"]


def test_reconnect_without_persisting_drops_old_context(sandbox: SandboxProcess) -> None:
    first = link(sandbox, tenant_id="tenant-one", context={"kept": "no"})
    made = sandbox.control("POST", "approve", link_token=first, organisation=FIRST)
    again = link(sandbox, integrated_account_id=made["integrated_account_id"])

    sandbox.control("POST", "approve", link_token=again, organisation=FIRST)

    account = sandbox.control("GET", "accounts")["accounts"][0]
    assert "kept" not in account["context"]


def test_reconnect_ends_needing_reauth(sandbox: SandboxProcess) -> None:
    account_id = connect(sandbox)
    sandbox.control("POST", f"accounts/{account_id}/faults", needs_reauth=True)
    again = link(sandbox, integrated_account_id=account_id, persist_previous_context=True)

    sandbox.control("POST", "approve", link_token=again, organisation=FIRST)

    account = sandbox.api("GET", f"/integrated-account/{account_id}").json()
    assert (account["status"], account["last_error"]) == ("active", None)
