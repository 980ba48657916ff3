"""What forms share: a service that may refuse, which state a person saw, and days."""

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from workspaces.problems import Problem

Done = TypeVar("Done")


class ServiceForm(forms.Form):
    """A form whose service may still refuse."""

    def settle(self, act: Callable[[], Done]) -> Done | None:
        """What `act` returns; None where the form is not valid or the service refuses."""
        if self.is_valid():
            try:
                return act()
            except Problem as problem:
                self.take(problem)
        return None

    def words(self) -> str:
        """All errors in one line, for a message where the form is not shown again."""
        return " ".join(str(text) for found in self.errors.values() for text in found)

    def take(self, problem: Problem) -> None:
        """Show what the service said beside the field that it names."""
        self.add_error(problem.field if problem.field in self.fields else None, problem.words)


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


FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)


class DayField(forms.DateField):
    """A day, picked or typed."""

    def __init__(self, **how: Any) -> None:
        wrong = {"invalid": "Enter a day of the calendar, for example 2027-04-01."}
        # Beyond these, an instant of some time zone would leave the calendar.
        near = [
            MinValueValidator(FIRST_DAY, "Enter a day from 1900 on."),
            MaxValueValidator(LAST_DAY, "Enter a day before the year 2200."),
        ]
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(
            widget=widget, error_messages=wrong, required=False, validators=near, **how
        )
