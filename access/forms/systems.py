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


class AddSystemForm(ServiceForm):
    """Which integration, and which of its organisations where there are several."""

    integration = forms.ChoiceField(
        label="System",
        widget=forms.RadioSelect,
        choices=[(each.slug, each.name) for each in CATALOG.values()],
    )
    connection = forms.ModelChoiceField(
        Connection.objects.none(),
        required=False,
        label="Organisation",
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Choose one of the organisations of this list."},
    )

    def __init__(
        self, data: Any = None, *, workspace: Workspace, choice: SystemChoice, **how: Any
    ) -> None:
        """Taken organisations stay valid answers, so that the service can say what they are."""
        super().__init__(data, **how)
        field: Any = self.fields["connection"]
        field.queryset = Connection.objects.filter(workspace=workspace)
        field.label_from_instance = _organisation
        offered = [(each.pk, _organisation(each)) for each in choice.free]
        wait = [] if len(choice.free) == 1 else [("", "The next one that gets connected")]
        field.widget.choices = [*offered, *wait]
        field.initial = choice.free[0].pk if choice.free else ""


def _organisation(connection: Connection) -> str:
    name = connection.organisation_name or "Organisation without a name"
    ended = connection.authorisation == Connection.Authorisation.DISCONNECTED
    return f"{name} (disconnected)" if ended else name


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
        error_messages={"invalid_choice": "Choose a member of this workspace."},
    )

    def __init__(self, data: Any = None, *, system: CriticalSystem, **how: Any) -> None:
        super().__init__(data, initial={"owner": system.owner_id}, **how)
        field: Any = self.fields["owner"]
        here = workspaces.members(system.workspace).values("user")
        field.queryset = User.objects.filter(pk__in=here).order_by("name", "email")
        field.label_from_instance = lambda user: user.label
