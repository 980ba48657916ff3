"""Acts on workspaces and those who enter them; each refuses with a `workspaces.problems.Problem`."""

from workspaces.services.members import Rights, add_member, change_member, note_seen, remove_member
from workspaces.services.tokens import create_token
from workspaces.services.workspaces import found

__all__ = [
    "Rights",
    "add_member",
    "change_member",
    "create_token",
    "found",
    "note_seen",
    "remove_member",
]
