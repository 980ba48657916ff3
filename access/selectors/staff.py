"""Readings of one person: their accounts with role and validity, and what the record says of them."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from access.facts import name_of
from access.models import Account, CriticalSystem, Identification
from access.selectors.accounts import accounts_of
from access.selectors.tasks import shown_status
from access.selectors.users import access_tasks
from audit import selectors as audit
from checks.facts import NotStaffKind
from integrations.catalog import CATALOG
from people.models import StaffMember
from workspaces.models import Workspace

LATEST = 50
HAPPENED = {
    "staff.added": "Added to the directory",
    "staff.changed": "Details changed",
    "staff.address_changed": "Address changed",
    "staff.roles_changed": "Org roles changed",
    "staff.offboarded": "Leaving recorded",
    "staff.offboarding_moved": "Leaving moved",
    "staff.reinstated": "Reinstated",
    "staff.merged": "A duplicate was merged into this person",
}
DETAILS = {
    "name": "name",
    "external_id": "external id",
    "employment_type": "employment",
    "starts_on": "start",
    "email": "e-mail",
    "on_leave": "on leave",
    "last_working_day": "last working day",
}


@dataclass(frozen=True)
class PersonsAccount:
    """One account of a person; `validity` None where nothing judges it."""

    account: Account
    system: CriticalSystem | None
    name: str
    level: str
    validity: str | None
    task: uuid.UUID | None


@dataclass(frozen=True)
class Happening:
    """One line of a person's history."""

    at: datetime
    what: str
    detail: str
    by: str


def persons_accounts(staff: StaffMember, now: datetime) -> list[PersonsAccount]:
    """Accounts in every system, in a constant number of queries."""
    rows = list(accounts_of(staff))
    judged = access_tasks(staff.workspace, rows, now)
    return [_account(row, judged.get(row.pk)) for row in rows]


def shared_accounts(staff: StaffMember) -> list[PersonsAccount]:
    """Accounts of nobody on the staff that this person uses with others: they know the password."""
    decisions = Identification.objects.filter(
        users=staff, withdrawn_at__isnull=True, not_staff_kind=NotStaffKind.SHARED
    )
    rows = Account.objects.filter(pk__in=decisions.values("account"), present=True)
    found = rows.select_related("connection__criticalsystem")
    return [_account(row, None) for row in found.order_by("connection__organisation_name", "name")]


def _account(row: Account, task: Any) -> PersonsAccount:
    system = getattr(row.connection, "criticalsystem", None)
    return PersonsAccount(
        account=row,
        system=system,
        name=name_of(system) if system else row.connection.organisation_name,
        level=CATALOG[row.connection.integration].scheme.name(row.level),
        validity=shown_status(task) if task else None,
        task=task.pk if task else None,
    )


def persons_history(workspace: Workspace, staff: StaffMember) -> list[Happening]:
    """What the record says of a person, newest first; erased bodies are left out."""
    events = [*audit.history(workspace.id, f"staff:{staff.pk}"), *_imported(workspace, staff)]
    events = sorted(events, key=lambda event: -event["seq"])[:LATEST]
    return [
        Happening(
            at=event["at"],
            what=HAPPENED.get(event["kind"], event["kind"]),
            detail=_detail(event["body"]),
            by=event["body"].get("by", {}).get("label", ""),
        )
        for event in events
    ]


def _imported(workspace: Workspace, staff: StaffMember) -> Iterator[dict[str, Any]]:
    """What lists of very many people said of this one: such a list records them by the hundred."""
    key = str(staff.pk)
    for event in audit.mentions(workspace.id, kind="staff.imported", text=key):
        by = event["body"].get("by", {})
        for kind, whose, said in event["body"].get("people", ()):
            if whose == key:
                yield event | {"kind": kind, "body": json.loads(said) | {"by": by}}


def _detail(body: dict[str, Any]) -> str:
    before, after = body.get("before"), body.get("after")
    if isinstance(before, dict) and isinstance(after, dict):
        known = [key for key in after if key in DETAILS]
        return "; ".join(
            f"{DETAILS[key]}: {_said(before.get(key))} → {_said(after[key])}" for key in known
        )
    if before is not None and after is not None:
        return f"{_said(before)} → {_said(after)}"
    said = [f"last working day {body['last_day']}"] if body.get("last_day") else []
    said += [body["duplicate_name"]] if body.get("duplicate_name") else []
    return ", ".join([*said, *([body["reason"]] if body.get("reason") else [])])


def _said(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return {True: "yes", False: "no"}.get(value, str(value)) if value not in (None, "") else "none"
