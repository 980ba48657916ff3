"""The last 90 days of a check: histories of its tasks, readings of its systems, gaps."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q

from access.models import CriticalSystem, SystemGap
from audit import selectors as audit
from checks.deadlines import end_of_day
from checks.models import SpecialCase, Task, TaskEvent
from checks.rules import BY_ID
from checks.timeline import Day, Point, Span, Track, Watch, day_of
from integrations.models import SyncRun
from jobs.models import State
from workspaces.models import Workspace

DAYS = 90
TROUBLE = ("connection.needs_reconnect", "connection.disconnected")
WELL = ("connection.connected", "connection.reconnected", "connection.recovered")


def check_days(
    workspace: Workspace, systems: Iterable[CriticalSystem], *, check_id: str, now: datetime
) -> list[Day]:
    """What the check looked like at the end of each of the last 90 local days, today as of now.

    The same number of queries for any number of systems and tasks.
    """
    today = now.astimezone(ZoneInfo(workspace.zone)).date()
    days = [today - timedelta(days=number) for number in range(DAYS - 1, -1, -1)]
    start = end_of_day(days[0] - timedelta(days=1), workspace.zone)
    rows = list(systems)
    watches = _watches(workspace, rows, start)
    tracks = _tracks([row.pk for row in rows], check_id, start)
    watched = [(watches[row.pk], tracks.get(row.pk, [])) for row in rows]
    return [day_of(day, _sample(day, today, now, workspace.zone), watched) for day in days]


def _sample(day: date, today: date, now: datetime, zone: str) -> datetime:
    return now if day == today else end_of_day(day, zone) - timedelta(microseconds=1)


def _watches(
    workspace: Workspace, systems: Sequence[CriticalSystem], start: datetime
) -> dict[uuid.UUID, Watch]:
    reads = _reads(systems, start)
    troubles = _troubles(workspace)
    removed = _removed(systems)
    return {
        system.pk: Watch(
            monitored=_between(system.added_at, removed[system.pk]),
            reads=reads[system.connection_id],
            fresh_for=system.connection.stale_after * 60 if system.connection else 0,
            troubles=troubles[f"connection:{system.connection_id}"],
        )
        for system in systems
    }


def _reads(systems: Sequence[CriticalSystem], start: datetime) -> dict[Any, list[datetime]]:
    """When the list of each connection was read, from the last reading that may still count on."""
    connections = [system.connection for system in systems if system.connection is not None]
    longest = max((each.stale_after for each in connections), default=0)
    runs = SyncRun.objects.filter(
        connection__in=connections,
        state=State.DONE,
        read_at__gte=start - timedelta(minutes=longest),
    )
    found: defaultdict[Any, list[datetime]] = defaultdict(list)
    for connection_id, read_at in runs.order_by("read_at").values_list("connection_id", "read_at"):
        if read_at is not None:
            found[connection_id].append(read_at)
    return found


def _troubles(workspace: Workspace) -> dict[str, list[Span]]:
    """Per connection the times in which it could not be read."""
    spans: defaultdict[str, list[Span]] = defaultdict(list)
    began: dict[str, datetime] = {}
    for subject, kind, at in audit.dated(workspace.pk, kinds=(*TROUBLE, *WELL)):
        if kind in TROUBLE:
            began.setdefault(subject, at)
        elif subject in began:
            spans[subject].append((began.pop(subject), at))
    for subject, at in began.items():
        spans[subject].append((at, None))
    return spans


def _removed(systems: Sequence[CriticalSystem]) -> dict[Any, list[Span]]:
    rows = SystemGap.objects.filter(system__in=systems, cause=SystemGap.Cause.REMOVED)
    found: defaultdict[Any, list[Span]] = defaultdict(list)
    for gap in rows.order_by("began_at"):
        found[gap.system_id].append((gap.began_at, gap.ended_at))
    return found


def _between(added_at: datetime, gaps: Sequence[Span]) -> list[Span]:
    """From adding on, without the gaps."""
    spans: list[Span] = []
    began: datetime | None = added_at
    for begin, end in gaps:
        if began is not None:
            spans.append((began, begin))
        began = end
    return [*spans, (began, None)] if began is not None else spans


def _tracks(
    system_ids: Sequence[uuid.UUID], check_id: str, start: datetime
) -> dict[uuid.UUID, list[Track]]:
    """The tasks that count; those that passed all along stand in one track for all of them."""
    rows = Task.objects.filter(system__in=system_ids, check_id=check_id)
    calm = Q(created_at__lte=start, resolved_at__lte=start, updated_at__lte=start)
    calm &= Q(waiting=False, closed_at=None)
    moving = rows.exclude(calm)
    lines: defaultdict[Any, list[TaskEvent]] = defaultdict(list)
    for event in TaskEvent.objects.filter(task__in=moving).order_by("at", "id"):
        lines[event.task_id].append(event)
    accepted = _accepted(moving)
    found: defaultdict[Any, list[Track]] = defaultdict(list)
    for task in moving:
        found[task.system_id].append(_track(task, lines[task.pk], accepted[task.pk]))
    for system_id in rows.filter(calm).order_by().values_list("system_id", flat=True).distinct():
        found[system_id].append(Track([Point(start, "passed")], rests_on_list=_rests(check_id)))
    return found


def _rests(check_id: str) -> bool:
    return BY_ID[check_id].needs_list


def _track(task: Task, lines: list[TaskEvent], accepted: list[Span]) -> Track:
    points = [
        Point(each.at, each.status, each.began_at, each.critical_at, each.due_at)
        for each in lines
        if each.status
    ]
    return Track(points or [_only_point(task)], task.rests_on_list, accepted)


def _only_point(task: Task) -> Point:
    """A task without lines stands as it always stood since it was first judged."""
    word = "waiting" if task.waiting else "open" if task.resolved_at is None else "passed"
    return Point(task.created_at, word, task.began_at, task.critical_at, task.due_at)


def _accepted(rows: Any) -> dict[Any, list[Span]]:
    """Per task the times in which a special case was in force."""
    found: defaultdict[Any, list[Span]] = defaultdict(list)
    cases = SpecialCase.objects.filter(task__in=rows, state__in=["approved", "ended"])
    for case in cases.order_by("decided_at"):
        if case.decided_at is not None:
            found[case.task_id].append((case.decided_at, case.ended_at or case.until))
    return found
