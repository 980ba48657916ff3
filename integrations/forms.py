"""Forms of the integrations' pages: the decision on a held list."""

from django import forms

from people import forms as people


class DecisionForm(people.ServiceForm):
    """Why a held list is taken over or thrown away; kept in the run and in the audit log."""

    reason = forms.CharField(
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Whoever reads the record later sees it.",
        error_messages={"required": "Say why. Nothing was changed."},
    )
