"""Readings of tasks as the pages of access list them."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from checks import selectors as checks
from checks.models import UNSETTLED, Task
from checks.rules import BY_ID
from checks.rules.user_access_valid import NOT_STAFF
from checks.status import OPEN, Status
from workspaces import permissions
from workspaces.models import Membership, Workspace

UNMONITORED = "unmonitored"  # tasks of removed systems, which nobody judges any more
STATUS_FILTERS: Mapping[str, frozenset[Status]] = {
    "open": OPEN | {Status.STALE, Status.WAITING},
    "failing": frozenset({Status.FAILING}),
    "critical": frozenset({Status.CRITICAL}),
    "due": frozenset({Status.DUE}),
    "stale": frozenset({Status.STALE}),
    "waiting": frozenset({Status.WAITING}),
    "passing": frozenset({Status.PASSING}),
    "special": frozenset({Status.SPECIAL_CASE}),
    "closed": frozenset({Status.CLOSED}),
    UNMONITORED: OPEN | {Status.STALE, Status.WAITING, Status.SPECIAL_CASE},
    "all": frozenset(Status) - {Status.UPCOMING},
}
TO_DO = frozenset({"open", "failing", "critical", "due", "stale", "waiting"})
NOT_MONITORED = "Not monitored"
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
    """Tasks of the workspace's critical systems (or of one), worst and most urgent first.

    Those of removed systems only under "all", "closed" and UNMONITORED: nobody can solve them.
    """
    rows = checks.tasks(workspace, now)
    if show not in ("all", "closed"):
        rows = rows.filter(system__removed_at__isnull=show != UNMONITORED)
    if system is not None:
        rows = rows.filter(system_id=system)
    if check_id:
        rows = rows.filter(check_id=check_id)
    if owner:
        rows = rows.filter(owner__isnull=True) if owner == NOBODY else rows.filter(owner_id=owner)
    if show in TO_DO and checks.steady(workspace, now):
        rows = rows.filter(UNSETTLED)  # changes nothing but that an index finds them
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


def may_fix(membership: Membership, task: Task, needed: str) -> bool:
    """Whether a member may solve a task on the page that "Fix it" leads to, which needs `needed`.

    Who edits there may; where looking at the page needs less, who works on the task. Whoever has
    nothing but tasks of their own identifies the account of one that asks just that.
    """
    if not permissions.allows(membership, needed) or needed in permissions.EDIT:
        return permissions.allows(membership, needed)
    asks = task.check_id == "user_identified" or permissions.allows(membership, "tasks.view")
    return asks and may_work_on(membership, task)


def tasks_about(
    workspace: Workspace, subjects: Iterable[uuid.UUID], now: datetime
) -> list[dict[str, object]]:
    """The tasks about these accounts or people, each with its status and title, worst first."""
    rows = checks.tasks(workspace, now).filter(subject_id__in=list(subjects))
    rows = rows.order_by("code", "check_id", "id")
    return [
        {
            "task": task,
            "status": shown_status(task),
            "not_judged": task.closed_why == NOT_STAFF,
            "title": BY_ID[task.check_id].title(product_name(task)),
        }
        for task in rows
    ]


def shown_status(task: Any) -> str:
    """The word for a task of `tasks`: its status, or that nobody looks after it any more."""
    status: Status = checks.RANKED[task.code]
    if task.system.removed_at is not None and status is not Status.CLOSED:
        return NOT_MONITORED
    return str(status.value)


def product_name(task: Task) -> str:
    return task.system.name.partition(" · ")[0]
