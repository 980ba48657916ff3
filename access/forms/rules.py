"""Forms of the access rule: the editor, and one Org role added where it is missing."""

from collections.abc import Iterable
from typing import Any

from django import forms

from access import services as access
from access.facts import product_of
from access.levels import EXACTLY, default_shorthand, of_shorthand, shorthand_of
from access.models import CriticalSystem
from checks.facts import LevelScheme, RuleMode
from people import selectors as people
from people.forms import SeenForm, ServiceForm
from people.models import OrgRole
from workspaces.models import Workspace


class RuleForm(SeenForm):
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
        """`seen`: levels of present accounts and of the saved rule, ticked as they are written."""
        super().__init__(data, **how)
        self.scheme = scheme
        self.others = sorted(set(seen) - scheme.grantable - scheme.no_access - {""})
        self.roles = list(people.org_roles(workspace))
        self._add_allowance("all", "all staff")
        for role in self.roles:
            self.fields[f"role_{role.pk}"] = forms.BooleanField(required=False, label=role.name)
            self._add_allowance(str(role.pk), role.name)

    def _add_allowance(self, key: str, who: str) -> None:
        """A shorthand to choose, and the levels to tick where none of them fits."""
        default = default_shorthand(self.scheme)
        shorthands = [(name, name) for name in self.scheme.shorthands]
        self.fields[f"allow_{key}"] = forms.ChoiceField(
            label=f"Xero roles for {who}",
            required=False,
            choices=[*shorthands, (EXACTLY, "Exactly …")],
            initial=default,
        )
        documented = [each for each in self.scheme.labels if each in self.scheme.grantable]
        self.fields[f"levels_{key}"] = forms.MultipleChoiceField(
            label=f"Exactly these Xero roles for {who}",
            required=False,
            widget=forms.CheckboxSelectMultiple,
            choices=[(each, self._level_words(each)) for each in [*documented, *self.others]],
        )

    def _level_words(self, level: str) -> str:
        if level in self.scheme.labels:
            return self.scheme.name(level)
        return f"“{level}”, a role we do not know: look in Xero what it allows"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        keys = ["all"]
        if data.get("mode") == RuleMode.ROLE_BASED:
            keys = [str(role.pk) for role in self.roles if data.get(f"role_{role.pk}")]
        for key in keys:
            if data.get(f"allow_{key}") == EXACTLY and not data.get(f"levels_{key}"):
                self.add_error(f"levels_{key}", "Tick at least one Xero role, or choose a set.")
        return data

    def role_rows(self) -> list[dict[str, Any]]:
        """Per Org role its fields, for the page."""
        return [
            {
                "role": role,
                "tick": self[f"role_{role.pk}"],
                "allow": self[f"allow_{role.pk}"],
                "levels": self[f"levels_{role.pk}"],
            }
            for role in self.roles
        ]

    def arguments(self) -> dict[str, Any]:
        """The keyword arguments of `services.save_rule`, without `user` and `by`."""
        data = self.cleaned_data
        roles = [
            access.RoleLevels(role, self._chosen(str(role.pk)))
            for role in self.roles
            if data[f"role_{role.pk}"]
        ]
        if data["mode"] == RuleMode.ALL_STAFF:
            return {"mode": data["mode"], "levels": self._chosen("all")}
        return {"mode": data["mode"], "roles": roles}

    def _chosen(self, key: str) -> frozenset[str] | None:
        name = self.cleaned_data[f"allow_{key}"] or default_shorthand(self.scheme)
        if name == EXACTLY:
            return frozenset(self.cleaned_data[f"levels_{key}"])
        return of_shorthand(name, self.scheme)


def rule_initial(system: CriticalSystem) -> dict[str, Any]:
    """What the saved rule shows in the form."""
    rule = getattr(system, "rule", None)
    if rule is None:
        return {}
    initial = {"mode": rule.mode} | _allowance(system, "all", rule.levels)
    for entry in rule.entries.all():
        initial[f"role_{entry.org_role_id}"] = True
        initial |= _allowance(system, str(entry.org_role_id), entry.levels)
    return initial


def _allowance(system: CriticalSystem, key: str, levels: list[str] | None) -> dict[str, Any]:
    """The shorthand of a saved set; its levels stay ticked in case "Exactly" is chosen."""
    name = shorthand_of(levels, product_of(system).scheme)
    return {f"allow_{key}": name, f"levels_{key}": levels or []}


class OrgRoleChoice(ServiceForm):
    """One more Org role for the rule, added where its absence is seen."""

    org_role = forms.ModelChoiceField(OrgRole.objects.none(), label="Org role")

    def __init__(self, data: Any = None, *, workspace: Workspace, **how: Any) -> None:
        super().__init__(data, **how)
        field: Any = self.fields["org_role"]
        field.queryset = people.org_roles(workspace)
