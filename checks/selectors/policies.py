"""Readings of a workspace's policies: grace, critical window, working week, holidays."""

from dataclasses import dataclass
from datetime import date, datetime

from checks.facts import Calendar, Policy
from checks.models import CheckPolicy, WorkCalendar
from checks.rules import CHECKS, Check
from workspaces.models import Workspace
from workspaces.overlapping import version_of

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class PolicyRow:
    """The policy of one check, and who changed it last where somebody did."""

    check: Check
    policy: Policy
    changed_at: datetime | None = None
    changed_by: str = ""


def policy_rows(workspace: Workspace) -> tuple[PolicyRow, ...]:
    """One row for each check, in the order of the checks."""
    saved = {
        row.check_id: row
        for row in CheckPolicy.objects.filter(workspace=workspace).select_related("changed_by")
    }
    return tuple(
        PolicyRow(
            check,
            _policy(row),
            row.changed_at,
            row.changed_by.label if row.changed_by else "",
        )
        if (row := saved.get(check.id))
        else PolicyRow(check, check.default_policy)
        for check in CHECKS
    )


def policies(workspace: Workspace) -> dict[str, Policy]:
    """The policy of each check, by check id: as saved, else the check's default."""
    saved = {row.check_id: _policy(row) for row in CheckPolicy.objects.filter(workspace=workspace)}
    return {check.id: saved.get(check.id, check.default_policy) for check in CHECKS}


def _policy(row: CheckPolicy) -> Policy:
    return Policy(row.grace_days, row.window_days, row.business_days)


def work_calendar(workspace: Workspace) -> WorkCalendar | None:
    """The saved calendar; None while the defaults count."""
    rows = WorkCalendar.objects.filter(workspace=workspace)
    return rows.select_related("changed_by").first()


def calendar(workspace: Workspace) -> Calendar:
    """The zone, working week and holidays in which deadlines count."""
    saved = work_calendar(workspace)
    if saved is None:
        return Calendar(zone=workspace.zone)
    return Calendar(
        zone=workspace.zone,
        working_days=frozenset(saved.working_days),
        holidays=frozenset(date.fromisoformat(day) for day, _ in saved.holidays),
    )


def working_week(working_days: frozenset[int]) -> str:
    """ "Monday, Tuesday and Friday"."""
    names = [name for number, name in enumerate(WEEKDAYS) if number in working_days]
    *rest, last = names or ["no day"]
    return f"{', '.join(rest)} and {last}" if rest else last


def policy_version(policy: Policy) -> str:
    """Names what a policy says."""
    return version_of(vars(policy))


def calendar_version(saved: WorkCalendar | None) -> str:
    """Names what the working calendar says, or that the defaults count."""
    if saved is None:
        return version_of(None)
    return version_of({"week": saved.working_days, "holidays": saved.holidays})


def holidays(saved: WorkCalendar | None) -> list[tuple[date, str]]:
    """The holidays with their names, in order."""
    found = saved.holidays if saved is not None else []
    return sorted((date.fromisoformat(day), name) for day, name in found)
