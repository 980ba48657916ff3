"""Forms of tasks: filters of the list, giving tasks to somebody."""

import uuid
from datetime import datetime
from typing import Any

from django import forms

from access import selectors
from access.facts import name_of
from access.models import CriticalSystem
from access.selectors import NOBODY, Wanted
from checks.rules import CHECKS
from integrations.catalog import CATALOG
from people.forms import ServiceForm
from workspaces import selectors as workspaces
from workspaces.models import Membership, User, Workspace

ME, EVERYBODY = "me", ""
SHOWS = [
    ("open", "To do"),
    ("failing", "Failing"),
    ("critical", "Critical"),
    ("due", "Due"),
    ("stale", "Stale"),
    ("waiting", "Waiting"),
    ("passing", "Passing"),
    ("special", "Special case"),
    ("closed", "Closed"),
    ("unmonitored", "Not monitored"),
    ("all", "All"),
]


def check_titles() -> list[tuple[str, str]]:
    """Check ids and the titles that people know."""
    return [(each.id, each.title(CATALOG["xero"].name)) for each in CHECKS]


class TaskFilterForm(forms.Form):
    """Which tasks to list; a choice that does not exist is left out."""

    show = forms.ChoiceField(required=False, choices=SHOWS)
    check = forms.ChoiceField(required=False)
    system = forms.ModelChoiceField(
        CriticalSystem.objects.none(), required=False, empty_label="All systems"
    )
    owner = forms.ChoiceField(required=False)

    def __init__(self, data: Any, *, membership: Membership, workspace: Workspace) -> None:
        super().__init__(data)
        self.membership = membership
        self._set("check", [("", "All checks"), *check_titles()])
        system: Any = self.fields["system"]
        system.queryset = selectors.for_workspace(workspace)
        system.label_from_instance = name_of
        members = [(str(row.user_id), row.user.label) for row in workspaces.members(workspace)]
        fixed = [(EVERYBODY, "Everybody"), (ME, "Me"), (NOBODY, "Nobody (the admins)")]
        self._set("owner", [*fixed, *members])

    def _set(self, name: str, choices: list[tuple[str, str]]) -> None:
        field: Any = self.fields[name]
        field.choices = choices

    def wanted(self) -> Wanted:
        """What `selectors.tasks` takes."""
        self.is_valid()
        kept = self.cleaned_data
        owner, system = kept.get("owner") or "", kept.get("system")
        return Wanted(
            show=kept.get("show") or "open",
            check_id=kept.get("check") or "",
            system=system.pk if system else None,
            owner=str(self.membership.user_id) if owner == ME else owner,
        )


class AssignForm(ServiceForm):
    """Whom to give the chosen tasks to; nobody means the admins."""

    MOST = 500

    owner = forms.ModelChoiceField(
        User.objects.none(), required=False, empty_label="Nobody (the admins)"
    )
    task = forms.TypedMultipleChoiceField(coerce=uuid.UUID, required=False)

    def __init__(
        self, data: Any = None, *, workspace: Workspace, now: datetime | None = None, **how: Any
    ) -> None:
        super().__init__(data, **how)
        owner: Any = self.fields["owner"]
        owner.queryset = User.objects.filter(
            pk__in=workspaces.workers(workspace, now=now).values("user_id")
        ).order_by("name", "email")
        owner.label_from_instance = lambda user: user.label
        chosen: Any = self.fields["task"]
        sent = data.getlist("task")[: self.MOST] if data is not None else []
        chosen.choices = [(each, each) for each in sent if _is_id(each)]
        chosen.error_messages = {"invalid_choice": "Choose tasks of the list."}

    def clean_task(self) -> list[uuid.UUID]:
        chosen: list[uuid.UUID] = self.cleaned_data["task"]
        if not chosen:
            raise forms.ValidationError("Tick at least one task.")
        return chosen


def _is_id(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
