"""Is a chain whole? A walk from its start, in pieces, that other writers may overtake."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Exists, OuterRef

from audit import chain as arithmetic
from audit import checkpoints
from audit.checkpoints import Checkpoint
from audit.models import ChainHead, Event, EventBody

PIECE = 2000
FAULTS_KEPT = 1000


@dataclass(frozen=True)
class Verification:
    """What a look over one chain found; `erased` bodies are allowed and counted."""

    chain: uuid.UUID
    events: int
    head: str
    erased: int
    faults: tuple[str, ...]
    checkpoint: Checkpoint | None = None

    @property
    def whole(self) -> bool:
        return not self.faults


def verification(
    chain: uuid.UUID, *, checkpoint: tuple[int, str] | None = None, trusted: bool = True
) -> Verification:
    """Walk one chain from its start, and compare it with the head kept outside the database.

    `checkpoint` is another (seq, hash) to compare with, from a pack or a log. Without any, a tail
    cut together with its head, or a rewrite with the key, cannot be seen. Not `trusted`: without
    the kept head, of a chain that may be older than it.
    """
    kept, faults = _kept(chain) if trusted else (None, [])
    known = {c.seq: c.hash for c in (kept, Checkpoint(*checkpoint) if checkpoint else None) if c}
    head = _head(chain)
    known_head = known | ({head.seq: head.hash} if head else {})
    hashes: dict[int, str] = {}
    prev, count, erased = arithmetic.GENESIS, 0, 0
    for event, body in _events(chain):
        count += 1
        erased += body is None
        faults += _faults(event, count, prev, body)[: max(0, FAULTS_KEPT - len(faults))]
        prev = event.hash
        if event.seq in known_head:
            hashes[event.seq] = event.hash
    faults += [
        f"event {seq} is not the one of the checkpoint: the chain was cut or rewritten"
        for seq, hash_ in known.items()
        if seq and hashes.get(seq) != hash_
    ]
    faults += _head_faults(chain, head, count, prev, hashes) + _orphans(chain)
    return Verification(chain, count, prev, erased, tuple(faults), kept)


def _kept(chain: uuid.UUID) -> tuple[Checkpoint | None, list[str]]:
    try:
        return checkpoints.kept(chain), []
    except checkpoints.Broken as broken:
        return None, [str(broken)]


def _head(chain: uuid.UUID) -> ChainHead | None:
    return ChainHead.objects.filter(chain=chain).first()


def _events(chain: uuid.UUID) -> Iterator[tuple[Event, EventBody | None]]:
    last = -1
    while piece := list(Event.objects.filter(chain=chain, seq__gt=last).order_by("seq")[:PIECE]):
        bodies = EventBody.objects.in_bulk([event.id for event in piece])
        yield from ((event, bodies.get(event.id)) for event in piece)
        last = piece[-1].seq


def _faults(event: Event, seq: int, prev: str, body: EventBody | None) -> list[str]:
    found = []
    if event.seq != seq:
        found.append(f"event {seq} is missing: {event.seq} follows")
    if event.prev != prev:
        found.append(f"event {event.seq} does not follow the one before it")
    expected = arithmetic.link(event.prev, event.seq, event.at, event.kind, event.body_digest)
    if expected != event.hash:
        found.append(f"event {event.seq} was changed")
    if body is not None:
        found += _body_faults(event, body)
    key = settings.AUDIT_SEAL_KEYS.get(event.key_id)
    if key is None:
        found.append(f"event {event.seq} is sealed with the unknown key {event.key_id!r}")
    elif arithmetic.seal(key, str(event.chain), event.hash) != event.seal:
        found.append(f"seal of event {event.seq} is broken")
    return found


def _body_faults(event: Event, body: EventBody) -> list[str]:
    if arithmetic.digest(body.text) != event.body_digest:
        return [f"body of event {event.seq} was changed"]
    said = json.loads(body.text)
    filed = (body.chain, body.subject, body.actor)
    if filed != (event.chain, said.get("subject", ""), actor_of(said.get("by", {}))):
        return [f"body of event {event.seq} is filed wrongly: searches would not find it"]
    return []


def actor_of(by: dict[str, str]) -> str:
    """Under whom an event is found: the person's id, else the kind of actor."""
    return by.get("id") or by.get("kind", "")


def _head_faults(
    chain: uuid.UUID, before: ChainHead | None, count: int, last: str, hashes: dict[int, str]
) -> list[str]:
    """Compare with the head as it was before the walk, and is after it: writers may be at work."""
    after = _head(chain)
    if after is None:
        return ["the head of the chain is missing"] if count else []
    if before is not None and before.seq and hashes.get(before.seq) != before.hash:
        return [f"the head says event {before.seq}, which the chain lacks: its tail was changed"]
    if count > after.seq or (count == after.seq and count and last != after.hash):
        return [f"the head says {after.seq} events, the chain has {count}: its tail was changed"]
    return []


def _orphans(chain: uuid.UUID) -> list[str]:
    events = Event.objects.filter(id=OuterRef("event_id"), chain=chain)
    lost = EventBody.objects.filter(~Exists(events), chain=chain)[:20]
    return [f"body {body.event_id} belongs to no event of this chain" for body in lost]
