"""Changing policies: they touch tasks that open later, never one that exists."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from audit import services as audit
from checks import selectors
from checks.facts import Calendar, Policy
from checks.models import CheckPolicy, WorkCalendar
from checks.rules import BY_ID
from people.services import Problem
from workspaces.models import User, Workspace
from workspaces.overlapping import refuse_overlap

NOTHING = "Nothing was saved."


def set_policy(
    workspace: Workspace,
    *,
    check_id: str,
    policy: Policy,
    seen: str | None = None,
    user: User | None,
    by: audit.Actor,
) -> Policy:
    """Set the grace, window and kind of days of one check; `seen` names what it was chosen from.

    Raises Problem for figures out of bounds, and where somebody else changed them meanwhile.
    """
    if check_id not in BY_ID:
        raise Problem("", f"There is no such check. {NOTHING}")
    if not 0 <= policy.grace_days <= CheckPolicy.MOST_GRACE:
        raise Problem("grace_days", f"Give 0 to {CheckPolicy.MOST_GRACE} days. {NOTHING}")
    if not 0 <= policy.window_days <= CheckPolicy.MOST_WINDOW:
        raise Problem("window_days", f"Give 0 to {CheckPolicy.MOST_WINDOW} days. {NOTHING}")
    with audit.act(workspace, by=by) as act:
        saved, before = _held(workspace, check_id), selectors.policies(workspace)[check_id]
        refuse_overlap(seen, selectors.policy_version(before), who=_hand(saved))
        if before == policy:
            return policy
        values = vars(policy) | {"changed_at": act.now, "changed_by": user}
        CheckPolicy.objects.update_or_create(
            workspace=workspace, check_id=check_id, defaults=values
        )
        audit.record(
            "policy.changed",
            subject=f"policy:{check_id}",
            check=check_id,
            before=dict(vars(before)),
            after=dict(vars(policy)),
        )
    return policy


def _held(workspace: Workspace, check_id: str) -> CheckPolicy | None:
    """The saved policy, while nobody else can save one."""
    Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)
    rows = CheckPolicy.objects.filter(workspace=workspace, check_id=check_id)
    return rows.select_related("changed_by").first()


def _hand(saved: CheckPolicy | WorkCalendar | None) -> str:
    """Who changed it last."""
    return saved.changed_by.label if saved is not None and saved.changed_by is not None else ""


def set_calendar(
    workspace: Workspace,
    *,
    working_days: Iterable[int],
    holidays: Iterable[tuple[date, str]],
    seen: str | None = None,
    user: User | None,
    by: audit.Actor,
) -> Calendar:
    """Set the working week (Monday is 0) and the holidays; `seen` names what was chosen from.

    Raises Problem for a week without work, and where somebody else changed it meanwhile.
    """
    week = sorted(set(working_days))
    if not week or not set(week) <= set(range(7)):
        raise Problem("working_days", f"Tick at least one day of the week. {NOTHING}")
    days = sorted({day.isoformat(): name for day, name in holidays}.items())
    with audit.act(workspace, by=by) as act:
        Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)
        saved = selectors.work_calendar(workspace)
        refuse_overlap(seen, selectors.calendar_version(saved), who=_hand(saved))
        before: dict[str, Any] = {
            "working_days": sorted(selectors.calendar(workspace).working_days),
            "holidays": saved.holidays if saved else [],
        }
        after = {"working_days": week, "holidays": [list(each) for each in days]}
        if before != after:
            values = after | {"changed_at": act.now, "changed_by": user}
            WorkCalendar.objects.update_or_create(workspace=workspace, defaults=values)
            audit.record("calendar.changed", subject="policy:calendar", before=before, after=after)
    return selectors.calendar(workspace)
