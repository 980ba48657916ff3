"""Readings of tasks as the pages of access list them."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from checks import selectors as checks
from checks.models import Task
from checks.rules import BY_ID
from checks.status import OPEN, Status
from workspaces.models import Workspace

STATUS_FILTERS: Mapping[str, frozenset[Status]] = {
    "open": OPEN | {Status.STALE, Status.WAITING},
    "failing": frozenset({Status.FAILING}),
    "passing": frozenset({Status.PASSING, Status.SPECIAL_CASE}),
    "closed": frozenset({Status.CLOSED}),
}


def tasks(
    workspace: Workspace,
    now: datetime,
    *,
    check_id: str = "",
    show: str = "open",
    system: uuid.UUID | None = None,
) -> QuerySet[Any]:
    """Tasks of the workspace's critical systems (or of one), worst and most urgent first."""
    rows = checks.tasks(workspace, now)
    if system is not None:
        rows = rows.filter(system_id=system)
    if check_id:
        rows = rows.filter(check_id=check_id)
    if wanted := STATUS_FILTERS.get(show):
        rows = rows.filter(code__in=[checks.RANKED.index(each) for each in wanted])
    ordered: QuerySet[Any] = rows.annotate(due=Coalesce("due_at", "created_at"))
    return ordered


def tasks_of_subject(workspace: Workspace, pk: uuid.UUID, now: datetime) -> list[dict[str, object]]:
    """The tasks about one account or person, each with its status and title."""
    rows = checks.tasks(workspace, now).filter(subject_id=pk).order_by("code", "check_id")
    return [
        {
            "task": task,
            "status": checks.RANKED[task.code],
            "title": BY_ID[task.check_id].title(product_name(task)),
        }
        for task in rows
    ]


def product_name(task: Task) -> str:
    return task.system.name.partition(" · ")[0]
