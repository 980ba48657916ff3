"""Filters of the lists of access; a filter that does not exist is left out."""

from typing import Any

from django import forms

from access import selectors
from access.models import CriticalSystem
from workspaces.models import Workspace


class _Filters(forms.Form):
    """Kept values only: a link with a wrong filter shows the list without it."""

    q = forms.CharField(required=False, max_length=200)

    def kept(self, name: str) -> Any:
        """The value of a filter, None where it is empty or wrong."""
        self.is_valid()
        return self.cleaned_data.get(name) or None


class StaffAccessForm(_Filters):
    """Search and filters of "Staff access"."""

    show = forms.ChoiceField(
        required=False,
        choices=[
            (selectors.Show.MAPPED.value, "People with an account"),
            (selectors.Show.UNMAPPED.value, "People without an account"),
            (selectors.Show.INVALID.value, "Access that is not valid"),
            (selectors.Show.EVERYBODY.value, "Everybody"),
        ],
    )
    system = forms.ModelChoiceField(
        CriticalSystem.objects.none(), required=False, empty_label="Every system"
    )

    def __init__(self, data: Any, *, workspace: Workspace) -> None:
        super().__init__(data)
        field: Any = self.fields["system"]
        field.queryset = selectors.for_workspace(workspace).filter(connection__isnull=False)
        field.label_from_instance = selectors.name_of

    def wanted(self) -> dict[str, Any]:
        """What `selectors.staff_access` takes."""
        show = self.kept("show") or selectors.Show.MAPPED
        return {"search": self.kept("q") or "", "show": show, "system": self.kept("system")}


class OffboardedForm(_Filters):
    """Search and filter of "Offboarded staff"."""

    found = forms.ChoiceField(
        required=False,
        choices=[
            ("", "Everybody who left"),
            *((each.value, each.value) for each in selectors.Found),
        ],
    )

    def wanted(self) -> dict[str, Any]:
        """What `selectors.offboarded` takes."""
        return {"search": self.kept("q") or "", "found": self.kept("found") or ""}
