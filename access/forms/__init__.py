"""Forms of access: adding a system, the rule, whose account it is."""

from access.forms.identifying import AcceptForm, AccountsForm, ApproveForm, IdentifyForm
from access.forms.lists import OffboardedForm, StaffAccessForm
from access.forms.rules import OrgRoleChoice, RuleForm, rule_initial
from access.forms.systems import AddSystemForm, OwnerForm, RemoveSystemForm
from access.forms.tasks import AssignForm, TaskFilterForm, check_titles
from access.forms.users import HistoryForm, UsersForm

__all__ = [
    "AcceptForm",
    "AccountsForm",
    "AddSystemForm",
    "ApproveForm",
    "AssignForm",
    "HistoryForm",
    "IdentifyForm",
    "OffboardedForm",
    "OrgRoleChoice",
    "OwnerForm",
    "RemoveSystemForm",
    "RuleForm",
    "StaffAccessForm",
    "TaskFilterForm",
    "UsersForm",
    "check_titles",
    "rule_initial",
]
