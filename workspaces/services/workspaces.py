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


def change_settings(
    workspace: Workspace, *, name: str | None = None, zone: str | None = None, by: audit.Actor
) -> Workspace:
    """Another name or zone; None leaves it. Deadlines of open tasks stay: the zone counts for new.

    Raises Problem for an empty name, and for a zone that is no place.
    """
    with audit.act(workspace, by=by):
        rows = Workspace.objects.select_for_update(of=("self",), no_key=True)
        fresh = rows.get(pk=workspace.pk)
        before = {"name": fresh.name, "zone": fresh.zone}
        after = {
            "name": fresh.name if name is None else " ".join(name.split()),
            "zone": fresh.zone if zone is None else zone,
        }
        if not after["name"]:
            raise Problem("name", "Enter the company's name.")
        if after["zone"] not in ZONES | {fresh.zone}:
            raise Problem("zone", "Give a time zone by its IANA name, for example Europe/London.")
        changed = [key for key in after if before[key] != after[key]]
        if not changed:
            return fresh
        fresh.name, fresh.zone = after["name"], after["zone"]
        fresh.save(update_fields=changed)
        audit.record(
            "workspace.changed",
            subject=f"workspace:{fresh.id}",
            before={key: before[key] for key in changed},
            after={key: after[key] for key in changed},
        )
    return fresh
