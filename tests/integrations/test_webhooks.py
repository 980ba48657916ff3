"""Truto's webhooks: only signed ones, kept once, and never taken for the truth."""

import base64
import hashlib
import hmac
import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from audit import clock
from integrations.models import ConnectAttempt, Connection, ProviderEvent
from integrations.services import events
from tests.integrations.conftest import Person, committed

pytestmark = pytest.mark.django_db

PATH = "/webhooks/truto/"
OLD, NEW = "the-old-secret", "the-new-secret"
ENVIRONMENT = "00000000-0000-4000-8000-00000000e001"


@pytest.fixture(autouse=True)
def secrets(settings: Any) -> None:
    settings.TRUTO_WEBHOOK_SECRETS = [NEW, OLD]
    settings.TRUTO_ENVIRONMENT_ID = ENVIRONMENT


def event(kind: str = "integrated_account:active", **changes: Any) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid4()),
        "event": kind,
        "payload": {"id": str(uuid.uuid4())},
        "environment_id": ENVIRONMENT,
        "webhook_id": str(uuid.uuid4()),
        "created_at": clock.now().isoformat(),
        **changes,
    }


def signature(body: bytes, secret: str = NEW, *, encoding: str = "hex") -> str:
    digest = hmac.digest(secret.encode(), body, hashlib.sha256)
    value = digest.hex() if encoding == "hex" else base64.b64encode(digest).decode()
    return f"format=sha256,v={value}"


def post(body: bytes, signed: str | None) -> HttpResponse:
    headers = {} if signed is None else {"x-truto-signature": signed}
    client = Client(enforce_csrf_checks=True)
    return client.post(PATH, body, content_type="application/json", headers=headers)


def send(what: dict[str, Any], **how: Any) -> HttpResponse:
    body = json.dumps(what).encode()
    return post(body, signature(body, **how))


def handle_all(person: Person) -> None:
    for row in ProviderEvent.objects.all():
        with committed():
            events.handle(row.pk, by=person.by)


@pytest.mark.parametrize("encoding", ["hex", "base64"])
@pytest.mark.parametrize("secret", [OLD, NEW])
def test_webhook_signed_with_either_secret_is_kept(secret: str, encoding: str) -> None:
    what = event()
    answer = send(what, secret=secret, encoding=encoding)
    assert answer.status_code == 200
    kept = ProviderEvent.objects.get()
    assert (kept.event_id, kept.kind) == (what["id"], what["event"])
    assert kept.ref == what["payload"]["id"]


@pytest.mark.parametrize("signed", [None, "", "format=sha256,v=", "format=sha1,v=00", "v=00"])
def test_webhook_without_a_signature_is_refused(signed: str | None) -> None:
    assert post(json.dumps(event()).encode(), signed).status_code == 401
    assert not ProviderEvent.objects.exists()


def test_webhook_with_another_secret_is_refused() -> None:
    assert send(event(), secret="somebody-elses").status_code == 401
    assert not ProviderEvent.objects.exists()


def test_webhook_changed_on_the_way_is_refused() -> None:
    body = json.dumps(event()).encode()
    assert post(body + b" ", signature(body)).status_code == 401
    assert not ProviderEvent.objects.exists()


def test_webhook_with_no_secret_configured_is_refused(settings: Any) -> None:
    settings.TRUTO_WEBHOOK_SECRETS = []
    assert send(event(), secret="").status_code == 401


@pytest.mark.parametrize(("size", "kept"), [(256 * 1024, 1), (256 * 1024 + 1, 0)])
def test_webhook_is_read_up_to_a_size_and_answered_200_all_the_same(size: int, kept: int) -> None:
    body = json.dumps(event(filler="")).encode()
    body = body.replace(b'"filler": ""', b'"filler": "' + b"x" * (size - len(body)) + b'"')
    assert len(body) == size
    assert post(body, signature(body)).status_code == 200
    assert ProviderEvent.objects.count() == kept
    assert post(body, signature(body, "somebody-elses")).status_code == 401


def test_webhook_larger_than_any_request_is_refused(settings: Any) -> None:
    settings.LARGEST_BODY = 1000
    body = json.dumps(event(filler="x" * 1000)).encode()
    assert post(body, signature(body)).status_code == 413


def test_webhook_by_get_is_refused() -> None:
    assert Client().get(PATH).status_code == 405


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b'{"id": "1"}', b"\xff"])
def test_webhook_signed_but_not_understood_is_answered_200(body: bytes) -> None:
    assert post(body, signature(body)).status_code == 200
    assert not ProviderEvent.objects.exists()


def test_webhook_repeated_is_kept_once() -> None:
    what = event()
    assert [send(what).status_code for _ in range(10)] == [200] * 10
    assert ProviderEvent.objects.count() == 1


@pytest.mark.parametrize("kind", ["test", "sync_job_run:completed", "something:new"])
def test_webhook_about_something_else_is_parked(kind: str) -> None:
    assert send(event(kind)).status_code == 200
    assert ProviderEvent.objects.get().parked_why == "not about an account"


def test_webhook_of_another_environment_is_parked(settings: Any) -> None:
    settings.TRUTO_ENVIRONMENT_ID = "00000000-0000-4000-8000-00000000e002"
    assert send(event()).status_code == 200
    assert ProviderEvent.objects.get().parked_why == "another environment"


