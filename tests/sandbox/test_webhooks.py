"""Webhooks: administration, signatures in both encodings, order, repeats and retries."""

import base64
import hashlib
import hmac
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.conftest import Listener
from tests.sandbox.flow import FIRST, connect, link, wait_for
from tests.sandbox_process import SandboxProcess, start_sandbox


def hook(sandbox: SandboxProcess, listener: Listener, **more: Any) -> Any:
    return sandbox.control("POST", "webhooks", target_url=listener.url, secret="s", **more)


def names(listener: Listener) -> list[str]:
    return [event["event"].split(":")[1] for event in listener.events]


def settled(sandbox: SandboxProcess) -> list[dict[str, Any]]:
    """Wait until nothing is on its way any more."""

    def done() -> list[dict[str, Any]] | None:
        rows: list[dict[str, Any]] = sandbox.control("GET", "deliveries")["deliveries"]
        return None if any(row["state"] == "waiting" for row in rows) else rows

    rows: list[dict[str, Any]] = wait_for(done)
    return rows


@pytest.mark.parametrize("encoding", ["hex", "base64"])
def test_delivery_is_signed_in_the_chosen_encoding(
    sandbox: SandboxProcess, listener: Listener, encoding: str
) -> None:
    hook(sandbox, listener, encoding=encoding)

    connect(sandbox)
    settled(sandbox)

    headers, body = listener.received[0]
    digest = hmac.new(b"s", body, hashlib.sha256).digest()
    value = digest.hex() if encoding == "hex" else base64.b64encode(digest).decode()
    assert headers["X-Truto-Signature"] == f"format=sha256,v={value}"
    assert headers["User-Agent"] == "truto"
    assert headers["Content-Type"] == "application/json"


def test_delivery_body_has_exactly_trutos_fields(
    sandbox: SandboxProcess, listener: Listener
) -> None:
    made = hook(sandbox, listener)

    account_id = connect(sandbox)
    settled(sandbox)

    created, active = listener.events
    fields = {"id", "event", "payload", "environment_id", "webhook_id", "created_at"}
    assert set(created) == fields
    assert created["webhook_id"] == made["id"]
    assert created["payload"]["id"] == account_id
    assert (created["payload"]["status"], active["payload"]["status"]) == ("connecting", "active")
    assert set(created["payload"]["integration"]) == {"id", "name", "config"}


def test_events_follow_the_life_of_an_account(sandbox: SandboxProcess, listener: Listener) -> None:
    hook(sandbox, listener)
    account_id = connect(sandbox)
    faults = f"accounts/{account_id}/faults"

    sandbox.control("POST", faults, needs_reauth=True)
    sandbox.control("POST", faults, needs_reauth=None)
    again = link(sandbox, integrated_account_id=account_id)
    sandbox.control("POST", "approve", link_token=again, organisation=FIRST)
    sandbox.api("DELETE", f"/integrated-account/{account_id}")
    settled(sandbox)

    assert names(listener) == [
        "created", "active", "authentication_error", "reactivated", "updated", "active", "deleted",
    ]  # fmt: skip
    assert listener.events[2]["payload"]["status"] == "needs_reauth"
    assert listener.events[-1]["payload"] == {"id": account_id}


@pytest.mark.parametrize("outcome", ["validation_error", "post_install_error"])
def test_failed_setup_is_told_with_its_error(
    sandbox: SandboxProcess, listener: Listener, outcome: str
) -> None:
    hook(sandbox, listener)

    connect(sandbox, outcome=outcome)
    settled(sandbox)

    assert names(listener) == ["created", outcome]
    assert listener.events[1]["payload"]["last_error"]


def test_delivery_is_repeated_until_200(sandbox: SandboxProcess, listener: Listener) -> None:
    hook(sandbox, listener, event_types=["integrated_account:active"])
    listener.answers = [500, 404, 204]

    connect(sandbox)
    rows = settled(sandbox)

    assert [(row["state"], row["attempts"]) for row in rows] == [("sent", 4)]
    assert len({event["id"] for event in listener.events}) == 1


