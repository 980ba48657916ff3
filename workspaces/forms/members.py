"""Forms about members: their rights, an invitation and its acceptance, another workspace."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from workspaces.forms.base import DayField, SeenForm, ServiceForm
from workspaces.models import Membership, Workspace
from workspaces.permissions import Area, Role
from workspaces.services import FARTHEST, Rights

ROLES = [
    (Role.ADMIN, "Admin: everything, with connections, settings and members"),
    (Role.EDITOR, "Editor: identifies accounts, sets rules, works on tasks and people"),
    (Role.COLLABORATOR, "Collaborator: sees and works on the tasks assigned to them, nothing else"),
    (Role.AUDITOR, "Auditor: reads, verifies and exports everything, changes nothing"),
]


class RightsForm(SeenForm):
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
    seen: Any = None  # there is nothing yet that somebody else could have changed


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
