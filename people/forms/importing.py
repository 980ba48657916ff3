"""Forms of the import: the file, what is to be done with problems, and choices by row."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from people.forms.base import ServiceForm
from people.models import ImportLine, StaffImport
from people.services import LARGEST, too_large


class UploadForm(ServiceForm):
    """The list, and how it is meant."""

    file = forms.FileField(
        label="CSV file",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}),
        help_text=f"Up to {LARGEST >> 20} MB. Separated by comma, semicolon or tab.",
        error_messages={
            "required": "Choose the file.",
            "empty": "This file is empty. Choose the list; nothing was saved.",
        },
    )
    complete = forms.BooleanField(
        label="This is the complete list",
        required=False,
        help_text="Whoever came with an earlier list and is missing here has left today. People"
        " added by hand stay.",
    )
    create_roles = forms.BooleanField(
        label="Create Org roles that do not exist yet",
        required=False,
        help_text="Otherwise a row with an unknown Org role is a problem.",
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST:
            raise ValidationError(too_large())
        return file


class Plan(forms.CharField):
    """Which preview was looked at; shown again, the form stands below the present one."""

    def bound_data(self, data: Any, initial: Any) -> Any:
        return initial


class ApplyForm(ServiceForm):
    """What the preview asks before it is taken over: nothing, where all is good."""

    plan = Plan(widget=forms.HiddenInput(), required=False)
    valid_only = forms.BooleanField(
        label="Leave out the rows that have problems",
        error_messages={"required": "Tick this to go on without the rows that have problems."},
        help_text="Nothing of them is saved, and nobody is made a leaver for missing.",
    )
    reason = forms.CharField(
        label="Why do so many people leave at once?",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say why so many people leave at once: the reason is kept."},
    )

    def __init__(self, data: Any = None, *, job: StaffImport) -> None:
        super().__init__(data, initial={"plan": job.plan_digest})
        problems = job.counts.get("problem") or job.counts.get("choice")
        if not problems:
            del self.fields["valid_only"]
        if problems or not job.shrinks:
            del self.fields["reason"]

    def arguments(self) -> dict[str, Any]:
        """The keyword arguments of `services.apply_import`, without `by`."""
        return dict(self.cleaned_data)


class ChoicesForm(ServiceForm):
    """Whether former people are back, row by row."""

    def __init__(self, data: Any = None, *, lines: Iterable[ImportLine]) -> None:
        super().__init__(data)
        for line in lines:
            self.fields[f"row-{line.row}"] = forms.ChoiceField(
                label=f"Row {line.row}: {line.words}",
                required=False,
                choices=[("same", "The same person, who is back"), ("other", "Another person")],
                widget=forms.RadioSelect,
            )

    def choices(self) -> dict[int, str]:
        """Row number -> "same" or "other", for the rows that were decided."""
        return {int(key[4:]): word for key, word in self.cleaned_data.items() if word}
