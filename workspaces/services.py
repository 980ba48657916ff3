"""Acts on workspaces and their members: founding, adding, choosing, API tokens."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from audit import services as audit
from workspaces.models import ApiToken, Membership, User, Workspace
from workspaces.permissions import Role

TOKEN_LIFE = timedelta(days=365)


def found(name: str, *, zone: str = "UTC", by: audit.Actor) -> Workspace:
    """Create a workspace. `zone` is an IANA name; raises ZoneInfoNotFoundError for another text."""
    ZoneInfo(zone)
    workspace = Workspace(name=name, zone=zone)
    with audit.act(workspace, by=by) as act:
        workspace.created_at = act.now
        workspace.save(force_insert=True)
        audit.record("workspace.founded", subject=f"workspace:{workspace.id}", name=name, zone=zone)
    return workspace


def add_member(
    workspace: Workspace, *, user: User, role: str, ends_at: datetime | None = None, by: audit.Actor
) -> Membership:
    """Make `user` a member, or change their role. The audit record names both."""
    with audit.act(workspace, by=by) as act:
        membership, _ = Membership.objects.update_or_create(
            workspace=workspace,
            user=user,
            defaults={"role": Role(role), "ends_at": ends_at},
            create_defaults={"role": Role(role), "ends_at": ends_at, "created_at": act.now},
        )
        audit.record("member.added", subject=f"user:{user.id}", role=role, ends_at=ends_at)
    return membership


def create_token(
    workspace: Workspace, *, name: str, user: User, life: timedelta = TOKEN_LIFE, by: audit.Actor
) -> tuple[ApiToken, str]:
    """A new API token and its secret, which is shown this once and kept only as a digest."""
    with audit.act(workspace, by=by):
        token, secret = ApiToken.objects.create(
            user=user, expiry=life, workspace=workspace, name=name
        )
        audit.record("token.created", subject=f"token:{token.id}", name=name, expires=token.expiry)
    return token, secret
