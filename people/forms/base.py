"""What all forms of the directory share: how days are typed, and which state a person saw."""

from typing import Any

from django import forms

from workspaces.forms import ServiceForm
from workspaces.problems import Problem

__all__ = ["DateField", "SeenForm", "ServiceForm"]

NO_DATE = {"invalid": "Enter a day of the calendar, for example 2027-04-01."}


class DateField(forms.DateField):
    """A day, picked or typed."""

    def __init__(self, **how: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        missing = {"required": "Enter a day."}
        super().__init__(widget=widget, error_messages=NO_DATE | missing, **how)


class SeenForm(ServiceForm):
    """A form over what stands already; it carries which state the person saw when they opened it."""

    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, version: str = "", **how: Any) -> None:
        self.version = version
        how["initial"] = {"seen": version} | how.get("initial", {})
        super().__init__(data, **how)

    def clean_seen(self) -> str | None:
        return self.cleaned_data["seen"] or None

    def take(self, problem: Problem) -> None:
        """After an overlap has been told, saving again is a decision over what stands now."""
        if problem.field == "seen":
            typed: Any = self.data.copy()  # type: ignore[attr-defined]
            typed["seen"] = self.version
            self.data = typed
            self.add_error(None, problem.words)
        else:
            super().take(problem)
