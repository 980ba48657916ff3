"""`Idempotency-Key`: a request that is sent again has one effect, and gets the first answer again."""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from rest_framework.exceptions import ParseError
from rest_framework.renderers import JSONRenderer

from audit import clock
from workspaces.models import RememberedAnswer
from workspaces.rest.problems import Unprocessable

KEPT = timedelta(hours=24)
_KEY = re.compile(r"[\x21-\x7e]{1,200}")


@dataclass(frozen=True)
class Answer:
    """What a request is answered with; `again` where it is that of an earlier one."""

    status: int
    body: Any
    again: bool = False


def once(request: Any, *, body: Any, act: Callable[[], Answer]) -> Answer:
    """`act`, or the answer that it gave to this token's request with the same key before.

    The key is kept in the transaction of the effect: either both are there or neither, and of two
    requests at once the second waits for the first. What is refused is not kept. Raises ParseError
    for a key that cannot be one, Unprocessable for one that belongs to another request.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return act()
    if not _KEY.fullmatch(key):
        raise ParseError("Idempotency-Key takes 1 to 200 visible ASCII characters.")
    fingerprint = _fingerprint(request, body)
    with transaction.atomic():
        row, new = _row(request, key, fingerprint, clock.now())
        if not new:
            return _replayed(row, fingerprint)
        answer = act()
        row.status = answer.status
        row.body = JSONRenderer().render(answer.body).decode()
        row.save(update_fields=["status", "body"])
    return answer


def forget(now: datetime) -> int:
    """Delete answers that were kept long enough; how many."""
    deleted, _ = RememberedAnswer.objects.filter(created_at__lte=now - KEPT).delete()
    return deleted


def _row(request: Any, key: str, fingerprint: str, now: datetime) -> tuple[RememberedAnswer, bool]:
    named = {"workspace": request._request.workspace, "token": request.auth.id, "key": key}
    RememberedAnswer.objects.filter(**named, created_at__lte=now - KEPT).delete()
    return RememberedAnswer.objects.get_or_create(
        **named, defaults={"fingerprint": fingerprint, "created_at": now}
    )


def _replayed(row: RememberedAnswer, fingerprint: str) -> Answer:
    if row.fingerprint != fingerprint:
        raise Unprocessable(
            "This Idempotency-Key belongs to another request. Nothing was changed. Take a new key."
        )
    body = json.loads(row.body) if row.body else None  # a 204 has none
    return Answer(row.status, body, again=True)


def _fingerprint(request: Any, body: Any) -> str:
    said = [request.method, request.get_full_path(), body]
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()
