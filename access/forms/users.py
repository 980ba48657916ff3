"""Filters of one system's users, and the day that its history is asked about."""

from datetime import date, datetime
from typing import Any

from django import forms

from access.selectors.users import (
    INVALID,
    NOT_STAFF,
    OTHER_LEVEL,
    SPECIAL,
    STAFF,
    UNKNOWN,
    UNSURE,
    VALID,
)
from checks.facts import LevelScheme
from people import days
from people.forms import DateField


class UsersForm(forms.Form):
    """Search, filters and order of the users of a system."""

    q = forms.CharField(required=False, max_length=200)
    level = forms.ChoiceField(required=False)
    identified = forms.ChoiceField(
        required=False,
        choices=[("", "Anybody"), (STAFF, "Staff"), (NOT_STAFF, "Not a staff account"),
                 (UNKNOWN, "Not identified")],
    )  # fmt: skip
    validity = forms.ChoiceField(
        required=False,
        choices=[("", "Any"), (VALID, "Valid"), (INVALID, "Not valid"),
                 (SPECIAL, "Special case"), (UNSURE, "Cannot be said")],
    )  # fmt: skip
    privileged = forms.BooleanField(required=False, label="Privileged only")
    present = forms.ChoiceField(
        required=False, choices=[("", "In the list now"), ("gone", "Gone from the list")]
    )
    sort = forms.ChoiceField(required=False, choices=[("", "Name"), ("newest", "Newest first")])

    def __init__(self, data: Any, *, scheme: LevelScheme) -> None:
        super().__init__(data)
        field: Any = self.fields["level"]
        known = [
            (each, f"{name} (no access)" if each in scheme.no_access else name)
            for each, name in scheme.labels.items()
            if each not in scheme.undetermined
        ]
        field.choices = [("", "Any"), *known, (OTHER_LEVEL, "A role we do not know")]

    def wanted(self) -> dict[str, Any]:
        """What `selectors.users` takes; a filter that does not exist is left out."""
        self.is_valid()
        kept = self.cleaned_data
        return {
            "search": kept.get("q", ""),
            "level": kept.get("level", ""),
            "identified": kept.get("identified", ""),
            "validity": kept.get("validity", ""),
            "privileged": kept.get("privileged", False),
            "gone": kept.get("present") == "gone",
        }

    @property
    def order(self) -> str:
        """A key of `selectors.SORTS`."""
        return self.cleaned_data.get("sort") or "name"

    @property
    def narrows(self) -> bool:
        return any(self.wanted().values())


class HistoryForm(forms.Form):
    """The day about which somebody asks who had access."""

    on = DateField(label="Who had access on", required=False)
    q = forms.CharField(required=False, max_length=200)

    def instant(self, now: datetime, zone: str) -> datetime | None:
        """The end of the day that was asked for, or now while that day lasts; None without one."""
        chosen: date | None = self.cleaned_data.get("on") if self.is_valid() else None
        return None if chosen is None else min(now, days.end_of_day(chosen, zone))

    def clean_on(self) -> date | None:
        chosen: date | None = self.cleaned_data["on"]
        if chosen is not None and not days.is_plausible(chosen):
            raise forms.ValidationError("Enter a day of the last hundred years.")
        return chosen
