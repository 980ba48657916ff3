"""Forms of the sandbox's pages."""

from typing import Any

from django import forms

from sandbox import catalog
from sandbox.models import Organisation

OTHER = "other"


class OrganisationForm(forms.Form):
    """Name an organisation."""

    name = forms.CharField(max_length=200, label="Name")


class UserForm(forms.Form):
    """Everything a person may set on a pretend Xero user."""

    email = forms.CharField(max_length=254, required=False, label="E-mail")
    first_name = forms.CharField(max_length=200, required=False, label="First name")
    last_name = forms.CharField(max_length=200, required=False, label="Last name")
    role = forms.ChoiceField(
        choices=[*((k, f"{v} ({k})") for k, v in catalog.ROLES.items()), (OTHER, "Other text")],
        initial="STANDARD",
        label="Role",
    )
    other_role = forms.CharField(
        max_length=60,
        required=False,
        label="Other role text",
        help_text="Used when the role is “Other text”: Xero has been seen to send undocumented ones.",
    )
    is_subscriber = forms.BooleanField(required=False, label="Subscriber (pays for Xero)")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not any(data.get(name) for name in ("email", "first_name", "last_name")):
            raise forms.ValidationError("Give an e-mail address or a name.")
        other = data.pop("other_role", "")
        if data.get("role") == OTHER:
            if not other:
                raise forms.ValidationError("Write the other role text.")
            data["role"] = other
        return data


class ConsentForm(forms.Form):
    """What the pretend consent page sends."""

    organisation = forms.ModelChoiceField(Organisation.objects.all(), label="Organisation")
    authorised_by = forms.CharField(required=False, label="Acting as")
    ending = forms.ChoiceField(
        choices=[
            ("active", "Success"),
            ("connecting", "Still setting up for a while, then success"),
            ("validation_error", "Saved, but the permission check fails"),
            ("post_install_error", "Saved, but a set-up step fails"),
        ],
        initial="active",
        required=False,
        label="Ending",
    )
    seconds = forms.FloatField(min_value=0, max_value=3600, required=False, initial=10)
