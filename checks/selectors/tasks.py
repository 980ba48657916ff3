"""Readings of tasks and checks; the status as one SQL expression, twin of `status.status`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When

from checks.models import CheckResult, JudgedSystem, Task
from checks.rules import BY_ID, CHECKS
from checks.status import (
    CLOCK_SKEW,
    LEFT,
    UNCOUNTED,
    WORST_FIRST,
    Status,
    TaskInstants,
    is_ahead,
    status,
    worst,
)
from workspaces.models import Workspace

# Codes in the database's answer; small numbers are worse. Beside: special, closed, upcoming.
RANKED = (*WORST_FIRST, Status.SPECIAL_CASE, Status.CLOSED, Status.UPCOMING)


def stale(now: datetime) -> Q:
    """Passing tasks whose ground is gone: old list, no list, lapsed, or facts not judged yet."""
    old_list = (
        Q(system__stale_at__isnull=True)
        | Q(system__stale_at__lte=now)
        | Q(system__read_at__gt=now + CLOCK_SKEW)
    )
    return (
        Q(rests_on_list=True) & old_list
        | Q(lapses_at__lte=now)
        | Q(system__judged_version__lt=F("system__facts_version"))
        | Q(system__removed_at__lte=now)
    )


def status_code(now: datetime) -> Case:
    """The status at `now` as its place in RANKED; the order of the cases is that of `status`."""

    def code(of: Status) -> Value:
        return Value(RANKED.index(of))

    return Case(
        When(closed_at__lte=now, then=code(Status.CLOSED)),
        When(opens_at__gt=now, then=code(Status.UPCOMING)),
        When(accepted_until__gt=now, then=code(Status.SPECIAL_CASE)),
        When(waiting=True, then=code(Status.WAITING)),
        When(stale(now), resolved_at__lte=now, then=code(Status.STALE)),
        When(resolved_at__lte=now, then=code(Status.PASSING)),
        When(Q(due_at__isnull=True) | Q(due_at__lte=now), then=code(Status.FAILING)),
        When(Q(critical_at__isnull=True) | Q(critical_at__lte=now), then=code(Status.CRITICAL)),
        default=code(Status.DUE),
        output_field=IntegerField(),
    )


def unsolved(now: datetime) -> Q:
    """Tasks of a fault that is not solved: waiting and upcoming ones too, whatever was accepted."""
    return Q(resolved_at__isnull=True) & (Q(closed_at__isnull=True) | Q(closed_at__gt=now))


def steady(workspace: Workspace, now: datetime) -> bool:
    """Whether every pass of a monitored system stands unless it is UNSETTLED by its own instants.

    Then whatever is not passing is UNSETTLED. Not so where a system is stale or not judged, or was
    judged later than `now` because a clock went back.
    """
    unsure = (
        Q(stale_at__isnull=True)
        | Q(stale_at__lte=now)
        | Q(read_at__gt=now + CLOCK_SKEW)
        | Q(judged_version__lt=F("facts_version"))
        | Q(judged_at__isnull=True)
        | Q(judged_at__gt=now)
    )
    systems = JudgedSystem.objects.filter(workspace=workspace, removed_at__isnull=True)
    return not systems.filter(unsure).exists()


def instants(task: Task, now: datetime) -> TaskInstants:
    """A task's instants for `status.status`; `task.system` must be loaded."""
    return TaskInstants(
        began_at=task.began_at,
        critical_at=task.critical_at,
        due_at=task.due_at,
        resolved_at=task.resolved_at,
        waiting=task.waiting,
        stale_at=_stale_at(task, now),
        read_at=task.system.read_at if task.rests_on_list else None,
        accepted_until=task.accepted_until,
        opens_at=task.opens_at,
        closed_at=task.closed_at,
    )


