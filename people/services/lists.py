"""When the directory as a whole was last confirmed complete."""

from audit import services as audit
from people.models import StaffList
from workspaces.models import Workspace


def confirm_complete(
    workspace: Workspace, *, source: str | None = None, by: audit.Actor
) -> StaffList:
    """Note that everybody who works here is in the directory, and nobody else is current.

    `source` is that of a complete list; none where a person has looked through the directory.
    """
    with audit.act(workspace, by=by) as act:
        said = {"confirmed_at": act.now, "confirmed_by": by.label[:200]}
        row, _ = StaffList.objects.update_or_create(
            workspace=workspace, defaults=said if source is None else {**said, "source": source}
        )
        kept = {} if source is None else {"source": str(source)}
        audit.record("staff.confirmed_complete", subject=f"workspace:{workspace.id}", **kept)
    return row
