"""Readings of the record: is a chain whole, and what happened to a subject."""

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Max, QuerySet

from audit import chain as arithmetic
from audit.models import ChainHead, Event, EventBody


@dataclass(frozen=True)
class Verification:
    """What a look over one chain found; `erased` bodies are allowed and counted."""

    chain: uuid.UUID
    events: int
    head: str
    erased: int
    faults: tuple[str, ...]

    @property
    def whole(self) -> bool:
        return not self.faults


def last_seq(chain: uuid.UUID, kinds: str) -> int:
    """Where the latest event stands whose kind begins with `kinds`; 0 where there is none.

    Two equal answers mean that nothing of these kinds happened in between.
    """
    rows = Event.objects.filter(chain=chain, kind__startswith=kinds)
    return rows.aggregate(last=Max("seq"))["last"] or 0


def verification(chain: uuid.UUID, *, checkpoint: tuple[int, str] | None = None) -> Verification:
    """Walk one chain from its start.

    `checkpoint` is a (seq, hash) kept outside the database: without one, a tail cut together with
    its head, or a rewrite with the key, cannot be seen.
    """
    faults: list[str] = []
    prev, count, erased = arithmetic.GENESIS, 0, 0
    bodies = dict(EventBody.objects.filter(chain=chain).values_list("event_id", "text"))
    seen: dict[int, str] = {}
    for event in Event.objects.filter(chain=chain).order_by("seq").iterator(2000):
        count += 1
        text = bodies.pop(event.id, None)
        erased += text is None
        faults += _faults(event, count, prev, text)
        prev = event.hash
        if checkpoint and event.seq == checkpoint[0]:
            seen[event.seq] = event.hash
    faults += [f"body {event_id} belongs to no event" for event_id in bodies]
    faults += _head_faults(chain, count, prev)
    if checkpoint and checkpoint[0] and seen.get(checkpoint[0]) != checkpoint[1]:
        faults.append(f"event {checkpoint[0]} is not the one of the checkpoint")
    return Verification(chain, count, prev, erased, tuple(faults))


def _faults(event: Event, seq: int, prev: str, text: str | None) -> list[str]:
    found = []
    if event.seq != seq:
        found.append(f"event {seq} is missing: {event.seq} follows")
    if event.prev != prev:
        found.append(f"event {event.seq} does not follow the one before it")
    if text is not None and arithmetic.digest(text) != event.body_digest:
        found.append(f"body of event {event.seq} was changed")
    expected = arithmetic.link(event.prev, event.seq, event.at, event.kind, event.body_digest)
    if expected != event.hash:
        found.append(f"event {event.seq} was changed")
    key = settings.AUDIT_SEAL_KEYS.get(event.key_id)
    if key is None:
        found.append(f"event {event.seq} is sealed with the unknown key {event.key_id!r}")
    elif arithmetic.seal(key, str(event.chain), event.hash) != event.seal:
        found.append(f"seal of event {event.seq} is broken")
    return found


def _head_faults(chain: uuid.UUID, count: int, last: str) -> list[str]:
    head = ChainHead.objects.filter(chain=chain).first()
    if head is None:
        return ["the head of the chain is missing"] if count else []
    if (head.seq, head.hash) != (count, last):
        return [f"the head says {head.seq} events, the chain has {count}: its tail was changed"]
    return []


def history(chain: uuid.UUID, subject: str) -> list[dict[str, Any]]:
    """Events about one subject, newest first: {seq, at, kind, body}; body None where erased."""
    bodies = EventBody.objects.filter(chain=chain, subject=subject)
    texts = dict(bodies.values_list("event_id", "text"))
    events = Event.objects.filter(chain=chain, id__in=list(texts)).order_by("-seq")
    return [
        {"seq": e.seq, "at": e.at, "kind": e.kind, "body": json.loads(texts[e.id])} for e in events
    ]


def dated(chain: uuid.UUID, *, kinds: Iterable[str]) -> list[tuple[str, str, datetime]]:
    """Events of these kinds, oldest first, as (subject, kind, instant); two queries for any number."""
    events = Event.objects.filter(chain=chain, kind__in=list(kinds)).order_by("seq")
    found = list(events.values_list("id", "kind", "at"))
    bodies = EventBody.objects.filter(event_id__in=events.order_by().values("id"))
    subjects = dict(bodies.values_list("event_id", "subject"))
    return [(subjects.get(pk, ""), kind, at) for pk, kind, at in found]


def chains() -> QuerySet[ChainHead]:
    """The heads of all chains."""
    return ChainHead.objects.order_by("chain")
