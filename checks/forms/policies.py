"""Forms of policies: the figures of one check, the working week and the holidays."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from checks.facts import Policy
from checks.models import CheckPolicy, WorkCalendar
from checks.selectors import WEEKDAYS, calendar_version, holidays, policy_version
from people.forms import SeenForm

WHOLE = "Enter a whole number of days."
CALENDAR, BUSINESS = "calendar", "business"


class PolicyForm(SeenForm):
    """How long a fault of one check may last."""

    grace_days = forms.IntegerField(
        label="Days to fix it",
        min_value=0,
        max_value=CheckPolicy.MOST_GRACE,
        error_messages={"invalid": WHOLE, "required": WHOLE},
        help_text="From the start of the problem to its deadline. 0: Failing at once.",
    )
    days = forms.ChoiceField(
        label="Counted in",
        widget=forms.RadioSelect,
        choices=[
            (CALENDAR, "Calendar days"),
            (BUSINESS, "Business days: days of the working week that are no holidays"),
        ],
    )
    window_days = forms.IntegerField(
        label="Critical in the last days",
        min_value=0,
        max_value=CheckPolicy.MOST_WINDOW,
        error_messages={"invalid": WHOLE, "required": WHOLE},
        help_text="A task turns Critical this many days before its deadline. More than the days to"
        " fix it: it is Critical from its start.",
    )

    def __init__(self, data: Any = None, *, policy: Policy, **how: Any) -> None:
        initial = {
            "grace_days": policy.grace_days,
            "window_days": policy.window_days,
            "days": BUSINESS if policy.business_days else CALENDAR,
        }
        super().__init__(data, initial=initial, version=policy_version(policy), **how)

    def policy(self) -> Policy:
        """What was entered; only of a valid form."""
        kept = self.cleaned_data
        return Policy(kept["grace_days"], kept["window_days"], kept["days"] == BUSINESS)


class CalendarForm(SeenForm):
    """The working week and the holidays, for checks that count in business days."""

    MOST = 400

    working_days = forms.TypedMultipleChoiceField(
        label="Working week",
        coerce=int,
        choices=list(enumerate(WEEKDAYS)),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Tick at least one day of the week."},
    )
    holidays = forms.CharField(
        required=False,
        max_length=40_000,
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false"}),
        help_text="One a line: the day, then its name. For example 2027-01-01 New Year's Day.",
    )

    def __init__(self, data: Any = None, *, saved: WorkCalendar | None, **how: Any) -> None:
        lines = [f"{day.isoformat()} {name}".strip() for day, name in holidays(saved)]
        week = saved.working_days if saved is not None else [0, 1, 2, 3, 4]
        initial = {"working_days": week, "holidays": "\n".join(lines)}
        super().__init__(data, initial=initial, version=calendar_version(saved), **how)

    def clean_holidays(self) -> list[tuple[date, str]]:
        lines = self.cleaned_data["holidays"].splitlines()
        found = [_holiday(number, line) for number, line in enumerate(lines, 1) if line.strip()]
        if len(found) > self.MOST:
            raise ValidationError(f"That is more than {self.MOST} holidays. Drop past ones.")
        return found


def _holiday(number: int, line: str) -> tuple[date, str]:
    day, _, name = line.strip().partition(" ")
    try:
        return date.fromisoformat(day), name.strip()[:100]
    except ValueError as error:
        raise ValidationError(
            f"Line {number} does not begin with a day such as 2027-01-01: {day[:40]}"
        ) from error
