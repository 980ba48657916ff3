"""Acts on the staff directory: adding, changing, leaving, returning, Org roles.

Each refuses with a `Problem`, which names the field and says what to do.
"""

from people.services.addresses import add_alias, withdraw_alias
from people.services.leaving import AccessEnds, offboard, reinstate
from people.services.problems import Problem
from people.services.roles import create_org_role, rename_org_role, set_org_roles
from people.services.staff import add, edit

__all__ = [
    "AccessEnds",
    "Problem",
    "add",
    "add_alias",
    "create_org_role",
    "edit",
    "offboard",
    "reinstate",
    "rename_org_role",
    "set_org_roles",
    "withdraw_alias",
]
