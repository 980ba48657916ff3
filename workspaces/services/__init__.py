"""Acts on workspaces and those who enter them; each refuses with a `workspaces.problems.Problem`."""

from workspaces.services.members import (
    FARTHEST,
    Rights,
    add_member,
    change_member,
    note_seen,
    remove_member,
    rights_version,
)
from workspaces.services.tokens import create_token, make_token, revoke_all_tokens, revoke_token
from workspaces.services.workspaces import ZONES, change_settings, found

__all__ = [
    "FARTHEST",
    "ZONES",
    "Rights",
    "add_member",
    "change_member",
    "change_settings",
    "create_token",
    "found",
    "make_token",
    "note_seen",
    "remove_member",
    "revoke_all_tokens",
    "revoke_token",
    "rights_version",
]