def _stale_at(task: Task, now: datetime) -> datetime | None:
    system = task.system
    if system.judged_version < system.facts_version:
        return now
    if task.rests_on_list and system.stale_at is None:
        return now
    ends = [task.lapses_at, system.removed_at, system.stale_at if task.rests_on_list else None]
    return min((each for each in ends if each is not None), default=None)


def task_status(task: Task, now: datetime) -> Status:
    """The status of one loaded task at `now`."""
    return status(instants(task, now), now)


def tasks(workspace: Workspace, now: datetime) -> QuerySet[Any]:
    """All tasks with `code` (see RANKED) and their system loaded; upcoming ones are left out."""
    rows = Task.objects.filter(workspace=workspace).select_related("system", "owner")
    return rows.annotate(code=status_code(now)).exclude(code=RANKED.index(Status.UPCOMING))


@dataclass(frozen=True)
class CheckSummary:
    """One check of one system: its status, and tasks by status."""

    check_id: str
    status: Status
    counts: Mapping[Status, int]
    waiting_for: str
    summary: str

    @property
    def left(self) -> int:
        """Tasks still to do in time: Due and Critical."""
        return sum(self.counts.get(each, 0) for each in LEFT)

    @property
    def unsolved(self) -> int:
        """Problems that are there, accepted or not."""
        return self.left + self.failing + self.special

    @property
    def to_fix(self) -> bool:
        """Whether somebody can do something about it."""
        return bool(self.left or self.failing) or self.status is Status.STALE

    @property
    def failing(self) -> int:
        return self.counts.get(Status.FAILING, 0)

    @property
    def special(self) -> int:
        return self.counts.get(Status.SPECIAL_CASE, 0)


def summaries(
    systems: Iterable[JudgedSystem], now: datetime
) -> dict[str, tuple[CheckSummary, ...]]:
    """Per system id the four checks in order; two queries however many systems."""
    judged = {str(system.id): system for system in systems}
    counts: dict[tuple[str, str], dict[Status, int]] = {}
    rows = Task.objects.filter(system__in=list(judged)).annotate(code=status_code(now))
    for system_id, check_id, code, number in (
        rows.values_list("system_id", "check_id", "code").annotate(n=Count("id")).order_by()
    ):
        counts.setdefault((str(system_id), check_id), {})[RANKED[code]] = number
    results = {
        (str(result.system_id), result.check_id): result
        for result in CheckResult.objects.filter(system__in=list(judged))
    }
    return {
        key: tuple(
            _summary(
                system, check.id, counts.get((key, check.id), {}), results.get((key, check.id)), now
            )
            for check in CHECKS
        )
        for key, system in judged.items()
    }


def _summary(
    system: JudgedSystem,
    check_id: str,
    counts: Mapping[Status, int],
    result: CheckResult | None,
    now: datetime,
) -> CheckSummary:
    counted = [each for each, number in counts.items() if number and each not in UNCOUNTED]
    overall = worst(counted) if counted else _without_tasks(system, check_id, result, now)
    if overall is Status.PASSING and (result is None or result.waiting_for):
        overall = Status.WAITING  # what could be judged passes, but not all could be
    waiting_for = result.waiting_for if result is not None else "Not judged yet."
    return CheckSummary(
        check_id=check_id,
        status=overall,
        counts=counts,
        waiting_for=waiting_for if overall is Status.WAITING else "",
        summary=result.summary if result is not None else "",
    )


def _without_tasks(
    system: JudgedSystem, check_id: str, result: CheckResult | None, now: datetime
) -> Status:
    """A check with nothing to do passes only where subjects were really compared, on fresh data."""
    if result is None or result.waiting_for or not result.judged:
        return Status.WAITING
    fresh = system.stale_at is not None and system.stale_at > now
    fresh = fresh and not is_ahead(system.read_at, now)
    judged = system.judged_version >= system.facts_version and system.removed_at is None
    if judged and (fresh or not BY_ID[check_id].needs_list):
        return Status.PASSING
    return Status.STALE
