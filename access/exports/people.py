"""People × systems as CSV files, read while they are sent: the memory stays the same."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse

from access import selectors
from people.models import StaffMember
from workspaces import exports
from workspaces.models import Workspace

CHUNK = 500

ACCESS = (
    "Person", "E-mail", "Status", "Org roles", "System", "Account", "Account e-mail", "Xero role",
    "Privileged", "Access", "Why", "Identified", "Identified by", "Identified at", "First seen",
    "Account id",
)  # fmt: skip
LEFT = (
    "Person", "E-mail", "Last working day", "Access ended", "Found", "Days to revoke", "System",
    "Account", "Account e-mail", "Xero role", "Account state", "Gone at", "Not read since",
)  # fmt: skip


def staff_access(
    workspace: Workspace, rows: QuerySet[StaffMember], now: datetime
) -> StreamingHttpResponse:
    """A line for each account of each person; people without an account have one line too."""
    return exports.download("staff-access", ACCESS, _access_lines(workspace, rows, now))


def offboarded(
    workspace: Workspace, rows: QuerySet[StaffMember], now: datetime
) -> StreamingHttpResponse:
    """A line for each account of each leaver; those without one have one line too."""
    return exports.download("offboarded-staff", LEFT, _left_lines(workspace, rows, now))


def _chunks(rows: QuerySet[Any]) -> Iterator[list[Any]]:
    found = rows.iterator(CHUNK)
    while chunk := list(islice(found, CHUNK)):
        yield chunk


def _access_lines(
    workspace: Workspace, rows: QuerySet[Any], now: datetime
) -> Iterator[Iterable[object]]:
    for chunk in _chunks(rows):
        theirs = selectors.accounts_of_people(workspace, [each.pk for each in chunk], now)
        for staff in chunk:
            roles = ", ".join(role.name for role in staff.org_roles.all())
            head = (staff.name, staff.email, staff.status, roles)
            held = [each for each in theirs.get(staff.pk, ()) if each.is_open]
            yield from (head + _account(each) for each in held)
            if not held:
                yield head


def _account(held: selectors.Held) -> tuple[object, ...]:
    decision, account = held.decision, held.account
    by = "exact e-mail address" if decision.automatic else getattr(decision.decided_by, "label", "")
    return (
        held.system_name,
        account.name,
        account.email,
        held.level,
        "yes" if held.privileged else "no",
        held.status,
        held.task.why if held.task else "",
        decision.get_kind_display().replace("_", " "),
        by,
        _instant(decision.decided_at),
        _instant(account.first_seen_at),
        account.external_id,
    )


def _left_lines(
    workspace: Workspace, rows: QuerySet[Any], now: datetime
) -> Iterator[Iterable[object]]:
    for chunk in _chunks(rows):
        for leaver in selectors.leavers(workspace, chunk, now):
            staff = leaver.staff
            ended = _instant(staff.access_ends_at)
            head = (staff.name, staff.email, staff.last_day, ended, leaver.found, leaver.days)
            unproven = "yes" if leaver.unproven else "no"
            for each in leaver.accounts:
                yield (*head, *_remains(each), unproven)
            if not leaver.accounts:
                yield (*head, *[""] * 6, unproven)


def _remains(held: selectors.Held) -> tuple[object, ...]:
    state = selectors.Found.ACTIVE if held.is_open else selectors.Found.REVOKED
    account = held.account
    gone = _instant(held.gone_at)
    return (held.system_name, account.name, account.email, held.level, state, gone)


def _instant(at: datetime | None) -> str:
    return "" if at is None else at.isoformat(timespec="seconds")
