"""What a check looked like on each past day, from the lines of its tasks' histories; pure.

A day counts as it stood at its end. Days without monitoring are gaps, days on old data are Stale,
and a day on which there was nothing to judge says so: none of them is green.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from checks.status import Status, TaskInstants, status, worst

Span = tuple[datetime, datetime | None]  # half-open; None: not over
Read = tuple[datetime, datetime]  # since when a list was the current one, and when it was read


@dataclass(frozen=True)
class Point:
    """How a task stood from an instant on: "open", "passed", "waiting" or "closed"."""

    at: datetime
    word: str
    began_at: datetime | None = None
    critical_at: datetime | None = None
    due_at: datetime | None = None
    lapses_at: datetime | None = None  # when a pass ends by the clock alone


@dataclass(frozen=True)
class Track:
    """Tasks that went through time alike; `points` in order, the first one when it began."""

    points: Sequence[Point]
    rests_on_list: bool = True
    accepted: Sequence[Span] = ()
    number: int = 1  # of tasks
    ends: datetime | None = None  # from then on others tell how these tasks stand

    def status_at(self, at: datetime, *, stale: bool, judged: bool = True) -> Status | None:
        """The status at an instant; None before the task existed or counted.

        `judged` is whether everything known then had been judged: without that nothing passes.
        """
        if self.ends is not None and self.ends <= at:
            return None
        index = bisect_right(self.points, at, key=lambda point: point.at) - 1
        if index < 0:
            return None
        point = self.points[index]
        if point.word == "closed":
            return Status.CLOSED
        ahead = point.began_at is not None and point.began_at > at
        if ahead and point.word in ("open", "waiting"):
            return None  # an upcoming leaver's: outside every count until the access ends
        lapsed = point.lapses_at is not None and point.lapses_at <= at
        stale = lapsed or not judged or (stale and self.rests_on_list)
        return status(_instants(point, at, stale, self.accepted), at)


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
    reads: Sequence[Read] = ()  # in order
    fresh_for: float = 24 * 3600  # seconds
    troubles: Sequence[Span] = ()
    unjudged_since: datetime | None = None  # facts that changed later are not judged yet
    waits: Sequence[tuple[datetime, bool]] = ()  # in order: whether the check as a whole waited

    def waited(self, at: datetime) -> bool | None:
        """Whether not everything could be judged then; None where that is not known."""
        index = bisect_right(self.waits, at, key=lambda each: each[0]) - 1
        return self.waits[index][1] if index >= 0 else None

    def is_judged(self, at: datetime) -> bool:
        return self.unjudged_since is None or at <= self.unjudged_since

    def is_monitored(self, at: datetime) -> bool:
        return within(self.monitored, at)

    def is_stale(self, at: datetime) -> bool:
        """No list yet, an old one, or a connection that could not be read.

        A list that was held proves nothing of the time before somebody accepted it.
        """
        index = bisect_right(self.reads, at, key=lambda each: each[0]) - 1
        if index < 0 or within(self.troubles, at):
            return True
        return (at - self.reads[index][1]).total_seconds() >= self.fresh_for


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
    """One day over all systems: the worst of them at the instant `at`."""
    counts: Counter[Status] = Counter()
    found: list[Status] = []
    watched = [(watch, tracks) for watch, tracks in systems if watch.is_monitored(at)]
    for watch, tracks in watched:
        its = _counts(tracks, at, stale=watch.is_stale(at), judged=watch.is_judged(at))
        counts.update(its)
        found += _as_a_whole(its, waited=watch.waited(at))
    return Day(day, worst(found) if found else None, bool(watched), dict(counts))


def _counts(tracks: Iterable[Track], at: datetime, *, stale: bool, judged: bool) -> Counter[Status]:
    counts: Counter[Status] = Counter()
    for track in tracks:
        found = track.status_at(at, stale=stale, judged=judged)
        if found is not None and found is not Status.CLOSED:
            counts[found] += track.number
    return counts


def _as_a_whole(counts: Counter[Status], *, waited: bool | None) -> list[Status]:
    """The status of one system's check; none without tasks, unless it is known to have waited.

    What could be judged passes only where it is known that all could be.
    """
    if not counts:
        return [Status.WAITING] if waited else []
    whole = worst(counts)
    return [Status.WAITING if whole is Status.PASSING and waited is not False else whole]
