"""Forms of what a person sets up: API tokens, and the workspace itself."""

from typing import Any

from django import forms
from django.http import QueryDict

from workspaces import permissions
from workspaces.forms.base import ServiceForm
from workspaces.models import Membership, Workspace
from workspaces.permissions import SCOPES, Scope
from workspaces.services import ZONES


class TokenForm(ServiceForm):
    """What an API token is for, what it may do, and until when."""

    name = forms.CharField(
        max_length=100,
        help_text="What uses it, for example “HR export”.",
        error_messages={"required": "Enter what the token is for."},
    )
    scopes = forms.MultipleChoiceField(
        label="The tool can",
        widget=forms.CheckboxSelectMultiple,
        initial=[Scope.READ],
        error_messages={"required": "Tick at least one thing that the token may do."},
    )
    days = forms.TypedChoiceField(
        label="Works for",
        coerce=int,
        choices=[(30, "30 days"), (90, "90 days"), (180, "180 days"), (365, "a year")],
        initial=90,
    )

    def __init__(
        self, data: Any, *, membership: Membership, wished: QueryDict | None = None
    ) -> None:
        """`wished` is what was filled in before the password was asked for."""
        super().__init__(data)
        if wished:
            kept = {"name": wished.get("name"), "days": wished.get("days")}
            self.initial = kept | {"scopes": wished.getlist("scopes")}
        held = permissions.held(membership)
        scopes: Any = self.fields["scopes"]
        scopes.choices = [pair for pair in Scope.choices if SCOPES[pair[0]] & held]


class TokensTooForm(forms.Form):
    """Whether API tokens go too, where a password changes or sessions end: they hang on neither."""

    tokens_too = forms.BooleanField(required=False)

    def __init__(self, data: Any = None, *, number: int = 0) -> None:
        super().__init__(data)
        box = self.fields["tokens_too"]
        box.label = (
            "Revoke my API token too" if number == 1 else f"Revoke my {number} API tokens too"
        )
        box.help_text = (
            "Otherwise the tools that use them go on as before. Tick this if somebody else may have"
            " been in your account; tools then need new tokens."
        )

    @property
    def wanted(self) -> bool:
        return self.is_valid() and bool(self.cleaned_data["tokens_too"])


class WorkspaceForm(ServiceForm):
    """Name and time zone of a workspace."""

    name = forms.CharField(max_length=200, error_messages={"required": "Enter the company's name."})
    zone = forms.ChoiceField(
        label="Time zone",
        help_text="Deadlines and the ends of working days count in it. A change touches new tasks only.",
        error_messages={"invalid_choice": "Choose a time zone of the list."},
    )

    def __init__(self, data: Any, *, workspace: Workspace) -> None:
        super().__init__(data, initial={"name": workspace.name, "zone": workspace.zone})
        zone: Any = self.fields["zone"]
        zone.choices = [(name, name.replace("_", " ")) for name in sorted(ZONES | {workspace.zone})]
