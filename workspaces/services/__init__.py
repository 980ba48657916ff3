"""Acts on workspaces and those who enter them."""

from workspaces.services.members import add_member
from workspaces.services.tokens import create_token
from workspaces.services.workspaces import found

__all__ = ["add_member", "create_token", "found"]
