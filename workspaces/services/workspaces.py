"""Founding a workspace."""

from zoneinfo import ZoneInfo

from audit import services as audit
from workspaces.models import Workspace


def found(name: str, *, zone: str = "UTC", by: audit.Actor) -> Workspace:
    """Create a workspace. `zone` is an IANA name; raises ZoneInfoNotFoundError for another text."""
    ZoneInfo(zone)
    workspace = Workspace(name=name, zone=zone)
    with audit.act(workspace, by=by) as act:
        workspace.created_at = act.now
        workspace.save(force_insert=True)
        audit.record("workspace.founded", subject=f"workspace:{workspace.id}", name=name, zone=zone)
    return workspace