def test_webhook_older_than_a_day_is_parked() -> None:
    stated = (clock.now() - timedelta(hours=25)).strftime("%Y-%m-%d %H:%M:%S")
    assert send(event(created_at=stated)).status_code == 200
    assert ProviderEvent.objects.get().parked_why == "older than a day"


def test_webhook_about_an_unknown_account_is_parked(person: Person) -> None:
    send(event())
    handle_all(person)
    assert ProviderEvent.objects.get().parked_why == "nothing here is about this account"


def test_webhook_tells_to_look_and_the_attempt_is_adopted(person: Person) -> None:
    attempt = person.start()
    ref = person.allow(attempt)["integrated_account_id"]
    send(event(payload={"id": ref, "tenant_id": str(person.workspace.id)}))
    handle_all(person)
    attempt.refresh_from_db()
    assert attempt.outcome == "connected"
    assert ProviderEvent.objects.get().handled_at is not None


def test_webhook_that_lies_about_a_status_changes_nothing(
    person: Person, connected: ConnectAttempt
) -> None:
    ref = Connection.objects.get().ref
    lie = {"id": ref, "tenant_id": str(person.workspace.id), "status": "needs_reauth"}
    send(event("integrated_account:authentication_error", payload=lie))
    handle_all(person)
    assert Connection.objects.get().authorisation == Connection.Authorisation.CONNECTED


def test_webhook_of_refused_credentials_asks_for_a_reconnect(
    person: Person, connected: ConnectAttempt
) -> None:
    ref = Connection.objects.get().ref
    person.sandbox.control("POST", f"accounts/{ref}/faults", needs_reauth=True)
    send(event("integrated_account:authentication_error", payload={"id": ref}))
    handle_all(person)
    connection = Connection.objects.get()
    assert connection.authorisation == Connection.Authorisation.NEEDS_RECONNECT
    assert "Reconnect" in connection.trouble


def test_webhook_of_a_deleted_account_asks_for_a_reconnect(
    person: Person, connected: ConnectAttempt
) -> None:
    ref = Connection.objects.get().ref
    person.sandbox.api("DELETE", f"/integrated-account/{ref}")
    send(event("integrated_account:deleted", payload={"id": ref}))
    handle_all(person)
    assert Connection.objects.get().authorisation == Connection.Authorisation.NEEDS_RECONNECT


def test_webhook_that_names_another_tenant_is_about_nobody(
    person: Person, connected: ConnectAttempt
) -> None:
    ref = Connection.objects.get().ref
    send(event(payload={"id": ref, "tenant_id": str(uuid.uuid4())}))
    handle_all(person)
    assert ProviderEvent.objects.get().parked_why == "nothing here is about this account"


def test_webhook_whose_doorbell_was_lost_is_handled_later(person: Person) -> None:
    attempt = person.start()
    person.allow(attempt)
    send(event(payload={"id": "any", "tenant_id": str(person.workspace.id)}))
    ProviderEvent.objects.update(received_at=clock.now() - timedelta(minutes=1))
    with committed():
        assert events.handle_waiting(by=person.by) == 1
    attempt.refresh_from_db()
    assert attempt.outcome == "connected"


def test_webhook_is_spent_only_once_truto_was_really_asked(
    person: Person, connected: ConnectAttempt, settings: Any
) -> None:
    ref, there = Connection.objects.get().ref, settings.TRUTO_API_BASE_URL
    person.sandbox.control("POST", f"accounts/{ref}/faults", needs_reauth=True)
    send(event("integrated_account:authentication_error", payload={"id": ref}))
    settings.TRUTO_API_BASE_URL = "http://127.0.0.1:9"
    handle_all(person)
    assert Connection.objects.get().authorisation == Connection.Authorisation.CONNECTED
    settings.TRUTO_API_BASE_URL = there
    long_ago = clock.now() - timedelta(minutes=1)
    ProviderEvent.objects.update(received_at=long_ago, tried_at=long_ago)
    assert events.handle_waiting(by=person.by) == 1
    assert Connection.objects.get().authorisation == Connection.Authorisation.NEEDS_RECONNECT
    assert events.handle_waiting(by=person.by) == 0


def test_webhook_that_could_not_be_followed_for_a_day_is_parked(
    person: Person, connected: ConnectAttempt, settings: Any
) -> None:
    send(event("integrated_account:active", payload={"id": Connection.objects.get().ref}))
    settings.TRUTO_API_BASE_URL = "http://127.0.0.1:9"
    ProviderEvent.objects.update(received_at=clock.now() - timedelta(days=1))
    assert events.handle_waiting(by=person.by) == 1
    assert ProviderEvent.objects.get().parked_why == "nobody could be asked for a day"


def test_webhook_of_the_running_sandbox_is_understood(person: Person) -> None:
    """The bytes that the pretend Truto signs and sends, in both encodings."""
    for encoding in ("hex", "base64"):
        person.sandbox.control(
            "POST", "webhooks", target_url="http://127.0.0.1:9/", secret=NEW, encoding=encoding,
            only=True,
        )  # fmt: skip
        person.sandbox.control("POST", "deliveries/hold")
        attempt = person.start()
        person.allow(attempt, outcome="validation_error")
        sent = person.sandbox.control("GET", "deliveries")["deliveries"]
        for delivery in sent:
            body = delivery["body"].encode()
            assert post(body, signature(body, encoding=encoding)).status_code == 200
        handle_all(person)
        attempt.refresh_from_db()
        assert attempt.outcome == "validation_error"
