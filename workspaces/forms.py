"""Forms of the house: they parse what people type and give back arguments for services."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from audit import selectors as record
from workspaces import permissions
from workspaces.models import Membership, Workspace
from workspaces.permissions import SCOPES, Area, Role, Scope
from workspaces.problems import Problem
from workspaces.services import FARTHEST, ZONES, Rights
from workspaces.wording import AREAS

Done = TypeVar("Done")

ROLES = [
    (Role.ADMIN, "Admin: everything, with connections, settings and members"),
    (Role.EDITOR, "Editor: identifies accounts, sets rules, works on tasks and people"),
    (Role.COLLABORATOR, "Collaborator: sees and works on the tasks assigned to them, nothing else"),
    (Role.AUDITOR, "Auditor: reads, verifies and exports everything, changes nothing"),
]


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


class RightsForm(ServiceForm):
    """What a member may do, and until when; days are whole days of the workspace's zone."""

    role = forms.ChoiceField(
        choices=ROLES,
        widget=forms.RadioSelect,
        initial=Role.EDITOR,
        error_messages={"required": "Choose a role."},
    )
    areas = forms.MultipleChoiceField(
        label="Edits only",
        choices=Area.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="For editors. Tick none, and they edit in all areas.",
    )
    last_day = DayField(
        label="Last day of access",
        help_text="Access ends by itself when this day is over.",
    )
    period_from = DayField(label="Audited period from", help_text="For auditors.")
    period_to = DayField(label="Audited period to")

    def __init__(self, data: Any, *, workspace: Workspace, now: datetime, **how: Any) -> None:
        super().__init__(data, **how)
        words = "needed for auditors, optional for others"
        setattr(self.fields["last_day"], "needed", words)  # noqa: B010 (components/field.html)
        self.zone = ZoneInfo(workspace.zone)
        self.today = now.astimezone(self.zone).date()

    @staticmethod
    def of(membership: Membership) -> dict[str, Any]:
        """A membership as first values of this form."""
        return {
            "role": membership.role,
            "areas": membership.areas,
            "last_day": membership.last_day,
            "period_from": membership.period_from,
            "period_to": membership.period_to,
        }

    def clean_last_day(self) -> date | None:
        day: date | None = self.cleaned_data["last_day"]
        if day and not self.today <= day <= self.today + FARTHEST:
            raise forms.ValidationError("Enter a day from today on, within the next three years.")
        return day

    def clean(self) -> dict[str, Any]:
        kept: dict[str, Any] = super().clean() or {}
        start, end = kept.get("period_from"), kept.get("period_to")
        if (start is None) != (end is None):
            self.add_error("period_to", "Enter both days of the period, or none.")
        elif start and end and start > end:
            self.add_error("period_to", "The period ends before it starts.")
        if kept.get("role") == Role.AUDITOR and kept.get("last_day", "wrong") is None:
            self.add_error("last_day", "An auditor's access ends some day. Enter the last one.")
        return kept

    def rights(self) -> Rights:
        kept = self.cleaned_data
        audits = kept["role"] == Role.AUDITOR
        return Rights(
            kept["role"],
            kept["areas"],
            self._end_of(kept["last_day"]),
            kept["period_from"] if audits else None,
            kept["period_to"] if audits else None,
        )

    def _end_of(self, day: date | None) -> datetime | None:
        if day is None:
            return None
        midnight = datetime.combine(day + timedelta(days=1), time(), tzinfo=self.zone)
        return midnight.astimezone(UTC)


class InviteForm(RightsForm):
    """Whom to invite, and what they may do."""

    email = forms.EmailField(
        label="E-mail",
        max_length=254,
        error_messages={
            "required": "Enter the address that the invitation goes to.",
            "invalid": "Enter a whole address, for example name@company.example.",
        },
        help_text="The invitation works for whoever holds this address, and for nobody else.",
    )
    field_order = ("email",)


class JoinForm(ServiceForm):
    """What a new person says about themselves."""

    name = forms.CharField(max_length=200, error_messages={"required": "Enter your name."})
    password = forms.CharField(
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Twelve characters or more; a few words in a row are easy to keep and hard to guess.",
        error_messages={"required": "Choose a password."},
    )


