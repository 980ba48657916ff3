"""Readings of workspaces, their members, and who is invited."""

from datetime import datetime

from django.db.models import F, Q, QuerySet

from audit import clock
from workspaces.models import ApiToken, Invitation, Membership, User, Workspace
from workspaces.permissions import Role, allows

Tokens = QuerySet[ApiToken]


def _live(now: datetime | None) -> Q:
    return Q(ends_at__isnull=True) | Q(ends_at__gt=now or clock.now())


def is_live(membership: Membership, now: datetime) -> bool:
    """Whether the membership gives rights at `now`; they end at `ends_at`."""
    ended = membership.ends_at is not None and membership.ends_at <= now
    return not ended and membership.user.is_active


def memberships(user: User, *, now: datetime | None = None) -> QuerySet[Membership]:
    """The live memberships of an active user, by the workspace's name; rights end at `ends_at`."""
    rows = Membership.objects.filter(_live(now), user=user, user__is_active=True)
    return rows.select_related("workspace", "user").order_by("workspace__name", "id")


def chosen(rows: list[Membership], wanted: str | None) -> Membership | None:
    """The membership of the workspace `wanted`, else the one used last, else the first."""
    named = [row for row in rows if str(row.workspace_id) == wanted]
    used = [row for row in rows if row.last_seen]
    latest = max(used, key=lambda row: (row.last_seen, row.pk), default=None)
    return next(iter(named), latest or next(iter(rows), None))


def membership(user: User, wanted: str | None) -> Membership | None:
    """As `chosen`, among all live memberships of a user."""
    return chosen(list(memberships(user)), wanted)


def members(workspace: Workspace, *, now: datetime | None = None) -> QuerySet[Membership]:
    """Live members of a workspace, by e-mail."""
    rows = workspace.memberships.filter(_live(now), user__is_active=True)
    return rows.select_related("user").order_by("user__email")


def workers(workspace: Workspace, *, now: datetime | None = None) -> QuerySet[Membership]:
    """Live members to whom tasks can be given: auditors change nothing."""
    return members(workspace, now=now).exclude(role=Role.AUDITOR)


def listed_members(workspace: Workspace, *, now: datetime) -> QuerySet[Membership]:
    """Live members with their `email`, for a list by it."""
    return members(workspace, now=now).annotate(email=F("user__email"))


def admins(workspace: Workspace, *, now: datetime | None = None) -> QuerySet[Membership]:
    """Live administrators of a workspace."""
    return members(workspace, now=now).filter(role=Role.ADMIN)


def is_only_admin(workspace: Workspace, user: User) -> bool:
    """Whether this user and nobody else administers the workspace: such a one decides alone."""
    return list(admins(workspace).values_list("user_id", flat=True)[:2]) == [user.pk]


def invitations(workspace: Workspace) -> QuerySet[Invitation]:
    """Open invitations, those that are too old included, newest first."""
    return workspace.invitations.filter(closed_at=None).order_by("-created_at", "id")


def invitation(digest: str, *, now: datetime) -> Invitation | None:
    """The invitation whose link has this digest, where it still opens a door."""
    rows = Invitation.objects.filter(digest=digest, closed_at=None, expires_at__gt=now)
    rows = rows.exclude(ends_at__lte=now)
    return rows.select_related("workspace").first()


def is_known(email: str) -> bool:
    """Whether somebody signs in with this address."""
    return User.objects.filter(email=email).exists()


def people_ever(workspace: Workspace) -> list[tuple[str, str]]:
    """Whoever is or was a member, as (id, name), by name; for filters."""
    rows = workspace.memberships.select_related("user").order_by("user__email")[:1000]
    return sorted(((str(row.user_id), row.user.label) for row in rows), key=lambda pair: pair[1])


def tokens(membership: Membership) -> "Tokens":
    """One's own API tokens, for whoever manages members everybody's; newest first, expired too."""
    rows: Tokens = ApiToken.objects.filter(workspace=membership.workspace_id)
    if not allows(membership, "members.manage"):
        rows = rows.filter(user=membership.user_id)
    return rows.select_related("user", "parent").order_by("-created", "id")


def tokens_alive(user: User, *, now: datetime) -> "Tokens":
    """A person's API tokens that still open something, in all their workspaces."""
    rows: Tokens = ApiToken.objects.filter(Q(expiry=None) | Q(expiry__gt=now), user=user)
    return rows.select_related("workspace", "user").order_by("workspace", "created")
