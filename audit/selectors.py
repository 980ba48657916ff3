"""Readings of the record: what happened, to a subject or at all, and is it whole."""

import json
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max, QuerySet

from audit import guards
from audit.models import ChainHead, Event, EventBody
from audit.verifying import Lost, Verification, Walk, begun, resumed, verification, went_on

__all__ = [
    "Lost",
    "Told",
    "Verification",
    "Walk",
    "begun",
    "chains",
    "dated",
    "history",
    "last_hand",
    "last_seq",
    "log",
    "resumed",
    "told",
    "told_all",
    "verification",
    "went_on",
]

PIECE = 500


@dataclass(frozen=True)
class Told:
    """One event as people read it; `by` and `body` are empty where the body was erased."""

    seq: int
    at: datetime
    kind: str
    subject: str
    by: dict[str, str]
    body: dict[str, Any]
    erased: bool
    hash: str  # its link of the chain


def log(
    chain: uuid.UUID,
    *,
    kind: str = "",
    subject: str = "",
    actor: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[Event]:
    """Events of a chain; `kind` may be the start of one, `actor` the id of a person."""
    rows = Event.objects.filter(chain=chain)
    filed = {"subject": subject, "actor": actor}
    wanted = {name: value for name, value in filed.items() if value}
    if wanted:
        bodies = EventBody.objects.filter(chain=chain, **wanted)
        rows = rows.filter(id__in=bodies.values("event_id"))
    rows = rows.filter(kind__startswith=kind) if kind else rows
    rows = rows.filter(at__gte=since) if since else rows
    return rows.filter(at__lt=until) if until else rows


def told(events: Iterable[Event]) -> list[Told]:
    """The events with what they say, in the order given."""
    rows = list(events)
    bodies = EventBody.objects.in_bulk([row.id for row in rows])
    return [_told(row, bodies.get(row.id)) for row in rows]


def told_all(rows: QuerySet[Event]) -> Iterator[Told]:
    """As `told`, newest first and a piece at a time, for exports of any length."""
    rows, last = rows.order_by("-seq"), None
    while piece := list((rows.filter(seq__lt=last) if last else rows)[:PIECE]):
        yield from told(piece)
        last = piece[-1].seq


def _told(event: Event, body: EventBody | None) -> Told:
    said = json.loads(body.text) if body else {}
    by, subject = said.pop("by", {}), said.pop("subject", "")
    return Told(event.seq, event.at, event.kind, subject, by, said, body is None, event.hash)


def history(chain: uuid.UUID, subject: str) -> list[dict[str, Any]]:
    """Events about one subject, newest first: {seq, at, kind, body}; body None where erased."""
    bodies = EventBody.objects.filter(chain=chain, subject=subject)
    texts = dict(bodies.values_list("event_id", "text"))
    events = Event.objects.filter(chain=chain, id__in=list(texts)).order_by("-seq")
    return [
        {"seq": e.seq, "at": e.at, "kind": e.kind, "body": json.loads(texts[e.id])} for e in events
    ]


def last_hand(chain: uuid.UUID, subject: str, *, kinds: str = "") -> str:
    """Who did the latest event about a subject whose kind begins with `kinds`; "" where not known."""
    events = [each for each in history(chain, subject) if each["kind"].startswith(kinds)]
    bodies = [each["body"] for each in events if each["body"]]
    return str(bodies[0].get("by", {}).get("label", "")) if bodies else ""


def mentions(chain: uuid.UUID, *, kind: str, text: str) -> list[dict[str, Any]]:
    """Events of one kind whose body has this text, newest first, as `history` gives them."""
    events = Event.objects.filter(chain=chain, kind=kind)
    bodies = EventBody.objects.filter(event_id__in=events.values("id"), text__contains=text)
    texts = dict(bodies.values_list("event_id", "text"))
    if not texts:
        return []
    found = events.filter(id__in=list(texts)).order_by("-seq")
    return [
        {"seq": e.seq, "at": e.at, "kind": e.kind, "body": json.loads(texts[e.id])} for e in found
    ]


def dated(chain: uuid.UUID, *, kinds: Iterable[str]) -> list[tuple[str, str, datetime]]:
    """Events of these kinds, oldest first, as (subject, kind, instant); two queries for any number."""
    events = Event.objects.filter(chain=chain, kind__in=list(kinds)).order_by("seq")
    found = list(events.values_list("id", "kind", "at"))
    bodies = EventBody.objects.filter(event_id__in=events.order_by().values("id"))
    subjects = dict(bodies.values_list("event_id", "subject"))
    return [(subjects.get(pk, ""), kind, at) for pk, kind, at in found]


def last_seq(chain: uuid.UUID, kinds: str) -> int:
    """Where the latest event stands whose kind begins with `kinds`; 0 where there is none.

    Two equal answers mean that nothing of these kinds happened in between.
    """
    rows = Event.objects.filter(chain=chain, kind__startswith=kinds)
    return rows.aggregate(last=Max("seq"))["last"] or 0


def happened_since(chain: uuid.UUID, kinds: str, seq: int, most: int) -> list[tuple[str, str]]:
    """Kind and subject of the first `most` events after `seq` whose kind begins with `kinds`.

    The subject of a body that was erased is empty.
    """
    rows = Event.objects.filter(chain=chain, kind__startswith=kinds, seq__gt=seq)
    found = list(rows.order_by("seq").values_list("id", "kind")[:most])
    bodies = EventBody.objects.filter(event_id__in=[event for event, _ in found])
    subjects = dict(bodies.values_list("event_id", "subject"))
    return [(kind, subjects.get(event, "")) for event, kind in found]


def chains() -> QuerySet[ChainHead]:
    """The heads of all chains."""
    return ChainHead.objects.order_by("chain")


def guards_off() -> list[str]:
    """Names of the database's own guards of the record that are missing or switched off."""
    return guards.missing()
