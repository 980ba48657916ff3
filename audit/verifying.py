"""Is a chain whole? A walk from its start, in pieces, that other writers may overtake."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from django.conf import settings
from django.core import signing
from django.db.models import Exists, OuterRef

from audit import chain as arithmetic
from audit import checkpoints
from audit.checkpoints import Checkpoint
from audit.models import ChainHead, Event, EventBody

PIECE = 2000
FAULTS_KEPT = 1000
LASTS = 3600  # seconds that a walk may pause between two requests
SALT = "audit.walk"


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


class Lost(Exception):
    """What a walk was to go on from is not one that this chain's walk left behind, or is too old."""


@dataclass
class Walk:
    """How far a walk over one chain has come and what it found so far; it claims nothing yet."""

    chain: uuid.UUID
    kept: Checkpoint | None  # outside the database, when the walk began
    head: Checkpoint | None  # of the chain, when the walk began
    known: dict[int, str]  # links that the chain must have
    met: dict[int, str] = field(default_factory=dict)  # those of them, and the head, as found
    faults: list[str] = field(default_factory=list)
    events: int = 0
    erased: int = 0
    last: int = -1
    prev: str = arithmetic.GENESIS

    @property
    def total(self) -> int:
        """How many events there were when it began."""
        return self.head.seq if self.head else 0

    def meet(self, event: Event, body: EventBody | None) -> None:
        """Take the next event."""
        self.events += 1
        self.erased += body is None
        room = max(0, FAULTS_KEPT - len(self.faults))
        self.faults += _faults(event, self.events, self.prev, body)[:room]
        self.prev, self.last = event.hash, event.seq
        if event.seq in self.known or (self.head and event.seq == self.head.seq):
            self.met[event.seq] = event.hash

    def ended(self) -> Verification:
        """What was found, now that there is no further event."""
        self.faults += [
            f"event {seq} is not the one of the checkpoint: the chain was cut or rewritten"
            for seq, hash_ in self.known.items()
            if seq and self.met.get(seq) != hash_
        ]
        self.faults += _head_faults(self) + _orphans(self.chain)
        faults = tuple(self.faults)
        return Verification(self.chain, self.events, self.prev, self.erased, faults, self.kept)

    def text(self) -> str:
        """The walk to be gone on with by another request: signed, so that nobody makes one up."""
        return signing.dumps(asdict(self) | {"chain": str(self.chain)}, salt=SALT, compress=True)


def begun(
    chain: uuid.UUID, *, checkpoint: tuple[int, str] | None = None, trusted: bool = True
) -> Walk:
    """A walk at the start of a chain. For the parameters see `verification`."""
    kept, faults = _kept(chain) if trusted else (None, [])
    known = {c.seq: c.hash for c in (kept, Checkpoint(*checkpoint) if checkpoint else None) if c}
    return Walk(chain, kept, _head(chain), known, faults=faults)


def resumed(chain: uuid.UUID, text: str) -> Walk:
    """The walk that `Walk.text` put into words. Raises Lost."""
    try:
        said: dict[str, Any] = signing.loads(text, salt=SALT, max_age=LASTS)
    except signing.BadSignature as error:
        raise Lost from error
    if said["chain"] != str(chain):
        raise Lost
    for name in ("known", "met"):
        said[name] = {int(seq): hash_ for seq, hash_ in said[name].items()}
    for name in ("kept", "head"):
        said[name] = Checkpoint(**said[name]) if said[name] else None
    return Walk(**said | {"chain": chain})


def went_on(walk: Walk, *, most: int | None = None) -> bool:
    """Go on over up to `most` events (None: all); whether there may be more of them."""
    until = None if most is None else walk.events + most
    for event, body in _events(walk.chain, walk.last):
        walk.meet(event, body)
        if walk.events == until:
            return True
    return False


def verification(
    chain: uuid.UUID, *, checkpoint: tuple[int, str] | None = None, trusted: bool = True
) -> Verification:
    """Walk one chain from its start, and compare it with the head kept outside the database.

    `checkpoint` is another (seq, hash) to compare with, from a pack or a log. Without any, a tail
    cut together with its head, or a rewrite with the key, cannot be seen. Not `trusted`: without
    the kept head, of a chain that may be older than it.
    """
    walk = begun(chain, checkpoint=checkpoint, trusted=trusted)
    went_on(walk)
    return walk.ended()


def _kept(chain: uuid.UUID) -> tuple[Checkpoint | None, list[str]]:
    try:
        return checkpoints.kept(chain), []
    except checkpoints.Broken as broken:
        return None, [str(broken)]


def _head(chain: uuid.UUID) -> Checkpoint | None:
    found = ChainHead.objects.filter(chain=chain).first()
    return Checkpoint(found.seq, found.hash) if found else None


def _events(chain: uuid.UUID, last: int) -> Iterator[tuple[Event, EventBody | None]]:
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


def _head_faults(walk: Walk) -> list[str]:
    """Compare with the head as it was before the walk, and is after it: writers may be at work."""
    before, after, count = walk.head, _head(walk.chain), walk.events
    if after is None:
        return ["the head of the chain is missing"] if count else []
    if before is not None and before.seq and walk.met.get(before.seq) != before.hash:
        return [f"the head says event {before.seq}, which the chain lacks: its tail was changed"]
    if count > after.seq or (count == after.seq and count and walk.prev != after.hash):
        return [f"the head says {after.seq} events, the chain has {count}: its tail was changed"]
    return []


def _orphans(chain: uuid.UUID) -> list[str]:
    events = Event.objects.filter(id=OuterRef("event_id"), chain=chain)
    lost = EventBody.objects.filter(~Exists(events), chain=chain)[:20]
    return [f"body {body.event_id} belongs to no event of this chain" for body in lost]
