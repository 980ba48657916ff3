"""Readings of tasks as the pages of access list them."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from checks import selectors as checks
from checks.models import Task
from checks.rules import BY_ID
from checks.status import OPEN, Status
from workspaces import permissions
from workspaces.models import Membership, Workspace

STATUS_FILTERS: Mapping[str, frozenset[Status]] = {
    "open": OPEN | {Status.STALE, Status.WAITING},
    "failing": frozenset({Status.FAILING}),
    "critical": frozenset({Status.CRITICAL}),
    "due": frozenset({Status.DUE}),
    "stale": frozenset({Status.STALE}),
    "waiting": frozenset({Status.WAITING}),
    "passing": frozenset({Status.PASSING, Status.SPECIAL_CASE}),
    "special": frozenset({Status.SPECIAL_CASE}),
    "closed": frozenset({Status.CLOSED}),
    "all": frozenset(Status) - {Status.UPCOMING},
}
NOBODY = "nobody"  # as an owner: the tasks that are the admins'


@dataclass(frozen=True)
class Wanted:
    """A choice of tasks; `owner` is a user's id, NOBODY, or empty for everybody's."""

    show: str = "open"
    check_id: str = ""
    system: uuid.UUID | None = None
    owner: str = ""


def tasks(
    workspace: Workspace,
    now: datetime,
    *,
    check_id: str = "",
    show: str = "open",
    system: uuid.UUID | None = None,
    owner: str = "",
) -> QuerySet[Any]:
    """Tasks of the workspace's critical systems (or of one), worst and most urgent first."""
    rows = checks.tasks(workspace, now)
    if system is not None:
        rows = rows.filter(system_id=system)
    if check_id:
        rows = rows.filter(check_id=check_id)
    if owner:
        rows = rows.filter(owner__isnull=True) if owner == NOBODY else rows.filter(owner_id=owner)
    if wanted := STATUS_FILTERS.get(show):
        rows = rows.filter(code__in=[checks.RANKED.index(each) for each in wanted])
    ordered: QuerySet[Any] = rows.annotate(due=Coalesce("due_at", "created_at"))
    return ordered


def visible_tasks(membership: Membership, now: datetime) -> QuerySet[Any]:
    """The tasks that a member sees: all of them, or only those that are theirs."""
    rows = checks.tasks(membership.workspace, now)
    if permissions.allows(membership, "tasks.view"):
        return rows
    return rows.filter(owner_id=membership.user_id)


def may_work_on(membership: Membership, task: Task) -> bool:
    """Whether a member may ask for a special case: editors, and whoever the task is given to."""
    if permissions.allows(membership, "tasks.edit"):
        return True
    own = task.owner_id == membership.user_id
    return own and not permissions.allows(membership, "tasks.view")


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
