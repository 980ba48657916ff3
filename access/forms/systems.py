"""Forms of critical systems: adding one, and the reason that goes into the record."""

from typing import Any

from django import forms

from integrations.catalog import CATALOG
from integrations.models import Connection
from people.forms import ServiceForm
from workspaces.models import Workspace


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
        empty_label="The first one that gets connected",
        help_text="Organisations that are connected and not critical systems yet.",
    )

    def __init__(self, data: Any = None, *, workspace: Workspace, **how: Any) -> None:
        super().__init__(data, **how)
        free = Connection.objects.filter(workspace=workspace).exclude(
            criticalsystem__removed_at__isnull=True, criticalsystem__isnull=False
        )
        field: Any = self.fields["connection"]
        field.queryset = free.exclude(authorisation=Connection.Authorisation.DISCONNECTED)
        field.label_from_instance = lambda each: each.organisation_name
        if field.queryset.count() == 1:
            field.initial = field.queryset.first()
            field.empty_label = None


class ReasonForm(ServiceForm):
    """The reason that goes into the record."""

    reason = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
