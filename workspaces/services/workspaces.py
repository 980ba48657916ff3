"""Founding a workspace, and its settings."""

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


def change_settings(workspace: Workspace, *, name: str, zone: str, by: audit.Actor) -> Workspace:
    """Another name or zone. Deadlines of open tasks stay: the zone counts for new ones."""
    ZoneInfo(zone)
    with audit.act(workspace, by=by):
        rows = Workspace.objects.select_for_update(of=("self",), no_key=True)
        fresh = rows.get(pk=workspace.pk)
        before, after = {"name": fresh.name, "zone": fresh.zone}, {"name": name, "zone": zone}
        changed = [key for key in after if before[key] != after[key]]
        if not changed:
            return fresh
        fresh.name, fresh.zone = name, zone
        fresh.save(update_fields=changed)
        audit.record(
            "workspace.changed",
            subject=f"workspace:{fresh.id}",
            before={key: before[key] for key in changed},
            after={key: after[key] for key in changed},
        )
    return fresh
