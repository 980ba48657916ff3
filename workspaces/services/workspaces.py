"""Founding a workspace, and its settings."""

from zoneinfo import ZoneInfo, available_timezones

from audit import services as audit
from workspaces.models import Workspace
from workspaces.problems import Problem

# Places, not the old abbreviations and fixed offsets that the list of zones holds too.
ZONES = frozenset(
    {name for name in available_timezones() if "/" in name and name[:3] != "Etc"} | {"UTC"}
)


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
    """Another name or zone. Deadlines of open tasks stay: the zone counts for new ones.

    Raises Problem for an empty name, and for a zone that is no place.
    """
    name = " ".join(name.split())
    if not name:
        raise Problem("name", "Enter the company's name.")
    if zone not in ZONES | {workspace.zone}:
        raise Problem("zone", "Give a time zone by its IANA name, for example Europe/London.")
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
