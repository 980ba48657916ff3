"""How the tasks of a check stood over time, grouped by the database: few tracks for many tasks."""

import uuid
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
    Window,
)
from django.db.models.functions import Lead, RowNumber

from checks.models import SpecialCase, Task, TaskEvent
from checks.rules import BY_ID
from checks.timeline import Point, Span, Track
from workspaces import bulk

Tracks = dict[str, list[Track]]  # by system id
CLOCK = ("began_at", "critical_at", "due_at")
IN_FORCE_ONCE = (SpecialCase.State.APPROVED, SpecialCase.State.ENDED)
# Lines that leave a task as it stood: the first of them also tells how it had stood before.
NEUTRAL = frozenset({"assigned", "accepted", "confirmed", "exception ended"})


@dataclass(frozen=True)
class _Stretch:
    """How tasks of one system stood from an instant on, until another line says otherwise."""

    system_id: str
    word: str
    at: datetime
    ends: datetime | None
    began_at: datetime | None
    critical_at: datetime | None
    due_at: datetime | None
    lapses_at: datetime | None


def tracks_of(system_ids: Sequence[uuid.UUID], check_id: str, ends: Sequence[datetime]) -> Tracks:
    """The tracks by system, exact at the instants `ends` (in order) and only there."""
    rows = Task.objects.filter(system__in=system_ids, check_id=check_id)
    excepted = Exists(SpecialCase.objects.filter(task=OuterRef("pk"), state__in=IN_FORCE_ONCE))
    plain, rests = rows.filter(~excepted), BY_ID[check_id].needs_list
    found: defaultdict[str, list[Track]] = defaultdict(list)
    for stretch, number in _rounded([*_untold(plain), *_told(plain, ends[0])], ends).items():
        found[stretch.system_id].append(_track(stretch, number, rests))
    for system_id, track in _accepted(rows.filter(excepted), rests):
        found[system_id].append(track)
    return found


def _track(stretch: _Stretch, number: int, rests: bool) -> Track:
    clock = (stretch.began_at, stretch.critical_at, stretch.due_at, stretch.lapses_at)
    return Track([Point(stretch.at, stretch.word, *clock)], rests, (), number, stretch.ends)


def _untold(rows: QuerySet[Task]) -> Iterator[tuple[_Stretch, int]]:
    """Tasks without a line stand as they always stood since they were first judged."""
    lines = TaskEvent.objects.filter(task=OuterRef("pk")).exclude(status="")
    word = Case(
        When(waiting=True, then=Value("waiting")),
        When(resolved_at__isnull=True, then=Value("open")),
        default=Value("passed"),
        output_field=CharField(),
    )
    alike = rows.filter(~Exists(lines)).annotate(word=word)
    names = ("system_id", "word", "created_at", "closed_at", *CLOCK, "lapses_at")
    for row in bulk.counted(alike, *names):
        yield _Stretch(*row[:-1]), row[-1]


def _told(rows: QuerySet[Task], start: datetime) -> Iterator[tuple[_Stretch, int]]:
    """What the lines of the others say, each until the next one."""
    order: dict[str, Any] = {
        "partition_by": F("task_id"),
        "order_by": [F("at").asc(), F("id").asc()],
    }
    lines = TaskEvent.objects.filter(task__in=rows).exclude(status="")
    lines = lines.annotate(
        next=Window(Lead("at"), **order),
        lapses=Window(Lead("lapsed_at"), **order),
        place=Window(RowNumber(), **order),
    )
    lines = lines.filter(Q(next__isnull=True) | Q(next__gt=start))
    of_task = ("task__system_id", "task__created_at", "task__closed_at", "task__lapses_at")
    for *row, number in bulk.counted(
        lines, *of_task, "kind", "place", "status", "at", "next", *CLOCK, "lapsed_at", "lapses"
    ):
        system_id, created_at, closed_at, lapses_at, kind, place, word, at, until = row[:9]
        began_at, critical_at, due_at, lapsed_at, lapses = row[9:]
        clock = (began_at, critical_at, due_at)
        if place == 1 and created_at < at:
            stood = word if kind in NEUTRAL else "waiting"  # its beginning was not kept
            yield _Stretch(system_id, stood, created_at, at, *clock, lapsed_at), number
        ends, lapses = (closed_at, lapses_at) if until is None else (until, lapses)
        yield _Stretch(system_id, word, at, ends, *clock, lapses), number


def _rounded(
    stretches: Sequence[tuple[_Stretch, int]], ends: Sequence[datetime]
) -> Counter[_Stretch]:
    """Equal where they look the same at every one of `ends`: each instant moves to the next end."""
    far = ends[-1] + timedelta(days=1)

    def moved(at: datetime | None) -> datetime | None:
        if at is None:
            return None
        place = bisect_left(ends, at)
        return ends[place] if place < len(ends) else far

    found: Counter[_Stretch] = Counter()
    for stretch, number in stretches:
        if stretch.word != "closed":
            found[_moved(stretch, moved)] += number
    return found


def _moved(stretch: _Stretch, to: Callable[[datetime | None], datetime | None]) -> _Stretch:
    over = stretch.word == "passed"  # its faults are
    return replace(
        stretch,
        at=to(stretch.at) or stretch.at,
        ends=to(stretch.ends),
        began_at=None if over else to(stretch.began_at),
        critical_at=None if over else to(stretch.critical_at),
        due_at=None if over else to(stretch.due_at),
        lapses_at=to(stretch.lapses_at),
    )


def _accepted(rows: QuerySet[Task], rests: bool) -> Iterator[tuple[str, Track]]:
    """Tasks that were a special case at some time, one track each: there are few of them."""
    spans = _spans(rows)
    lines: defaultdict[Any, list[TaskEvent]] = defaultdict(list)
    for event in TaskEvent.objects.filter(task__in=rows).exclude(status="").order_by("at", "id"):
        lines[event.task_id].append(event)
    for task in rows:
        points = _points(task, lines[task.pk])
        yield str(task.system_id), Track(points, rests, spans[task.pk], ends=task.closed_at)


def _points(task: Task, lines: list[TaskEvent]) -> list[Point]:
    lapses = [*(each.lapsed_at for each in lines[1:]), task.lapses_at]
    found = [
        Point(each.at, each.status, each.began_at, each.critical_at, each.due_at, lapses_at)
        for each, lapses_at in zip(lines, lapses, strict=True)
    ]
    first = lines[0]  # the acceptance is one
    if task.created_at < first.at:
        stood = first.status if first.kind in NEUTRAL else "waiting"
        clock = (first.began_at, first.critical_at, first.due_at, first.lapsed_at)
        found.insert(0, Point(task.created_at, stood, *clock))
    return found


def _spans(rows: QuerySet[Task]) -> dict[Any, list[Span]]:
    """Per task the times in which a special case was in force."""
    found: defaultdict[Any, list[Span]] = defaultdict(list)
    cases = SpecialCase.objects.filter(task__in=rows, state__in=IN_FORCE_ONCE)
    for case in cases.order_by("decided_at"):
        if case.decided_at is not None:
            found[case.task_id].append((case.decided_at, case.ended_at or case.until))
    return found
