"""When the directory as a whole was last confirmed complete."""

from audit import services as audit
from people.models import StaffList
from workspaces.models import Workspace


def confirm_complete(workspace: Workspace, *, by: audit.Actor) -> StaffList:
    """Note that everybody who works here is in the directory, and nobody else is current."""
    with audit.act(workspace, by=by) as act:
        row, _ = StaffList.objects.update_or_create(
            workspace=workspace,
            defaults={"confirmed_at": act.now, "confirmed_by": by.label[:200]},
        )
        audit.record("staff.confirmed_complete", subject=f"workspace:{workspace.id}")
    return row
