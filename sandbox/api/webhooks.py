"""Webhook administration, and the test event."""

import uuid
from typing import Any
from urllib.parse import urlsplit

from django.utils import timezone

from sandbox import errors, wire
from sandbox.api import gate
from sandbox.api.gate import Call
from sandbox.errors import ApiError
from sandbox.models import Webhook
from sandbox.services import deliveries


def find(webhook_id: Any) -> Webhook:
    """Find a webhook by its id; raises ApiError 404."""
    try:
        return Webhook.objects.get(pk=uuid.UUID(str(webhook_id)))
    except (ValueError, Webhook.DoesNotExist) as error:
        raise errors.not_found("Webhook") from error


def _target(body: dict[str, Any]) -> str:
    """Read the target: https as at Truto, or http on this machine."""
    url = gate.text(body, "target_url")
    parts = urlsplit(url)
    local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if parts.scheme == "https" or (parts.scheme == "http" and local):
        return url
    raise errors.invalid(target_url="target_url must be an https address")


def list_all(call: Call) -> dict[str, Any]:
    """Answer `GET /webhook`."""
    rows = [wire.webhook(row) for row in Webhook.objects.all()]
    return {"result": rows, "next_cursor": None, "limit": 5000}


def create(call: Call) -> tuple[dict[str, Any], int]:
    """Answer `POST /webhook`: the only time that the secret is shown."""
    body = call.body()
    row = Webhook.objects.create(
        target_url=_target(body),
        is_active=gate.flag(body, "is_active", default=True),
        event_types=gate.strings(body, "event_types") or None,
    )
    return wire.webhook(row, with_secret=True), 201


def read(call: Call, webhook_id: uuid.UUID) -> dict[str, Any]:
    """Answer `GET /webhook/{id}`."""
    return wire.webhook(find(webhook_id))


def change(call: Call, webhook_id: uuid.UUID) -> dict[str, Any]:
    """Answer `PATCH /webhook/{id}`."""
    row, body = find(webhook_id), call.body()
    if "target_url" in body:
        row.target_url = _target(body)
    if "event_types" in body:
        row.event_types = gate.strings(body, "event_types") or None
    row.is_active = gate.flag(body, "is_active", default=row.is_active)
    row.updated_at = timezone.now()
    row.save(update_fields=["target_url", "event_types", "is_active", "updated_at"])
    return wire.webhook(row)


def delete(call: Call, webhook_id: uuid.UUID) -> dict[str, Any]:
    """Answer `DELETE /webhook/{id}`."""
    row = find(webhook_id)
    row.delete()
    return {"id": str(webhook_id)}


def test(call: Call) -> dict[str, Any]:
    """Answer `POST /webhook/test`: one try, made at once."""
    row = find(call.body().get("id"))
    delivery = deliveries.write(row, "test", {"foo": "bar"}, held=True)
    status, error = deliveries.post(row, delivery.body)
    delivery.state = delivery.State.FAILED if error else delivery.State.SENT
    delivery.attempts, delivery.last_status, delivery.last_error = 1, status, error
    delivery.save(update_fields=["state", "attempts", "last_status", "last_error"])
    if error:
        raise ApiError(400, f"The target could not be reached: {error}")
    return {"success": True}
