"""The last 90 days of a check: histories of its tasks, readings of its systems, gaps."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, Max
from django.db.models.functions import TruncDate

from access.models import CriticalSystem, SystemGap
from access.selectors.tracks import tracks_of
from audit import selectors as audit
from checks import selectors as checks
from checks.models import CheckLine, JudgedSystem
from checks.selectors import CheckSummary
from checks.status import UNCOUNTED, Status, worst
from checks.timeline import Day, Read, Span, Watch, day_of
from integrations.models import SyncRun
from jobs.models import State
from people import days as local_days
from people import selectors as people
from workspaces.models import Workspace

DAYS = 90
TROUBLE = ("connection.needs_reconnect", "connection.disconnected")
WELL = ("connection.connected", "connection.reconnected", "connection.recovered")


def check_days(
    workspace: Workspace,
    systems: Iterable[CriticalSystem],
    *,
    check_id: str,
    now: datetime,
    present: Iterable[CheckSummary],
) -> list[Day]:
    """What the check looked like at the end of each of the last 90 local days.

    Today stands as `present` has it, the summaries of the systems that are monitored now: what the
    card says, the chart says. The same number of queries for any number of systems and tasks.
    """
    today = local_days.today(now, workspace.zone)
    days = [today - timedelta(days=number) for number in range(DAYS - 1, 0, -1)]
    ends = [local_days.end_of_day(day, workspace.zone) - timedelta(microseconds=1) for day in days]
    rows = list(systems)
    watches = _watches(workspace, rows, check_id, ends[0])
    tracks = tracks_of([row.pk for row in rows], check_id, ends)
    watched = [(watches[row.pk], tracks.get(str(row.pk), [])) for row in rows]
    past = [day_of(day, at, watched) for day, at in zip(days, ends, strict=True)]
    return [*past, _today(today, list(present))]


def checks_now(
    systems: Iterable[CriticalSystem], *, check_id: str, now: datetime
) -> dict[uuid.UUID, CheckSummary]:
    """The check as it is in each of these systems now, removed ones included."""
    judged = JudgedSystem.objects.filter(pk__in=[each.pk for each in systems])
    summaries = checks.summaries(judged, now)
    return {
        uuid.UUID(pk): next(of for of in found if of.check_id == check_id)
        for pk, found in summaries.items()
    }


def _today(today: date, present: list[CheckSummary]) -> Day:
    if not present:
        return Day(today, None, monitored=False)
    counts: Counter[Status] = Counter()
    for each in present:
        counts.update({of: n for of, n in each.counts.items() if n and of not in UNCOUNTED})
    return Day(today, worst(each.status for each in present), counts=dict(counts))


def _watches(
    workspace: Workspace, systems: Sequence[CriticalSystem], check_id: str, start: datetime
) -> dict[uuid.UUID, Watch]:
    reads = _reads(workspace, systems, start)
    unjudged = _unjudged(systems)
    troubles = _troubles(workspace)
    removed = _removed(systems)
    waits = _waits(systems, check_id)
    silences = people.silences(workspace, since=start)
    return {
        system.pk: Watch(
            monitored=_between(system.added_at, removed[system.pk]),
            reads=reads[system.connection_id],
            fresh_for=system.connection.stale_after * 60 if system.connection else 0,
            troubles=[*troubles[f"connection:{system.connection_id}"], *silences],
            unjudged_since=unjudged.get(system.pk),
            waits=waits[system.pk],
        )
        for system in systems
    }


def _waits(
    systems: Sequence[CriticalSystem], check_id: str
) -> dict[Any, list[tuple[datetime, bool]]]:
    """Per system since when the check as a whole waited, and since when not."""
    lines = CheckLine.objects.filter(system__in=[each.pk for each in systems], check_id=check_id)
    found: defaultdict[Any, list[tuple[datetime, bool]]] = defaultdict(list)
    for system_id, at, words in lines.order_by("at").values_list("system_id", "at", "waiting_for"):
        found[system_id].append((at, bool(words)))
    return found


def _unjudged(systems: Sequence[CriticalSystem]) -> dict[Any, datetime | None]:
    """Since when a system has facts that were not judged."""
    rows = JudgedSystem.objects.filter(pk__in=[each.pk for each in systems])
    rows = rows.filter(judged_version__lt=F("facts_version"))
    return {
        pk: since or at for pk, since, at in rows.values_list("pk", "unjudged_since", "judged_at")
    }


def _reads(
    workspace: Workspace, systems: Sequence[CriticalSystem], start: datetime
) -> dict[Any, list[Read]]:
    """Of each connection the last list of every local day, from the first that may still count.

    A list counts from the end of its run on; the run of a held one ends as somebody accepts it.
    """
    connections = [system.connection for system in systems if system.connection is not None]
    longest = max((each.stale_after for each in connections), default=0)
    runs = SyncRun.objects.filter(
        connection__in=connections,
        state=State.DONE,
        read_at__gte=start - timedelta(minutes=longest),
    )
    local = TruncDate("finished_at", tzinfo=ZoneInfo(workspace.zone))
    found: defaultdict[Any, list[Read]] = defaultdict(list)
    daily = runs.order_by().values("connection_id", day=local)
    daily = daily.annotate(since=Max("finished_at"), last=Max("read_at")).order_by("since")
    for connection_id, *read in daily.values_list("connection_id", "since", "last"):
        found[connection_id].append((read[0], read[1]))
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
