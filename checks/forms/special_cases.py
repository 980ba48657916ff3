"""Forms of special cases: asking for one, and the words of whoever decides."""

from datetime import date, timedelta
from typing import Any

from django import forms

from checks import accepting, attachments
from checks.models import SpecialCase
from checks.services import Attachment
from people.forms import DateField, ServiceForm

UNTIL, FOREVER = "until", "forever"


class SpecialCaseForm(ServiceForm):
    """Why a problem should be accepted, and until when."""

    reason = forms.ChoiceField(choices=[("", "Choose one"), *SpecialCase.Reason.choices])
    note = forms.CharField(
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="What makes this acceptable, and what will end it. Auditors will read it.",
        error_messages={"required": "Say why: auditors will read it."},
    )
    valid = forms.ChoiceField(
        label="Valid",
        widget=forms.RadioSelect,
        choices=[
            (UNTIL, "Until a day"),
            (FOREVER, "Forever: to be confirmed every year, otherwise it ends"),
        ],
        initial=UNTIL,
    )
    ends_on = DateField(label="Until the end of", required=False)
    file = forms.FileField(
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": attachments.ACCEPTED}),
        help_text=f"{attachments.NAMES}, up to {attachments.LARGEST // 1024 // 1024} MB.",
    )

    def __init__(
        self, data: Any = None, files: Any = None, *, check_id: str, today: date, **how: Any
    ) -> None:
        how["initial"] = {"ends_on": today + timedelta(days=30)} | how.get("initial", {})
        super().__init__(data, files, **how)
        day = self.fields["ends_on"]
        setattr(day, "needed", "unless it is valid forever")  # noqa: B010 (components/field.html)
        if check_id == accepting.REMOVAL:
            del self.fields["valid"]
            day.required = True
            most = accepting.MOST_DAYS_FOR_LEAVERS
            day.help_text = f"{most} days at most for somebody who has left."

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("valid") == FOREVER:
            data["ends_on"] = None
        elif not data.get("ends_on") and "ends_on" not in self.errors:
            self.add_error("ends_on", "Enter a day.")
        return data

    def arguments(self) -> dict[str, Any]:
        """The keyword arguments of `services.request_special_case`, without `user` and `by`."""
        kept = self.cleaned_data
        sent = kept["file"]
        attachment = None
        if sent is not None:
            # One byte more than is taken is enough to see that it is too large.
            attachment = Attachment(sent.name, sent.read(attachments.LARGEST + 1))
        return {
            "reason": kept["reason"],
            "note": kept["note"],
            "ends_on": kept["ends_on"],
            "attachment": attachment,
        }


class DecisionForm(ServiceForm):
    """The words that go with a decision; a rejection cannot do without."""

    note = forms.CharField(
        required=False,
        max_length=2000,
        label="Words about the decision",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
