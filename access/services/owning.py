"""Tasks whose owner works on them no more: they go to the system's owner, else to the admins."""

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet

from access.models import CriticalSystem
from audit.services import Act
from checks import services as checks
from checks.models import JudgedSystem, Task
from people.addresses import normalise
from people.models import EmailAddress
from workspaces.models import Membership, User, Workspace
from workspaces.permissions import Role

Place = tuple[uuid.UUID, uuid.UUID]  # ids of a workspace, and of a user who works there


def hand_on_tasks(workspace: Workspace, *, act: Act) -> int:
    """Within an act: hand on the open tasks of everybody who has left; returns how many."""
    owned = _owned(act.now).filter(workspace=workspace)
    gone = _gone(owned.values_list("workspace_id", "owner_id").distinct(), act.now)
    if not gone:
        return 0
    leaving = list(User.objects.filter(pk__in=[user for _, user in gone]))
    systems = list(CriticalSystem.objects.filter(workspace=workspace).select_related("owner"))
    away = _gone([(workspace.pk, each.owner_id) for each in systems if each.owner_id], act.now)
    judged = JudgedSystem.objects.in_bulk([each.pk for each in systems])
    return sum(
        checks.hand_on(
            judged[each.pk],
            owner=None if (workspace.pk, each.owner_id) in away else each.owner,
            leaving=leaving,
            act=act,
        )
        for each in systems
    )


def workspaces_with_endings(now: datetime) -> list[Workspace]:
    """Workspaces in which an open task belongs to somebody who is gone, however long already."""
    places = _owned(now).values_list("workspace_id", "owner_id").distinct()
    return list(Workspace.objects.filter(pk__in={key for key, _ in _gone(places, now)}))


def _owned(now: datetime) -> QuerySet[Task]:
    """Open tasks that somebody works on."""
    rows = Task.objects.filter(owner__isnull=False, resolved_at__isnull=True)
    return rows.exclude(closed_at__lte=now).order_by()


def _gone(places: Iterable[Place], now: datetime) -> set[Place]:
    """Of these users those who work there no more: no members or only auditors, or left as staff.

    Three queries.
    """
    wanted = set(places)
    if not wanted:
        return set()
    users = {user for _, user in wanted}
    there = Membership.objects.filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=now), user__in=users, user__is_active=True
    )
    there = there.exclude(role=Role.AUDITOR)
    members: set[Place] = set(there.values_list("workspace_id", "user_id"))
    emails = dict(User.objects.filter(pk__in=users).values_list("pk", "email"))
    left = EmailAddress.objects.filter(
        workspace__in={key for key, _ in wanted},
        normalised__in={normalise(each) for each in emails.values()},
        until__isnull=True,
        staff__periods__latest=True,
        staff__periods__access_ends_at__lte=now,
    )
    away = set(left.values_list("workspace_id", "normalised"))
    return {
        (key, user)
        for key, user in wanted
        if (key, user) not in members or (key, normalise(emails[user])) in away
    }
