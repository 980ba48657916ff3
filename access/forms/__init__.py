"""Forms of access: adding a system, the rule, whose account it is."""

from access.forms.identifying import AcceptForm, AccountsForm, ApproveForm, IdentifyForm
from access.forms.lists import OffboardedForm, StaffAccessForm
from access.forms.rules import OrgRoleChoice, RuleForm, rule_initial
from access.forms.systems import AddSystemForm, ReasonForm
from access.forms.tasks import AssignForm, TaskFilterForm, check_titles

__all__ = [
    "AcceptForm",
    "AccountsForm",
    "AddSystemForm",
    "ApproveForm",
    "AssignForm",
    "IdentifyForm",
    "OffboardedForm",
    "OrgRoleChoice",
    "ReasonForm",
    "RuleForm",
    "StaffAccessForm",
    "TaskFilterForm",
    "check_titles",
    "rule_initial",
]
