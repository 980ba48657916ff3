"""What all forms of the directory share: how days are typed."""

from typing import Any

from django import forms

from workspaces.forms import SeenForm, ServiceForm

__all__ = ["DateField", "SeenForm", "ServiceForm"]

NO_DATE = {"invalid": "Enter a day of the calendar, for example 2027-04-01."}


class DateField(forms.DateField):
    """A day, picked or typed."""

    def __init__(self, **how: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        missing = {"required": "Enter a day."}
        super().__init__(widget=widget, error_messages=NO_DATE | missing, **how)
