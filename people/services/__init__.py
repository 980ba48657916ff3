"""Acts on the staff directory: adding, changing, leaving, returning, merging, Org roles.

Each refuses with a `Problem`, which names the field and says what to do.
"""

from people.services.addresses import add_alias, withdraw_alias
from people.services.importing.files import (
    LARGEST,
    apply_import,
    cancel_import,
    choose,
    start_import,
    too_large,
)
from people.services.importing.files import run as run_import
from people.services.importing.forgetting import forget_imports
from people.services.importing.upserting import Upserted, upsert
from people.services.leaving import AccessEnds, offboard, reinstate
from people.services.lists import confirm_complete
from people.services.merging import merge
from people.services.problems import Problem, owned_words
from people.services.roles import (
    change_org_roles,
    create_org_role,
    delete_org_role,
    merge_org_roles,
    rename_org_role,
    set_org_roles,
)
from people.services.staff import add, change, edit, staff_version

__all__ = [
    "LARGEST",
    "AccessEnds",
    "Problem",
    "Upserted",
    "add",
    "add_alias",
    "apply_import",
    "cancel_import",
    "change",
    "change_org_roles",
    "choose",
    "confirm_complete",
    "create_org_role",
    "delete_org_role",
    "edit",
    "forget_imports",
    "merge",
    "merge_org_roles",
    "offboard",
    "owned_words",
    "reinstate",
    "rename_org_role",
    "run_import",
    "set_org_roles",
    "staff_version",
    "start_import",
    "too_large",
    "upsert",
    "withdraw_alias",
]
