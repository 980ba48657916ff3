"""The people and organisations that a fresh sandbox begins with; all of them obviously demo."""

from typing import Any

from django.db import transaction

from sandbox.models import Delivery, IntegratedAccount, LinkToken, Organisation, Switch
from sandbox.services import organisations

FIRST = "Demo Company (Sandbox)"
SECOND = "Second Demo Company (Sandbox)"

# e-mail, first name, last name, role
PEOPLE = (
    ("demo.owner@demo.example", "Demo", "Owner", "FINANCIALADVISER"),
    ("demo.admin@demo.example", "Demo", "Admin", "STANDARD"),
    ("demo.accountant@demo.example", "Demo", "Accountant", "STANDARD"),
    ("demo.bookkeeper@demo.example", "Demo", "Bookkeeper", "INVOICEONLY"),
    ("demo.finance.lead@demo.example", "Demo", "Finance Lead", "FINANCIALADVISER"),
    ("demo.sales@demo.example", "Demo", "Sales", "READONLY"),
    ("demo.leaver@demo.example", "Demo", "Leaver", "STANDARD"),
    ("demo.upcoming@demo.example", "Demo", "Upcoming Leaver", "INVOICEONLY"),
    ("accounts@demo.example", "Accounts", "Mailbox", "INVOICEONLY"),
    ("adviser@practice.example", "External", "Adviser", "FINANCIALADVISER"),
    ("d.contractor@demo.example", "D", "Contractor", "READONLY"),
    ("no.name@demo.example", "", "", "READONLY"),
)
SECOND_PEOPLE = (PEOPLE[0], PEOPLE[1], PEOPLE[2], PEOPLE[9])


def _people(rows: tuple[tuple[str, str, str, str], ...]) -> list[dict[str, Any]]:
    return [
        {
            "email": email,
            "first_name": first,
            "last_name": last,
            "role": role,
            "is_subscriber": number == 0,
        }
        for number, (email, first, last, role) in enumerate(rows)
    ]


@transaction.atomic
def fill() -> None:
    """Add the two demo organisations."""
    first = organisations.create(name=FIRST, legal_name="Demo Company Limited")
    organisations.set_users(first, _people(PEOPLE))
    second = organisations.create(name=SECOND, legal_name="Second Demo Company Limited")
    organisations.set_users(second, _people(SECOND_PEOPLE))


def fill_when_empty() -> bool:
    """Seed if there is no organisation, and say whether it was done."""
    if Organisation.objects.exists():
        return False
    fill()
    return True


@transaction.atomic
def start_over(*, seeded: bool = True) -> None:
    """Forget everything but the webhooks."""
    for model in (Delivery, LinkToken, IntegratedAccount, Organisation, Switch):
        model.objects.all().delete()
    if seeded:
        fill()
