"""Forms of the audit log: its filters, and the look at it that goes on."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms

from audit import selectors as record
from workspaces.forms.base import DayField
from workspaces.wording import AREAS


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
