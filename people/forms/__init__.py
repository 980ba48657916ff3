"""Forms of the directory: they parse what people type and give back arguments for services."""

from people.forms.base import DateField, SeenForm, ServiceForm
from people.forms.directory import DirectoryForm, RolesOfManyForm
from people.forms.importing import ApplyForm, ChoicesForm, UploadForm
from people.forms.roles import MergeRolesForm, OrgRoleForm
from people.forms.staff import AliasForm, MergeForm, OffboardForm, ReinstateForm, StaffForm

__all__ = [
    "AliasForm",
    "ApplyForm",
    "ChoicesForm",
    "DateField",
    "DirectoryForm",
    "MergeForm",
    "MergeRolesForm",
    "OffboardForm",
    "OrgRoleForm",
    "ReinstateForm",
    "RolesOfManyForm",
    "SeenForm",
    "ServiceForm",
    "StaffForm",
    "UploadForm",
]
