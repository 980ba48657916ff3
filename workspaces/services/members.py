"""Members of a workspace: adding them and changing what they may do."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from audit import services as audit
from workspaces.models import Membership, User, Workspace
from workspaces.permissions import Area, Role


def add_member(
    workspace: Workspace,
    *,
    user: User,
    role: str,
    areas: Collection[str] = (),
    ends_at: datetime | None = None,
    by: audit.Actor,
) -> Membership:
    """Make `user` a member, or change their role. `areas` confine an editor; none means all."""
    confined = [str(Area(area)) for area in areas]
    rights: dict[str, Any] = {"role": Role(role), "areas": confined, "ends_at": ends_at}
    with audit.act(workspace, by=by) as act:
        membership, _ = Membership.objects.update_or_create(
            workspace=workspace,
            user=user,
            defaults=rights,
            create_defaults={**rights, "created_at": act.now},
        )
        audit.record("member.added", subject=f"user:{user.id}", **rights)
    return membership