def test_delivery_is_given_up_after_three_repeats(
    sandbox: SandboxProcess, listener: Listener
) -> None:
    hook(sandbox, listener, event_types=["integrated_account:active"])
    listener.answers = [500] * 10

    connect(sandbox)
    rows = settled(sandbox)

    assert [(row["state"], row["attempts"]) for row in rows] == [("failed", 4)]


def test_webhook_that_keeps_failing_is_switched_off(
    sandbox: SandboxProcess, listener: Listener
) -> None:
    made = hook(sandbox, listener, event_types=["integrated_account:active"])
    listener.answers = [500] * 20

    for _ in range(5):
        connect(sandbox)
    settled(sandbox)

    assert sandbox.api("GET", f"/webhook/{made['id']}").json()["is_active"] is False


def test_held_deliveries_go_out_shuffled_and_doubled(
    sandbox: SandboxProcess, listener: Listener
) -> None:
    hook(sandbox, listener)
    sandbox.control("POST", "deliveries/hold")
    connect(sandbox)
    connect(sandbox)
    assert listener.received == []

    sent = sandbox.control("POST", "deliveries/release", order="shuffle", seed=3, copies=2)
    settled(sandbox)

    ids = [event["id"] for event in listener.events]
    assert (sent["released"], len(ids), len(set(ids))) == (8, 8, 4)
    assert names(listener) != ["created", "active"] * 4


def test_resent_delivery_is_the_same_to_the_byte(
    sandbox: SandboxProcess, listener: Listener
) -> None:
    hook(sandbox, listener)
    connect(sandbox)
    row = settled(sandbox)[0]

    sandbox.control("POST", f"deliveries/{row['id']}/resend")
    wait_for(lambda: len(listener.received) == 3)

    assert listener.received[2][1] == listener.received[0][1]


def test_webhook_shows_its_secret_once(sandbox: SandboxProcess, listener: Listener) -> None:
    made = sandbox.api("POST", "/webhook", json={"target_url": listener.url}).json()

    read = sandbox.api("GET", f"/webhook/{made['id']}").json()
    path = f"/webhook/{made['id']}"
    changed = sandbox.api("PATCH", path, json={"is_active": False}).json()

    assert made["secret"]
    assert "secret" not in read
    assert changed["is_active"] is False
    assert sandbox.api("DELETE", path).json() == {"id": made["id"]}
    assert sandbox.api("GET", path).status_code == 404


def test_webhook_target_must_be_https_beyond_this_machine(sandbox: SandboxProcess) -> None:
    answer = sandbox.api("POST", "/webhook", json={"target_url": "http://example.test/hook"})

    assert answer.status_code == 400


def test_test_event_is_sent_at_once(sandbox: SandboxProcess, listener: Listener) -> None:
    made = hook(sandbox, listener)

    answer = sandbox.api("POST", "/webhook/test", json={"id": made["id"]})

    assert answer.json() == {"success": True}
    assert (listener.events[0]["event"], listener.events[0]["payload"]) == ("test", {"foo": "bar"})
    listener.answers = [500]
    assert sandbox.api("POST", "/webhook/test", json={"id": made["id"]}).status_code == 400


def test_webhook_from_the_environment_survives_a_restart(
    data_dir: Path, listener: Listener
) -> None:
    env = {"SANDBOX_WEBHOOK_URL": listener.url, "SANDBOX_WEBHOOK_SECRET": "preset"}
    for _ in range(2):
        started = start_sandbox(data_dir, SANDBOX_WEBHOOK_ENCODING="base64", **env)
        connect(started)
        settled(started)
        assert len(started.api("GET", "/webhook").json()["result"]) == 1
        started.stop()

    headers, body = listener.received[0]
    value = base64.b64encode(hmac.new(b"preset", body, hashlib.sha256).digest()).decode()
    assert headers["X-Truto-Signature"].endswith(value)
    assert len(listener.received) == 4
