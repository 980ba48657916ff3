"""What the gallery page shows: a sample of every component in every state, values made up."""

import datetime as dt
from typing import Any, NamedTuple

from django import forms

STATUSES = (
    ("Failing", ""),
    ("Critical", ""),
    ("Due", ""),
    ("Stale", ""),
    ("Waiting", ""),
    ("Passing", ""),
    ("Passing", "1 special case"),
    ("Special case", "until 30 Jun 2027"),
    ("Closed", ""),
)
CONNECTION_STATES = (
    "not connected",
    "connecting",
    "connected",
    "syncing",
    "needs reconnect",
    "cannot read",
    "held",
    "disconnected",
)
RUN_STATES = ("pending", "running", "succeeded", "failed", "parked", "held", "discarded")
ROLES = (("READONLY", "Read only"), ("STANDARD", "Standard"), ("FINANCIALADVISER", "Adviser"))


class SampleForm(forms.Form):
    """Every kind of control once."""

    name = forms.CharField(help_text="As it is written in the directory.")
    email = forms.EmailField(label="E-mail")
    org_role = forms.ChoiceField(
        label="Org role", choices=[("", "Choose one"), ("1", "Accountant"), ("2", "Finance lead")]
    )
    last_day = forms.DateField(
        label="Last working day", widget=forms.DateInput(attrs={"type": "date"}), required=False
    )
    ends = forms.ChoiceField(
        label="Access ends",
        choices=[("day", "End of that day"), ("now", "Now")],
        widget=forms.RadioSelect,
        initial="day",
    )
    roles = forms.MultipleChoiceField(
        label="Xero roles",
        choices=ROLES,
        widget=forms.CheckboxSelectMultiple,
        help_text="Tick every role this Org role may have.",
    )
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False)
    file = forms.FileField(required=False, help_text="PDF or picture, up to 5 MB.")
    agreed = forms.BooleanField(
        label="I understand what is read and why",
        help_text="The wording and the time are kept.",
    )


class SampleUser(NamedTuple):
    """Who seems to be signed in on the gallery page."""

    name: str = "Demo Admin"
    email: str = "demo.admin@demo.example"
    is_authenticated: bool = True


class ReasonForm(forms.Form):
    """What a dangerous act asks for."""

    reason = forms.CharField(help_text="Auditors will read it.")


def samples(now: dt.datetime) -> dict[str, Any]:
    """The context of `gallery.html`; `now` is the page's reading of the clock."""
    return {
        "now": now,
        "statuses": STATUSES,
        "connection_states": CONNECTION_STATES,
        "run_states": RUN_STATES,
        "form": SampleForm(prefix="ok"),
        "wrong_form": SampleForm({"bad-email": "not an address"}, prefix="bad"),
        "reason_form": ReasonForm(prefix="reason"),
        "accounts": _accounts(),
        "tabs": _tabs(),
        "navigation": _navigation(),
        "workspace": "Demo Trading",
        "user": SampleUser(),
        **_instants(now),
    }


def _instants(now: dt.datetime) -> dict[str, dt.datetime]:
    days = {"minute_ago": -0.001, "hours_ago": -0.2, "overdue": -2, "tomorrow": 1, "later": 9}
    return {name: now + dt.timedelta(days=number) for name, number in days.items()}


def _navigation() -> list[dict[str, Any]]:
    return [
        {
            "title": "",
            "items": [
                {"label": "Access", "url": "#main", "icon": "shield-check", "current": True},
                {"label": "Tasks", "url": "#main", "icon": "list-checks", "count": 7, "warn": True},
                {"label": "People", "url": "#main", "icon": "users", "count": 214},
            ],
        },
        {
            "title": "Settings",
            "items": [{"label": "Integrations", "url": "#main", "icon": "plug"}],
        },
    ]


def _tabs() -> list[dict[str, Any]]:
    return [
        {"label": "Critical systems", "url": "#tabs", "current": True, "count": 2},
        {"label": "Staff access", "url": "#tabs"},
        {"label": "Monitoring", "url": "#tabs", "count": 7},
        {"label": "Offboarded staff", "url": "#tabs"},
    ]


def _accounts() -> list[dict[str, str]]:
    return [
        {
            "name": "Demo Accountant",
            "email": "demo.accountant@demo.example",
            "level": "Standard",
            "who": "Staff",
            "status": "Passing",
            "why": "Accountant may have Standard.",
        },
        {
            "name": "Former Bookkeeper",
            "email": "former.bookkeeper@demo.example",
            "level": "Adviser",
            "mark": "Privileged",
            "who": "Left 20 Nov 2026",
            "status": "Failing",
            "why": "Left, and the account is still in the list read today.",
        },
        {
            "name": "Accounts inbox",
            "email": "accounts@demo.example",
            "level": "Invoice only",
            "who": "Shared account",
            "status": "Special case",
            "why": "Accepted until 30 Jun 2027.",
        },
        {
            "name": "",
            "email": "unknown.person.with.a.very.long.address@demo.example",
            "level": "Read only",
            "who": "Not identified",
            "status": "Critical",
            "why": "Nobody has said yet whose account this is.",
        },
    ]
