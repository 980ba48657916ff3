"""What pages about people show around themselves: the tabs, and who may edit."""

from typing import Any

from workspaces import permissions
from workspaces.requests import WorkspaceRequest
from workspaces.views.frames import tabs

TABS = (
    ("Directory", "people:directory"),
    ("Org roles", "access:org_roles"),
    ("Import", "people:imports"),
)


def frame(request: WorkspaceRequest, current: str) -> dict[str, Any]:
    """The tabs, and whether this person may edit; `current` is the route of the page."""
    return {
        "can_edit": permissions.allows(request.membership, "people.edit"),
        "tabs": tabs(TABS, current),
    }
