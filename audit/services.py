"""Acts: the transaction in which something happens, what follows from it, and its record."""

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.conf import settings
from django.db import transaction

from audit import chain, checkpoints, clock, contention, verifying
from audit.models import ChainHead, Event, EventBody

INSTALLATION = checkpoints.INSTALLATION
LARGEST_BATCH = (
    2_000_000  # characters of bodies written at once: a statement is copied several times
)


class HasId(Protocol):
    @property
    def id(self) -> uuid.UUID: ...


@dataclass(frozen=True)
class Actor:
    """Who acts, made at the edge: kind is "user", "token", "visitor", "system" or "command"."""

    kind: str
    id: str = ""
    label: str = ""
    ip: str = ""
    request_id: str = ""
    token_id: str = ""


@dataclass(frozen=True)
class Recorded:
    """One event on its way into the chain. `touched` names what reactions should look at."""

    kind: str
    subject: str
    body: dict[str, Any]
    touched: frozenset[str]


@dataclass
class Act:
    """The running act: the instant it counts as happening at, and what it has recorded so far."""

    chain: uuid.UUID
    by: Actor
    now: datetime
    events: list[Recorded] = field(default_factory=list)

    def of(self, kinds: Iterable[str]) -> list[Recorded]:
        wanted = frozenset(kinds)
        return [event for event in self.events if event.kind in wanted]


Reaction = Callable[[Act, Sequence[Recorded]], None]
_reactions: list[tuple[frozenset[str], Reaction]] = []
_current: ContextVar[Act | None] = ContextVar("audit_act", default=None)


def register(table: Iterable[tuple[Iterable[str], Reaction]]) -> None:
    """Add rows (event kinds, function); in every act each function runs at most once, in order."""
    _reactions.extend((frozenset(kinds), function) for kinds, function in table)


@contextmanager
def act(workspace: HasId | None, *, by: Actor) -> Iterator[Act]:
    """One transaction: the change, its consequences and its record commit together or not at all.

    Acts of one workspace take turns, so a long one keeps the others waiting: no network in an act.
    Inside a running act of the same chain this joins it. Raises RuntimeError for another chain.
    """
    key = workspace.id if workspace is not None else INSTALLATION
    running = _current.get()
    if running is not None:
        if running.chain != key:
            raise RuntimeError("An act of one workspace must not reach into another.")
        yield running
        return
    with transaction.atomic():
        if workspace is not None:  # sign-ins of all companies need not wait for each other
            contention.wait_turn(key)
        this = Act(key, by, clock.now())
        token = _current.set(this)
        try:
            yield this
            _react(this)
            _write(this)
        finally:
            _current.reset(token)


def record(kind: str, *, subject: str = "", touched: Iterable[str] = (), **body: Any) -> None:
    """Queue an event of the running act: what happened, to whom, and the changed fields.

    `body` must hold no secret. Raises RuntimeError outside an act: no change goes unrecorded.
    """
    running = _current.get()
    if running is None:
        raise RuntimeError(f"record({kind!r}) outside of audit.act")
    running.events.append(Recorded(kind, subject, body, frozenset(touched)))


def current() -> Act:
    """The running act. Raises RuntimeError outside of one."""
    running = _current.get()
    if running is None:
        raise RuntimeError("This needs a running audit.act.")
    return running


def _react(this: Act) -> None:
    """Run each reaction once, over all events of its kinds, those of earlier reactions included."""
    for kinds, function in _reactions:
        events = this.of(kinds)
        if events:
            function(this, events)


def _write(this: Act) -> None:
    """Lock the head and append: the last statements before commit, so the lock is held shortly."""
    if not this.events:
        return
    head, _ = ChainHead.objects.get_or_create(
        chain=this.chain, defaults={"seq": 0, "hash": chain.GENESIS}
    )
    head = ChainHead.objects.select_for_update().get(chain=this.chain)
    waiting: list[tuple[Event, EventBody]] = []
    size = 0
    for seq, recorded in enumerate(this.events, head.seq + 1):
        event, body = _link(this, recorded, seq, head.hash)
        head.seq, head.hash = seq, event.hash
        waiting.append((event, body))
        size += len(body.text)
        if len(waiting) >= 500 or size > LARGEST_BATCH:
            _append(waiting)
            waiting, size = [], 0
    _append(waiting)
    head.save(update_fields=["seq", "hash"])


def _append(pairs: list[tuple[Event, EventBody]]) -> None:
    Event.objects.bulk_create(event for event, _ in pairs)
    EventBody.objects.bulk_create(body for _, body in pairs)


def _link(this: Act, recorded: Recorded, seq: int, prev: str) -> tuple[Event, EventBody]:
    by = {key: value for key, value in vars(this.by).items() if value}
    text = chain.canonical({"by": by, "subject": recorded.subject, **recorded.body})
    body_digest = chain.digest(text)
    hash_ = chain.link(prev, seq, this.now, recorded.kind, body_digest)
    key_id, key = next(iter(settings.AUDIT_SEAL_KEYS.items()))
    event = Event(
        chain=this.chain,
        seq=seq,
        at=this.now,
        kind=recorded.kind,
        body_digest=body_digest,
        prev=prev,
        hash=hash_,
        key_id=key_id,
        seal=chain.seal(key, str(this.chain), hash_),
    )
    body = EventBody(
        event_id=event.id,
        chain=this.chain,
        subject=recorded.subject,
        actor=verifying.actor_of(by),
        text=text,
    )
    return event, body
