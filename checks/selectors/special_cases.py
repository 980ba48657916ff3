"""Readings of special cases: asked for, in force, ended."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from checks import accepting
from checks.models import SpecialCase, Task
from workspaces.models import Workspace

States = SpecialCase.State
SHOWS = {
    "waiting": Q(state=States.REQUESTED),
    "in_force": Q(state=States.APPROVED),
    "past": Q(state__in=[States.REJECTED, States.WITHDRAWN, States.ENDED]),
}


def special_cases(workspace: Workspace, *, show: str = "") -> QuerySet[Any]:
    """The special cases of a workspace, newest first; `show` is a key of SHOWS, else all."""
    rows = SpecialCase.objects.filter(workspace=workspace).select_related(
        "workspace", "task__system", "requested_by", "decided_by", "ended_by", "holder"
    )
    if show in SHOWS:
        rows = rows.filter(SHOWS[show])
    return rows.annotate(until_at=Coalesce("ends_at", "confirm_by")).order_by(
        "-requested_at", "-id"
    )


def special_case_of(task: Task) -> SpecialCase | None:
    """The one in force for a task, else the one that waits for approval."""
    rows = special_cases(task.workspace).filter(
        task=task, state__in=[States.APPROVED, States.REQUESTED]
    )
    found: SpecialCase | None = rows.order_by("state", "-requested_at").first()
    return found


def ending_soon(workspace: Workspace, now: datetime) -> QuerySet[Any]:
    """Those in force that end, or need to be confirmed, within a week."""
    rows = special_cases(workspace, show="in_force")
    return rows.filter(until_at__lte=now + accepting.WARN_BEFORE).order_by("until_at", "id")
