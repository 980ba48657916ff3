"""Who works on a task: given by people, and handed on when an owner is no longer there."""

import uuid
from collections.abc import Iterable

from django.db.models import QuerySet

from audit import services as audit
from checks.models import JudgedSystem, Task, TaskEvent
from checks.services import history
from people.services import Problem
from workspaces import selectors as workspaces
from workspaces.models import User, Workspace
from workspaces.permissions import Role

MOST_AT_ONCE = 500


def assign(
    workspace: Workspace, *, tasks: Iterable[uuid.UUID], owner: User | None, by: audit.Actor
) -> int:
    """Give tasks to a member, or to nobody: then they are the admins'. Returns how many changed.

    Ids of no task here are passed over. Raises Problem for an owner who is no member or only reads,
    and for too many.
    """
    ids = list(dict.fromkeys(tasks))
    if len(ids) > MOST_AT_ONCE:
        raise Problem("", f"Choose up to {MOST_AT_ONCE} tasks at once. Nothing was changed.")
    if owner is not None:
        _refuse_idle(workspace, owner)
    with audit.act(workspace, by=by) as act:
        rows = Task.objects.filter(workspace=workspace, pk__in=ids)
        changed = _give(
            rows.exclude(owner=owner) if owner else rows.filter(owner__isnull=False),
            owner,
            f"Given by {by.label}",
            act,
        )
        if changed:
            audit.record(
                "tasks.assigned",
                subject=f"task:{changed[0]}" if len(changed) == 1 else "",
                tasks=[str(pk) for pk in changed],
                owner=str(owner.pk) if owner else None,
                to=owner.label if owner else "",
            )
    return len(changed)


def _refuse_idle(workspace: Workspace, owner: User) -> None:
    membership = workspaces.members(workspace).filter(user=owner).first()
    if membership is None:
        raise Problem("owner", "Choose a member of this workspace. Nothing was changed.")
    if membership.role == Role.AUDITOR:
        raise Problem(
            "owner",
            f"{owner.label} is an auditor here, and auditors change nothing. Choose somebody else;"
            " nothing was changed.",
        )


def _give(rows: QuerySet[Task], owner: User | None, why: str, act: audit.Act) -> list[uuid.UUID]:
    """Change the owner of these tasks, each with a line of its history.

    Judging locks the system and then writes its tasks in any order, so the systems come first here.
    """
    systems = JudgedSystem.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
    concerned = set(rows.order_by().values_list("system_id", flat=True))
    list(systems.filter(pk__in=concerned).values_list("pk"))
    found = list(rows.select_for_update(of=("self",), no_key=True).order_by("pk"))
    to = f"to {owner.label}" if owner else "to the admins"
    # `updated_at` stays: it says when the verdict last changed.
    Task.objects.filter(pk__in=[task.pk for task in found]).update(owner=owner)
    lines = [history.line(task, "assigned", f"{why}, {to}", at=act.now) for task in found]
    TaskEvent.objects.bulk_create(lines, batch_size=500)
    return [task.pk for task in found]


def hand_on(
    system: JudgedSystem, *, owner: User | None, leaving: Iterable[User], act: audit.Act
) -> int:
    """Within an act: open tasks of users who are no longer there go to `owner`, else to the admins."""
    rows = Task.objects.filter(
        system=system, owner__in=list(leaving), resolved_at__isnull=True
    ).exclude(closed_at__lte=act.now)
    changed = _give(rows, owner, "Its owner no longer works on tasks here", act)
    if changed:
        audit.record(
            "tasks.handed_on",
            subject=f"system:{system.pk}",
            tasks=[str(pk) for pk in changed[:500]],
            owner=str(owner.pk) if owner else None,
        )
    return len(changed)
