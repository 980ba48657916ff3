"""Forms of Org roles: the name, and which role another one becomes part of."""

from typing import Any

from django import forms

from people import selectors
from people.forms.base import ServiceForm
from people.models import OrgRole


class OrgRoleForm(ServiceForm):
    """The name of an Org role."""

    name = forms.CharField(
        max_length=OrgRole.LONGEST_NAME,
        help_text="For example Accountant or Finance lead.",
        error_messages={"required": "Enter a name, for example Accountant."},
    )


class MergeRolesForm(ServiceForm):
    """The Org role that takes the other's place."""

    into = forms.ModelChoiceField(
        OrgRole.objects.none(),
        label="Merge into",
        help_text="Everybody with the merged Org role has this one afterwards, and rules list it.",
        error_messages={"required": "Choose the Org role that remains."},
    )

    def __init__(self, data: Any = None, *, org_role: OrgRole) -> None:
        super().__init__(data)
        into: Any = self.fields["into"]
        into.queryset = selectors.org_roles(org_role.workspace).exclude(pk=org_role.pk)
