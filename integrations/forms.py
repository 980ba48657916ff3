"""Forms of the integrations' pages: the decision on a held list, where to go on."""

from django import forms
from django.utils.http import url_has_allowed_host_and_scheme

from people import forms as people


class DecisionForm(people.ServiceForm):
    """Why a held list is taken over or thrown away; kept in the run and in the audit log."""

    reason = forms.CharField(
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Whoever reads the record later sees it.",
        error_messages={"required": "Say why. Nothing was changed."},
    )


class BackForm(forms.Form):
    """Where to go on after an act: an address of ours, or nothing."""

    next = forms.CharField(required=False, max_length=2000)

    def clean_next(self) -> str:
        asked = str(self.cleaned_data["next"])
        return asked if url_has_allowed_host_and_scheme(asked, allowed_hosts=None) else ""

    @property
    def address(self) -> str:
        return str(self.cleaned_data["next"]) if self.is_valid() else ""
