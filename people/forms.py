"""Forms of the directory: they parse what people type and give back arguments for services."""

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q

from people import selectors
from people.addresses import LONGEST, normalise
from people.models import EmailAddress, OrgRole, StaffMember, StaffStatus
from people.services import AccessEnds, Problem
from workspaces.models import Workspace

Done = TypeVar("Done")

NO_DATE = {"invalid": "Enter a day of the calendar, for example 2027-04-01."}


class DateField(forms.DateField):
    """A day, picked or typed."""

    def __init__(self, **how: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        missing = {"required": "Enter a day."}
        super().__init__(widget=widget, error_messages=NO_DATE | missing, **how)


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


class DirectoryForm(forms.Form):
    """Search and filters of the directory."""

    q = forms.CharField(required=False, max_length=200)
    status = forms.ChoiceField(required=False, choices=[("", "Everybody"), *StaffStatus.choices])
    org_role = forms.ModelChoiceField(
        OrgRole.objects.none(), required=False, label="Org role", empty_label="Any"
    )

    def __init__(self, data: Any, *, workspace: Workspace) -> None:
        super().__init__(data)
        field: Any = self.fields["org_role"]
        field.queryset = selectors.org_roles(workspace)

    def wanted(self) -> dict[str, Any]:
        """What `selectors.directory` takes; a filter that does not exist is left out."""
        self.is_valid()
        kept = self.cleaned_data
        role = kept.get("org_role")
        return {
            "search": kept.get("q", ""),
            "status": kept.get("status", ""),
            "org_role": role.id if role else None,
        }


class StaffForm(ServiceForm):
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
        super().__init__(data, **how)
        roles: Any = self.fields["org_roles"]
        roles.queryset = selectors.org_roles(workspace)
        if staff:
            del self.fields["last_day"]  # leaving is an act of its own, with its own dialog
        if not roles.queryset.exists():
            roles.help_text = "There are none yet. Create them under People, Org roles."

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


class OrgRoleForm(ServiceForm):
    """The name of an Org role."""

    name = forms.CharField(
        max_length=OrgRole.LONGEST_NAME,
        help_text="For example Accountant or Finance lead.",
        error_messages={"required": "Enter a name, for example Accountant."},
    )


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
    }


def _work_address(staff: StaffMember) -> str:
    row = staff.addresses.filter(kind=EmailAddress.Kind.WORK, until__isnull=True).first()
    return row.address if row else ""


def _person(workspace: Workspace, text: str) -> StaffMember | None:
    theirs = Q(addresses__normalised=normalise(text), addresses__until__isnull=True)
    return selectors.for_workspace(workspace).filter(theirs | Q(external_id=text)).first()
