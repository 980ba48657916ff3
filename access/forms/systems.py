"""Forms of critical systems: adding one, its rule, reasons."""

from collections.abc import Iterable
from typing import Any

from django import forms

from access import services as access
from access.models import CriticalSystem
from checks.facts import LevelScheme, RuleMode
from integrations.catalog import CATALOG
from integrations.models import Connection
from people import selectors as people
from people.forms import ServiceForm
from people.models import OrgRole
from workspaces.models import Workspace

ANY = "any"


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


class RuleForm(ServiceForm):
    """The access rule: a mode, and per Org role the Xero roles that it may have."""

    mode = forms.ChoiceField(
        label="Who may have access",
        widget=forms.RadioSelect,
        choices=[
            (RuleMode.ROLE_BASED.value, "Role based: people with the Org roles listed below"),
            (RuleMode.ALL_STAFF.value, "All staff: anybody who works here"),
        ],
        initial=RuleMode.ROLE_BASED.value,
    )

    def __init__(
        self,
        data: Any = None,
        *,
        workspace: Workspace,
        scheme: LevelScheme,
        seen: Iterable[str] = (),
        **how: Any,
    ) -> None:
        """`seen` are the levels of present accounts: an unknown text is ticked as it is written."""
        super().__init__(data, **how)
        self.scheme = scheme
        self.others = sorted(set(seen) - scheme.grantable - scheme.no_access - {""})
        self.roles = list(people.org_roles(workspace))
        self.fields["levels_all"] = self._levels("Xero roles allowed to all staff")
        for role in self.roles:
            self.fields[f"role_{role.pk}"] = forms.BooleanField(required=False, label=role.name)
            self.fields[f"levels_{role.pk}"] = self._levels(f"Xero roles for {role.name}")

    def _levels(self, label: str) -> forms.MultipleChoiceField:
        documented = [
            (level, self.scheme.name(level))
            for level in self.scheme.labels
            if level in self.scheme.grantable
        ]
        others = [(level, f"{self.scheme.name(level)}, as it is written") for level in self.others]
        return forms.MultipleChoiceField(
            label=label,
            required=False,
            widget=forms.CheckboxSelectMultiple,
            choices=[(ANY, "Any documented role"), *documented, *others],
            initial=[ANY],
        )

    def role_rows(self) -> list[dict[str, Any]]:
        """Per Org role its two fields, for the page."""
        return [
            {"role": role, "tick": self[f"role_{role.pk}"], "levels": self[f"levels_{role.pk}"]}
            for role in self.roles
        ]

    def arguments(self) -> dict[str, Any]:
        """The keyword arguments of `services.save_rule`, without `user` and `by`."""
        data = self.cleaned_data
        roles = [
            access.RoleLevels(role, self._chosen(f"levels_{role.pk}"))
            for role in self.roles
            if data[f"role_{role.pk}"]
        ]
        return {"mode": data["mode"], "levels": self._chosen("levels_all"), "roles": roles}

    def _chosen(self, name: str) -> frozenset[str] | None:
        levels = self.cleaned_data[name]
        return None if ANY in levels else frozenset(levels)


def rule_initial(system: CriticalSystem) -> dict[str, Any]:
    """What the saved rule shows in the form."""
    rule = getattr(system, "rule", None)
    if rule is None:
        return {}
    initial: dict[str, Any] = {"mode": rule.mode}
    if rule.levels is not None:
        initial["levels_all"] = rule.levels
    for entry in rule.entries.all():
        initial[f"role_{entry.org_role_id}"] = True
        initial[f"levels_{entry.org_role_id}"] = entry.levels or [ANY]
    return initial


class OrgRoleChoice(ServiceForm):
    """One more Org role for the rule, added where its absence is seen."""

    org_role = forms.ModelChoiceField(OrgRole.objects.none(), label="Org role")

    def __init__(self, data: Any = None, *, workspace: Workspace, **how: Any) -> None:
        super().__init__(data, **how)
        field: Any = self.fields["org_role"]
        field.queryset = people.org_roles(workspace)
