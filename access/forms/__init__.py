"""Forms of access: adding a system, the rule, whose account it is."""

from access.forms.identifying import AcceptForm, AccountsForm, ApproveForm, IdentifyForm
from access.forms.rules import OrgRoleChoice, RuleForm, rule_initial
from access.forms.systems import AddSystemForm, ReasonForm

__all__ = [
    "AcceptForm",
    "AccountsForm",
    "AddSystemForm",
    "ApproveForm",
    "IdentifyForm",
    "OrgRoleChoice",
    "ReasonForm",
    "RuleForm",
    "rule_initial",
]
