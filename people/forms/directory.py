"""Forms of the directory as a list: search and filters, and changing the chosen people's roles."""

from typing import Any

from django import forms

from people import selectors
from people.forms.base import ServiceForm
from people.models import OrgRole, Source, StaffMember
from people.selectors import Order, Standing
from workspaces.models import Workspace


class DirectoryForm(forms.Form):
    """Search, filters and order of the directory."""

    q = forms.CharField(required=False, max_length=200)
    status = forms.ChoiceField(required=False, choices=[("", "Everybody"), *Standing.choices])
    org_role = forms.ModelChoiceField(
        OrgRole.objects.none(), required=False, label="Org role", empty_label="Any"
    )
    employment_type = forms.ChoiceField(
        required=False, label="Employment", choices=[("", "Any"), *StaffMember.Employment.choices]
    )
    source = forms.ChoiceField(required=False, choices=[("", "Any"), *Source.choices])
    order = forms.ChoiceField(required=False, label="Sort by", choices=Order.choices)

    def __init__(self, data: Any, *, workspace: Workspace) -> None:
        super().__init__(data)
        field: Any = self.fields["org_role"]
        field.queryset = selectors.org_roles(workspace)

    def wanted(self) -> dict[str, Any]:
        """What `selectors.directory` takes; a filter that does not exist is left out."""
        self.is_valid()
        kept = self.cleaned_data
        role = kept.get("org_role")
        plain = ("status", "employment_type", "source")
        return {name: kept.get(name, "") for name in plain} | {
            "search": kept.get("q", ""),
            "org_role": role.id if role else None,
            "order": kept.get("order") or Order.NAME.value,
        }


class RolesOfManyForm(ServiceForm):
    """Which Org role the chosen people are given or lose."""

    staff = forms.ModelMultipleChoiceField(
        StaffMember.objects.none(),
        error_messages={"required": "Choose at least one person of the list."},
    )
    org_role = forms.ModelChoiceField(
        OrgRole.objects.none(), error_messages={"required": "Choose the Org role."}
    )
    change = forms.ChoiceField(choices=[("add", "Give"), ("remove", "Take away")])

    def __init__(self, data: Any = None, *, workspace: Workspace) -> None:
        super().__init__(data)
        staff: Any = self.fields["staff"]
        staff.queryset = selectors.for_workspace(workspace)
        role: Any = self.fields["org_role"]
        role.queryset = selectors.org_roles(workspace)

    def arguments(self) -> dict[str, Any]:
        """The arguments of `services.change_org_roles`, without `by`."""
        kept = self.cleaned_data
        given_or_taken = "add" if kept["change"] == "add" else "remove"
        return {"people": kept["staff"], given_or_taken: [kept["org_role"]]}
