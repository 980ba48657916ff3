"""What a check looked like on each past day, from the lines of its tasks' histories; pure.

A day counts as it stood at its end (today: now). Days without monitoring are gaps, days on old
data are Stale, and a day on which there was nothing to judge says so: none of them is green.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from checks.status import Status, TaskInstants, status, worst

Span = tuple[datetime, datetime | None]  # half-open; None: not over


@dataclass(frozen=True)
class Point:
    """How a task stood from an instant on: "open", "passed", "waiting" or "closed"."""

    at: datetime
    word: str
    began_at: datetime | None = None
    critical_at: datetime | None = None
    due_at: datetime | None = None


@dataclass(frozen=True)
class Track:
    """One task through time; `points` in order, the first one when it was first judged."""

    points: Sequence[Point]
    rests_on_list: bool = True
    accepted: Sequence[Span] = ()

    def status_at(self, at: datetime, *, stale: bool) -> Status | None:
        """The status at an instant; None before the task existed or counted."""
        index = bisect_right(self.points, at, key=lambda point: point.at) - 1
        if index < 0:
            return None
        point = self.points[index]
        if point.word == "closed":
            return Status.CLOSED
        if point.word == "open" and point.began_at is not None and point.began_at > at:
            return None  # an upcoming leaver's: outside every count until the access ends
        return status(_instants(point, at, stale and self.rests_on_list, self.accepted), at)


def _instants(point: Point, at: datetime, stale: bool, accepted: Sequence[Span]) -> TaskInstants:
    until = next((end for begin, end in accepted if begin <= at and (end is None or at < end)), at)
    return TaskInstants(
        began_at=point.began_at,
        critical_at=point.critical_at,
        due_at=point.due_at,
        resolved_at=point.at if point.word == "passed" else None,
        waiting=point.word == "waiting",
        stale_at=at if stale else None,
        accepted_until=until if until is None or until > at else None,
    )


@dataclass(frozen=True)
class Watch:
    """When a system was monitored, and when its list was read; trouble ends what a reading proves."""

    monitored: Sequence[Span]
    reads: Sequence[datetime] = ()  # in order
    fresh_for: float = 24 * 3600  # seconds
    troubles: Sequence[Span] = ()

    def is_monitored(self, at: datetime) -> bool:
        return within(self.monitored, at)

    def is_stale(self, at: datetime) -> bool:
        """No list yet, an old one, or a connection that could not be read."""
        index = bisect_right(self.reads, at) - 1
        if index < 0 or within(self.troubles, at):
            return True
        return (at - self.reads[index]).total_seconds() >= self.fresh_for


def within(spans: Iterable[Span], at: datetime) -> bool:
    return any(begin <= at and (end is None or at < end) for begin, end in spans)


@dataclass
class Day:
    """One day of a check. `status` None: not monitored, or monitored with nothing to judge."""

    day: date
    status: Status | None
    monitored: bool = True
    counts: dict[Status, int] = field(default_factory=dict)

    @property
    def word(self) -> str:
        if not self.monitored:
            return "Not monitored"
        return self.status.value if self.status is not None else "Nothing to judge"


def day_of(day: date, at: datetime, systems: Iterable[tuple[Watch, Sequence[Track]]]) -> Day:
    """One day over all systems: the worst of their tasks at the instant `at`."""
    counts: dict[Status, int] = {}
    monitored = False
    for watch, tracks in systems:
        if not watch.is_monitored(at):
            continue
        monitored, stale = True, watch.is_stale(at)
        for track in tracks:
            found = track.status_at(at, stale=stale)
            if found is not None and found is not Status.CLOSED:
                counts[found] = counts.get(found, 0) + 1
    return Day(day, worst(counts) if counts else None, monitored, counts)