class SwitchForm(forms.Form):
    """Which workspace to open, among those of `rows`."""

    workspace = forms.UUIDField()

    def __init__(self, data: Any, *, rows: list[Membership]) -> None:
        super().__init__(data)
        self.rows = rows

    def membership(self) -> Membership | None:
        """The person's membership there, or None for any other id."""
        wanted = self.cleaned_data["workspace"] if self.is_valid() else None
        return next((row for row in self.rows if row.workspace_id == wanted), None)


class AuditLogForm(forms.Form):
    """Filters of the audit log; one that makes no sense is left out."""

    kind = forms.ChoiceField(required=False, choices=[("", "Everything"), *AREAS])
    person = forms.ChoiceField(required=False)
    subject = forms.CharField(required=False, max_length=100)
    since = DayField(label="From")
    until = DayField(label="To")

    def __init__(self, data: Any, *, zone: str, people: list[tuple[str, str]]) -> None:
        super().__init__(data)
        self.zone = ZoneInfo(zone)
        actors = [("", "Anybody"), ("system", "The product itself"), ("command", "Command line")]
        person: Any = self.fields["person"]
        person.choices = [*actors, *people]

    def wanted(self) -> dict[str, Any]:
        """What `audit.selectors.log` takes; days are whole days of the workspace's zone."""
        self.is_valid()
        kept = self.cleaned_data
        since, until = kept.get("since"), kept.get("until")
        return {
            "kind": kept.get("kind", ""),
            "actor": kept.get("person", ""),
            "subject": kept.get("subject", ""),
            "since": self._midnight(since) if since else None,
            "until": self._midnight(until + timedelta(days=1)) if until else None,
        }

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), tzinfo=self.zone).astimezone(UTC)


class WalkForm(forms.Form):
    """The look at the audit log that goes on; nothing begins a new one."""

    walk = forms.CharField(required=False, max_length=200_000)

    def __init__(self, data: Any, *, chain: UUID) -> None:
        super().__init__(data)
        self.chain = chain

    def clean_walk(self) -> record.Walk:
        text = self.cleaned_data["walk"]
        try:
            return record.resumed(self.chain, text) if text else record.begun(self.chain)
        except record.Lost as lost:
            raise forms.ValidationError("This cannot be gone on with.") from lost


class TokenForm(ServiceForm):
    """What an API token is for, what it may do, and until when."""

    name = forms.CharField(
        max_length=100,
        help_text="What uses it, for example “HR export”.",
        error_messages={"required": "Enter what the token is for."},
    )
    scopes = forms.MultipleChoiceField(
        label="The tool can",
        widget=forms.CheckboxSelectMultiple,
        initial=[Scope.READ],
        error_messages={"required": "Tick at least one thing that the token may do."},
    )
    days = forms.TypedChoiceField(
        label="Works for",
        coerce=int,
        choices=[(30, "30 days"), (90, "90 days"), (180, "180 days"), (365, "a year")],
        initial=90,
    )

    def __init__(self, data: Any, *, membership: Membership) -> None:
        super().__init__(data)
        held = permissions.held(membership)
        scopes: Any = self.fields["scopes"]
        scopes.choices = [pair for pair in Scope.choices if SCOPES[pair[0]] & held]


class TokensTooForm(forms.Form):
    """Whether API tokens go too, where a password changes or sessions end: they hang on neither."""

    tokens_too = forms.BooleanField(required=False)

    def __init__(self, data: Any = None, *, number: int = 0) -> None:
        super().__init__(data)
        box = self.fields["tokens_too"]
        box.label = (
            "Revoke my API token too" if number == 1 else f"Revoke my {number} API tokens too"
        )
        box.help_text = (
            "Otherwise the tools that use them go on as before. Tick this if somebody else may have"
            " been in your account; tools then need new tokens."
        )

    @property
    def wanted(self) -> bool:
        return self.is_valid() and bool(self.cleaned_data["tokens_too"])


class WorkspaceForm(ServiceForm):
    """Name and time zone of a workspace."""

    name = forms.CharField(max_length=200, error_messages={"required": "Enter the company's name."})
    zone = forms.ChoiceField(
        label="Time zone",
        help_text="Deadlines and the ends of working days count in it. A change touches new tasks only.",
        error_messages={"invalid_choice": "Choose a time zone of the list."},
    )

    def __init__(self, data: Any, *, workspace: Workspace) -> None:
        super().__init__(data, initial={"name": workspace.name, "zone": workspace.zone})
        zone: Any = self.fields["zone"]
        zone.choices = [(name, name.replace("_", " ")) for name in sorted(ZONES | {workspace.zone})]
