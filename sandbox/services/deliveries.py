"""Webhook deliveries: queued with the change they tell of, signed and sent after its commit."""

import base64
import hashlib
import hmac
import json
import random
import threading
from datetime import timedelta
from typing import Any

import requests
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from sandbox import wire
from sandbox.models import Delivery, Switch, Webhook, new_id

TRIES = 4  # the first one and three repeats
LONGEST_WAIT_SECONDS = 10
TIMEOUT_SECONDS = 10
FAILURES_UNTIL_OFF = 5
HOLD = "hold_deliveries"

bell = threading.Event()


def queue(event: str, payload: dict[str, Any]) -> None:
    """Write an event for every webhook that wants it; part of the caller's transaction."""
    held = Switch.objects.filter(name=HOLD, is_on=True).exists()
    for webhook in Webhook.objects.filter(is_active=True):
        if webhook.event_types is None or event in webhook.event_types:
            write(webhook, event, payload, held=held)
    transaction.on_commit(bell.set)


def write(webhook: Webhook, event: str, payload: dict[str, Any], *, held: bool) -> Delivery:
    """Write one delivery row with its final body."""
    event_id, now = new_id(), timezone.now()
    body = {
        "id": event_id,
        "event": event,
        "environment_id": settings.ENVIRONMENT_ID,
        "webhook_id": str(webhook.pk),
        "created_at": wire.timestamp(now),
        "payload": payload,
    }
    return Delivery.objects.create(
        event_id=event_id,
        webhook=webhook,
        event=event,
        body=json.dumps(body, separators=(",", ":")),
        state=Delivery.State.HELD if held else Delivery.State.WAITING,
        created_at=now,
        due_at=now,
    )


def signature(webhook: Webhook, body: bytes) -> str:
    """Sign a body in the webhook's encoding, or in the sandbox's default one."""
    digest = hmac.new(webhook.secret.encode(), body, hashlib.sha256).digest()
    encoding = webhook.encoding or settings.WEBHOOK_ENCODING
    value = digest.hex() if encoding == "hex" else base64.b64encode(digest).decode()
    return f"format=sha256,v={value}"


def post(webhook: Webhook, body: str) -> tuple[int | None, str]:
    """Send one body; give the HTTP status if there was an answer, and the error if there was one.

    Only 200 counts as received.
    """
    raw = body.encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "truto",
        "X-Truto-Signature": signature(webhook, raw),
    }
    try:
        answer = requests.post(
            webhook.target_url,
            data=raw,
            headers=headers,
            timeout=TIMEOUT_SECONDS,
            allow_redirects=False,
        )
    except requests.RequestException as error:
        return None, type(error).__name__
    received = answer.status_code == 200
    return answer.status_code, "" if received else f"answered {answer.status_code}, not 200"


def send_due() -> int:
    """Send what is due, oldest first, and give the number of tries made."""
    due = Delivery.objects.filter(state=Delivery.State.WAITING, due_at__lte=timezone.now())
    rows = list(due.select_related("webhook").order_by("id")[:100])
    for row in rows:
        send(row)
    return len(rows)


def send(row: Delivery) -> None:
    """Try one delivery and store what came of it."""
    status, error = post(row.webhook, row.body)
    row.attempts += 1
    row.last_status, row.last_error = status, error
    if not error:
        row.state = Delivery.State.SENT
    elif row.attempts >= TRIES:
        row.state = Delivery.State.FAILED
    else:
        wait = min(settings.WEBHOOK_BACKOFF_SECONDS * 2 ** (row.attempts - 1), LONGEST_WAIT_SECONDS)
        row.due_at = timezone.now() + timedelta(seconds=wait)
    with transaction.atomic():
        row.save(update_fields=["attempts", "last_status", "last_error", "state", "due_at"])
        if row.state != Delivery.State.WAITING:
            _count_failure(row.webhook_id, failed=row.state == Delivery.State.FAILED)


def _count_failure(webhook_id: Any, *, failed: bool) -> None:
    webhook = Webhook.objects.get(pk=webhook_id)
    webhook.failures_in_a_row = webhook.failures_in_a_row + 1 if failed else 0
    if webhook.failures_in_a_row >= FAILURES_UNTIL_OFF:
        webhook.is_active = False
    webhook.save(update_fields=["failures_in_a_row", "is_active"])


@transaction.atomic
def hold() -> None:
    """Keep new events back until they are released."""
    Switch.objects.update_or_create(name=HOLD, defaults={"is_on": True})


@transaction.atomic
def release(*, order: str, seed: int | None = None, copies: int = 1) -> int:
    """Send what was held, in the order "queued", "reverse" or "shuffle", each `copies` times.

    Gives the number of deliveries that were put on their way.
    """
    Switch.objects.update_or_create(name=HOLD, defaults={"is_on": False})
    rows = [
        row
        for row in Delivery.objects.filter(state=Delivery.State.HELD).order_by("id")
        for _ in range(copies)
    ]
    if order == "reverse":
        rows.reverse()
    elif order == "shuffle":
        random.Random(seed).shuffle(rows)  # noqa: S311  (order, not secrecy)
    Delivery.objects.filter(state=Delivery.State.HELD).delete()
    for row in rows:
        _write_again(row)
    return len(rows)


@transaction.atomic
def resend(row: Delivery, *, copies: int = 1) -> None:
    """Send a delivery again, unchanged: same id, same body."""
    for _ in range(copies):
        _write_again(row)


def _write_again(row: Delivery) -> None:
    Delivery.objects.create(
        event_id=row.event_id, webhook_id=row.webhook_id, event=row.event, body=row.body
    )
    transaction.on_commit(bell.set)
