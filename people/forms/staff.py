"""Forms about one person: what is known of them, leaving, coming back."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q

from people import selectors
from people.addresses import LONGEST, normalise
from people.forms.base import DateField, SeenForm, ServiceForm
from people.models import EmailAddress, OrgRole, StaffMember
from people.services import AccessEnds, owned_words, staff_version
from workspaces.models import Workspace


class StaffForm(SeenForm):
    """What is known of a person; with `staff` it edits that one, else it adds somebody."""

    name = forms.CharField(max_length=200, error_messages={"required": "Enter the person's name."})
    email = forms.CharField(
        label="Work e-mail",
        required=False,
        max_length=LONGEST,
        widget=forms.TextInput(attrs={"inputmode": "email", "autocapitalize": "none"}),
        help_text="Accounts with exactly this address are taken for this person's.",
    )
    external_id = forms.CharField(
        label="External id",
        required=False,
        max_length=100,
        help_text="The number in your HR list. E-mail or external id is required.",
    )
    employment_type = forms.ChoiceField(label="Employment", choices=StaffMember.Employment.choices)
    org_roles = forms.ModelMultipleChoiceField(
        OrgRole.objects.none(),
        label="Org roles",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="The job in your company, not the role inside Xero.",
    )
    manager = forms.CharField(
        required=False,
        max_length=LONGEST,
        widget=forms.TextInput(attrs={"autocapitalize": "none"}),
        help_text="The manager's work e-mail or external id.",
    )
    starts_on = DateField(label="Starts on", required=False)
    last_day = DateField(
        label="Last working day",
        required=False,
        help_text="Only for somebody who is leaving or has left: access ends at the end of it.",
    )

    on_leave = forms.BooleanField(
        label="On leave", required=False, help_text="People on leave are current staff."
    )

    def __init__(
        self,
        data: Any = None,
        *,
        workspace: Workspace,
        staff: StaffMember | None = None,
        **how: Any,
    ) -> None:
        self.workspace, self.staff = workspace, staff
        if staff:
            how["initial"] = _known(staff) | how.get("initial", {})
            how["version"] = staff_version(staff)
        super().__init__(data, **how)
        for name, needed in (("email", "or external id"), ("external_id", "or work e-mail")):
            setattr(self.fields[name], "needed", needed)  # noqa: B010 (read by components/field.html)
        roles: Any = self.fields["org_roles"]
        roles.queryset = selectors.org_roles(workspace)
        if staff:
            del self.fields["last_day"]  # leaving is an act of its own, with its own dialog
            self._close_owned(staff)
        else:
            del self.fields["seen"]
        if not roles.queryset.exists():
            roles.help_text = "There are none yet. Create them under People, Org roles."

    def _close_owned(self, staff: StaffMember) -> None:
        for name in self.fields.keys() & set(staff.owned_fields):
            self.fields[name].disabled = True
            self.fields[name].help_text = owned_words(staff)

    def clean(self) -> dict[str, Any]:
        """All that is wrong is marked at once; the services would name one thing after another."""
        data = super().clean() or {}
        email, external_id = data.get("email", ""), data.get("external_id", "")
        if not (email.strip() or external_id or self.errors.keys() & {"email", "external_id"}):
            self.add_error("email", "Enter an e-mail address or an external id.")
        held = EmailAddress.objects.filter(
            workspace=self.workspace, normalised=normalise(email), until__isnull=True
        ).exclude(staff=self.staff)
        if self.errors and email.strip() and (row := held.select_related("staff").first()):
            self.add_error("email", f"This address belongs to {row.staff.name}.")
        return data

    def clean_manager(self) -> StaffMember | None:
        text = self.cleaned_data["manager"].strip()
        if not text:
            return None
        found = _person(self.workspace, text)
        if found is None:
            raise ValidationError(
                "Nobody here has this e-mail or external id. Add the manager first, or leave this"
                " empty."
            )
        return found

    def arguments(self) -> dict[str, Any]:
        """The keyword arguments of `services.add` or `services.edit`, without `by`."""
        return dict(self.cleaned_data)


class OffboardForm(ServiceForm):
    """When a person's work and access end; moving a recorded leaving asks for the reason."""

    last_day = DateField(label="Last working day")
    access_ends = forms.ChoiceField(
        label="Access ends",
        choices=[(AccessEnds.END_OF_DAY.value, "End of that day"), (AccessEnds.NOW.value, "Now")],
        initial=AccessEnds.END_OF_DAY.value,
        widget=forms.RadioSelect,
        help_text="“Now” opens the task to remove their access at once, also where the last working"
        " day is still ahead. Nothing changes in Xero itself: remove the account there.",
    )
    reason = forms.CharField(
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why the leaving moves: the reason is kept."},
    )

    def __init__(self, data: Any = None, *, today: date, moving: bool = False, **how: Any) -> None:
        """`today` is the workspace's; `moving` means that a leaving is recorded already."""
        how["initial"] = {"last_day": today} | how.get("initial", {})
        super().__init__(data, **how)
        if not moving:
            del self.fields["reason"]

    def arguments(self) -> dict[str, Any]:
        """The keyword arguments of `services.offboard`, without `by`."""
        return dict(self.cleaned_data)


