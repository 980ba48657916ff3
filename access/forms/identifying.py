"""Forms about accounts: whose each is."""

from datetime import date, timedelta
from typing import Any

from django import forms

from checks.facts import NotStaffKind
from people import selectors as people
from people.forms import DateField, ServiceForm
from people.models import StaffMember
from workspaces.models import Workspace


class IdentifyForm(ServiceForm):
    """ "Identify & map user": whose account it is."""

    EXISTING, NEW, NOT_STAFF, UNKNOWN = "existing_staff", "new_staff", "not_staff", "not_identified"

    user_is = forms.ChoiceField(
        label="User is",
        widget=forms.RadioSelect,
        choices=[
            (EXISTING, "Existing staff"),
            (NEW, "New staff"),
            (NOT_STAFF, "Not a staff account"),
            (UNKNOWN, "Not identified"),
        ],
        initial=EXISTING,
    )
    staff = forms.ModelChoiceField(
        StaffMember.objects.none(),
        required=False,
        label="Person",
        empty_label="Choose a person, current or former",
    )
    name = forms.CharField(max_length=200, required=False, label="Name of the new person")
    email = forms.CharField(max_length=320, required=False, label="Work e-mail of the new person")
    employment_type = forms.ChoiceField(
        label="Employment", required=False, choices=StaffMember.Employment.choices
    )
    last_day = DateField(label="Last working day", required=False)
    not_staff_kind = forms.ChoiceField(
        label="Kind of account",
        required=False,
        choices=[("", "Choose"), *((each.value, each.value.capitalize()) for each in NotStaffKind)],
        help_text="Works under your direction: new staff (contractor). Works for another firm: external.",
    )
    owner = forms.ModelChoiceField(
        StaffMember.objects.none(),
        required=False,
        label="Accountable owner",
        empty_label="Choose somebody who works here now",
    )
    users = forms.ModelMultipleChoiceField(
        StaffMember.objects.none(),
        required=False,
        label="Who uses a shared account",
        widget=forms.SelectMultiple(attrs={"size": 6}),
    )
    reason = forms.CharField(
        max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    ends_on = DateField(
        label="Look at it again on",
        required=False,
        help_text="For an external: the end of the engagement.",
    )

    def __init__(
        self, data: Any = None, *, workspace: Workspace, today: date, now: Any, **how: Any
    ) -> None:
        how["initial"] = {"ends_on": today + timedelta(days=365)} | how.get("initial", {})
        super().__init__(data, **how)
        everybody = people.for_workspace(workspace).order_by("name", "id")
        here = people.current(workspace, now=now)
        for name, rows in (("staff", everybody), ("owner", here), ("users", here)):
            field: Any = self.fields[name]
            field.queryset = rows

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        kind = data.get("user_is")
        if kind == self.EXISTING and not data.get("staff"):
            self.add_error("staff", "Choose whose account it is.")
        if kind == self.NEW and not data.get("name"):
            self.add_error("name", "Enter the person's name.")
        return data
