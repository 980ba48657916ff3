"""Readings of workspaces and their members."""

from django.db.models import Q, QuerySet

from audit import clock
from workspaces.models import Membership, User, Workspace
from workspaces.permissions import Role


def memberships(user: User) -> QuerySet[Membership]:
    """The live memberships of an active user, by the workspace's name; rights end at `ends_at`."""
    live = Q(ends_at__isnull=True) | Q(ends_at__gt=clock.now())
    rows = Membership.objects.filter(live, user=user, user__is_active=True)
    return rows.select_related("workspace", "user").order_by("workspace__name", "id")


def membership(user: User, chosen: str | None) -> Membership | None:
    """The membership of the chosen workspace where it is live, else the first one."""
    rows = list(memberships(user))
    wanted = [row for row in rows if str(row.workspace_id) == chosen]
    return next(iter(wanted or rows), None)


def members(workspace: Workspace) -> QuerySet[Membership]:
    """Live members of a workspace, by e-mail."""
    live = Q(ends_at__isnull=True) | Q(ends_at__gt=clock.now())
    rows = workspace.memberships.filter(live, user__is_active=True)
    return rows.select_related("user").order_by("user__email")


def admins(workspace: Workspace) -> QuerySet[Membership]:
    """Live administrators of a workspace."""
    return members(workspace).filter(role=Role.ADMIN)