class ReinstateForm(ServiceForm):
    """The first day of a person who comes back; nothing to ask while access has not ended."""

    starts_on = DateField(label="Starts again on")

    def __init__(self, data: Any = None, *, today: date, has_left: bool, **how: Any) -> None:
        how["initial"] = {"starts_on": today} | how.get("initial", {})
        super().__init__(data, **how)
        if not has_left:
            del self.fields["starts_on"]

    def arguments(self) -> dict[str, Any]:
        """The keyword arguments of `services.reinstate`, without `by`."""
        return dict(self.cleaned_data)


class AliasForm(ServiceForm):
    """An address that is this person's too."""

    address = forms.CharField(
        label="Alias",
        max_length=LONGEST,
        widget=forms.TextInput(attrs={"inputmode": "email", "autocapitalize": "none"}),
        error_messages={"required": "Enter the address."},
    )


class MergeForm(ServiceForm):
    """The other record of the same person."""

    duplicate = forms.CharField(
        label="The other record",
        max_length=LONGEST,
        widget=forms.TextInput(attrs={"autocapitalize": "none"}),
        help_text="Its e-mail or external id. That record is merged into this person.",
        error_messages={"required": "Enter the e-mail or external id of the other record."},
    )
    final = forms.BooleanField(
        label="Both are the same person; this cannot be undone",
        error_messages={"required": "Tick this: a merge is final."},
    )

    def __init__(self, data: Any = None, *, staff: StaffMember, **how: Any) -> None:
        self.staff = staff
        super().__init__(data, **how)

    def clean_duplicate(self) -> StaffMember:
        found = _person(self.staff.workspace, self.cleaned_data["duplicate"].strip())
        if found is None:
            raise ValidationError("Nobody here has this e-mail or external id. Look it up again.")
        return found


def _known(staff: StaffMember) -> dict[str, Any]:
    manager = staff.manager
    return {
        "name": staff.name,
        "email": _work_address(staff),
        "external_id": staff.external_id,
        "employment_type": staff.employment_type,
        "org_roles": list(staff.org_roles.all()),
        "manager": (_work_address(manager) or manager.external_id) if manager else "",
        "starts_on": selectors.latest_period(staff).starts_on,
        "on_leave": staff.on_leave,
    }


def _work_address(staff: StaffMember) -> str:
    row = staff.addresses.filter(kind=EmailAddress.Kind.WORK, until__isnull=True).first()
    return row.address if row else ""


def _person(workspace: Workspace, text: str) -> StaffMember | None:
    theirs = Q(addresses__normalised=normalise(text), addresses__until__isnull=True)
    return selectors.for_workspace(workspace).filter(theirs | Q(external_id=text)).first()
