"""Forms of critical systems: adding one, and the reason that goes into the record."""

from typing import Any

from django import forms

from access.models import CriticalSystem
from access.selectors import SystemChoice
from integrations.catalog import CATALOG
from integrations.models import Connection
from people.forms import ServiceForm
from workspaces import selectors as workspaces
from workspaces.models import User, Workspace


class Organisations(forms.CheckboxSelectMultiple):
    """Tick boxes; an empty value stands for none."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        return [each for each in super().value_from_datadict(data, files, name) or () if each]


class AddSystemForm(ServiceForm):
    """Which integration, and which of its organisations; none: the next one that gets connected."""

    integration = forms.ChoiceField(
        label="System",
        widget=forms.RadioSelect,
        choices=[(each.slug, each.name) for each in CATALOG.values()],
    )
    connection = forms.ModelMultipleChoiceField(
        Connection.objects.none(),
        required=False,
        label="Organisations",
        widget=Organisations,
        help_text="Nothing ticked: the next one that gets connected.",
        error_messages={
            "invalid_choice": "Choose among the organisations of this list.",
            "invalid_pk_value": "Choose among the organisations of this list.",
        },
    )

    def __init__(
        self, data: Any = None, *, workspace: Workspace, choice: SystemChoice, **how: Any
    ) -> None:
        """Taken organisations stay valid answers, so that the service can say what they are."""
        super().__init__(data, **how)
        field: Any = self.fields["connection"]
        field.queryset = Connection.objects.filter(workspace=workspace)
        field.label_from_instance = _organisation
        field.widget.choices = [(each.pk, _organisation(each)) for each in choice.free]
        field.initial = [each.pk for each in choice.free if not _is_disconnected(each)]

    def connections(self) -> list[Connection | None]:
        """Each organisation to be added; a single None for one that is not connected yet."""
        return list(self.cleaned_data["connection"]) or [None]


def _organisation(connection: Connection) -> str:
    name = connection.organisation_name or "Organisation without a name"
    return f"{name} (disconnected)" if _is_disconnected(connection) else name


def _is_disconnected(connection: Connection) -> bool:
    return connection.authorisation == Connection.Authorisation.DISCONNECTED


class RemoveSystemForm(ServiceForm):
    """Why a system is no longer critical; the words go into the record."""

    reason = forms.CharField(
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        label="Why is it no longer critical?",
        error_messages={"required": "Say why this system is no longer critical: it is kept."},
    )


class OwnerForm(ServiceForm):
    """The member who answers for a system."""

    owner = forms.ModelChoiceField(
        User.objects.none(),
        empty_label=None,
        error_messages={"invalid_choice": "Choose a member of this workspace who is no auditor."},
    )

    def __init__(self, data: Any = None, *, system: CriticalSystem, **how: Any) -> None:
        super().__init__(data, initial={"owner": system.owner_id}, **how)
        field: Any = self.fields["owner"]
        here = workspaces.workers(system.workspace).values("user")
        field.queryset = User.objects.filter(pk__in=here).order_by("name", "email")
        field.label_from_instance = lambda user: user.label
