"""Forms of the house: they parse what people type and give back arguments for services."""

from workspaces.forms.audit_log import AuditLogForm, WalkForm
from workspaces.forms.base import DayField, SeenForm, ServiceForm
from workspaces.forms.members import InviteForm, JoinForm, RightsForm, SwitchForm
from workspaces.forms.settings import TokenForm, TokensTooForm, WorkspaceForm

__all__ = [
    "AuditLogForm",
    "DayField",
    "InviteForm",
    "JoinForm",
    "RightsForm",
    "SeenForm",
    "ServiceForm",
    "SwitchForm",
    "TokenForm",
    "TokensTooForm",
    "WalkForm",
    "WorkspaceForm",
]
