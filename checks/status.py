"""Status: what a task's stored instants mean at a given moment; pure, mirrored once in SQL.

A task never stores a colour. Whoever changes `status` changes the SQL expression of
`checks.selectors` with it; `tests/checks/status_cases.py` holds the table that both must satisfy.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from checks.deadlines import is_overdue


class Status(StrEnum):
    """The labels as people see them; the first six are declared worst first."""

    FAILING = "Failing"
    CRITICAL = "Critical"
    DUE = "Due"
    STALE = "Stale"
    WAITING = "Waiting"
    PASSING = "Passing"
    SPECIAL_CASE = "Special case"
    CLOSED = "Closed"
    UPCOMING = "Upcoming"


WORST_FIRST: tuple[Status, ...] = (
    Status.FAILING,
    Status.CRITICAL,
    Status.DUE,
    Status.STALE,
    Status.WAITING,
    Status.PASSING,
)
OPEN = frozenset({Status.DUE, Status.CRITICAL, Status.FAILING})
LEFT = frozenset({Status.DUE, Status.CRITICAL})  # "tasks left" of a card; "failed" is Failing
# A clock may step back this far without doubt; a reading further ahead of it proves nothing.
CLOCK_SKEW = timedelta(minutes=5)
UNCOUNTED = frozenset({Status.CLOSED, Status.UPCOMING})  # outside every count


@dataclass(frozen=True)
class TaskInstants:
    """What a task stores instead of a status.

    `stale_at` is when the data that a pass rests on gets too old (or when the pass lapses by the
    clock alone); None means a pass that rests on no reading and never goes stale, as check 3's.
    `read_at` is when the reading that a pass rests on began. `closed_at`, `opens_at` and
    `accepted_until` may lie ahead.
    """

    began_at: datetime | None = None
    critical_at: datetime | None = None
    due_at: datetime | None = None
    resolved_at: datetime | None = None
    waiting: bool = False
    stale_at: datetime | None = None
    read_at: datetime | None = None
    accepted_until: datetime | None = None
    opens_at: datetime | None = None
    closed_at: datetime | None = None


def status(instants: TaskInstants, now: datetime) -> Status:
    """The first that applies; an instant that is reached counts as passed.

    closed, not open yet, accepted, waiting, resolved (stale or passing), and else how late it is.
    """
    if _reached(instants.closed_at, now):
        return Status.CLOSED
    if instants.opens_at is not None and instants.opens_at > now:
        return Status.UPCOMING
    if instants.accepted_until is not None and instants.accepted_until > now:
        return Status.SPECIAL_CASE
    if instants.waiting:
        return Status.WAITING
    if _reached(instants.resolved_at, now):
        old = _reached(instants.stale_at, now) or is_ahead(instants.read_at, now)
        return Status.STALE if old else Status.PASSING
    return _urgency(instants, now)


def _urgency(instants: TaskInstants, now: datetime) -> Status:
    """How late an open task is; without a deadline it counts as late, never as harmless."""
    if instants.due_at is None or is_overdue(now, instants.due_at):
        return Status.FAILING
    if instants.critical_at is None or is_overdue(now, instants.critical_at):
        return Status.CRITICAL
    return Status.DUE


def is_ahead(read_at: datetime | None, now: datetime) -> bool:
    """Whether a reading claims to be of the future: the clock was wrong, so its age is unknown."""
    return read_at is not None and read_at > now + CLOCK_SKEW


def _reached(instant: datetime | None, now: datetime) -> bool:
    return instant is not None and instant <= now


def worst(statuses: Iterable[Status]) -> Status:
    """The status of a group of tasks: special cases stand beside, closed and upcoming do not count.

    Nothing but special cases is a special case; nothing at all is Waiting, never a vacuous pass.
    """
    seen = frozenset(statuses)
    if found := next((each for each in WORST_FIRST if each in seen), None):
        return found
    return Status.SPECIAL_CASE if Status.SPECIAL_CASE in seen else Status.WAITING
