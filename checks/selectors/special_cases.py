"""Readings of special cases: asked for, in force, ended; the clock ends them, no worker."""

from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, DateTimeField, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from checks import accepting
from checks.models import SpecialCase
from workspaces.models import Workspace

States = SpecialCase.State
SHOWS = {
    "waiting": Q(standing=States.REQUESTED),
    "in_force": Q(standing=States.APPROVED),
    "past": Q(standing__in=[States.REJECTED, States.WITHDRAWN, States.ENDED]),
}


def special_cases(workspace: Workspace, *, now: datetime, show: str = "") -> QuerySet[Any]:
    """The special cases of a workspace, newest first; `show` is a key of SHOWS, else all.

    `standing` is the state at `now`, `over_at` and `over_why` are when and why it ended: `state`
    is what somebody last wrote, and a worker may not have come by since the end.
    """
    rows = SpecialCase.objects.filter(workspace=workspace).select_related(
        "workspace",
        "task__system",
        "requested_by",
        "decided_by",
        "confirmed_by",
        "ended_by",
        "holder",
    )
    rows = rows.annotate(until_at=Coalesce("ends_at", "confirm_by")).annotate(**_at(now))
    if show in SHOWS:
        rows = rows.filter(SHOWS[show])
    return rows.order_by("-requested_at", "-id")


def _at(now: datetime) -> dict[str, Case]:
    over = Q(state=States.APPROVED, until_at__lte=now)
    passed, unconfirmed = Value(accepting.PASSED), Value(accepting.UNCONFIRMED)
    return {
        "standing": Case(
            When(over, then=Value(States.ENDED.value)),
            default=F("state"),
            output_field=CharField(),
        ),
        "over_at": Case(
            When(over, then=F("until_at")), default=F("ended_at"), output_field=DateTimeField()
        ),
        "over_why": Case(
            When(over & Q(ends_at__isnull=False), then=passed),
            When(over, then=unconfirmed),
            default=F("ended_why"),
            output_field=CharField(),
        ),
    }


def ending_soon(workspace: Workspace, now: datetime) -> QuerySet[Any]:
    """Those in force that end, or need to be confirmed, within a week."""
    rows = special_cases(workspace, now=now, show="in_force")
    return rows.filter(until_at__lte=now + accepting.WARN_BEFORE).order_by("until_at", "id")
