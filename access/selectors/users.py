"""Readings of one system's users: filtered, sorted, and who of them is there a second time."""

import uuid
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Prefetch, Q, QuerySet
from django.db.models.functions import Lower

from access.facts import product_of
from access.models import Account, CriticalSystem, Identification
from access.selectors.accounts import IDENTIFIED
from checks import selectors as checks
from checks.status import OPEN, Status
from workspaces.models import Workspace

STAFF, NOT_STAFF, UNKNOWN = "staff", "not_staff", "unknown"
VALID, INVALID, UNSURE, SPECIAL = "valid", "invalid", "unsure", "special"
OTHER_LEVEL = "other"
KINDS = {STAFF: IDENTIFIED[:2], NOT_STAFF: IDENTIFIED[2:], UNKNOWN: IDENTIFIED}
VALIDITY, REMOVAL = "user_access_valid", "offboarded_access_removed"
CODES: dict[str, frozenset[Status]] = {
    VALID: frozenset({Status.PASSING}),
    SPECIAL: frozenset({Status.SPECIAL_CASE}),
    INVALID: OPEN,
    UNSURE: frozenset({Status.WAITING, Status.STALE}),
}
# By what a list is sorted, and the keys of its pages.
SORTS = {"name": ("sort_name", "id"), "newest": ("-first_seen_at", "-id")}


def users(
    system: CriticalSystem,
    now: datetime,
    *,
    search: str = "",
    level: str = "",
    identified: str = "",
    validity: str = "",
    privileged: bool = False,
    gone: bool = False,
) -> QuerySet[Account]:
    """Accounts of the current list (or those that went), each with `current`, its decision in a list.

    `level` is one of the product or OTHER_LEVEL (none, or none that says anything); `identified` and `validity` are keys of KINDS and
    CODES. Sort by one of SORTS.
    """
    if system.connection_id is None:
        return Account.objects.none().annotate(sort_name=Lower("name"))
    rows = Account.objects.filter(connection_id=system.connection_id, present=not gone)
    if search := search.strip():
        rows = rows.filter(Q(name__icontains=search) | Q(email__icontains=search))
    if identified:
        rows = rows.filter(_identified(identified))
    if validity:
        rows = rows.filter(_judged(system, now, CODES[validity]))
    current = Identification.objects.filter(withdrawn_at__isnull=True)
    decisions = current.select_related("staff").prefetch_related("staff__org_roles")
    return (
        rows.filter(_levels(system, level, privileged))
        .annotate(sort_name=Lower("name"))
        .prefetch_related(Prefetch("identifications", queryset=decisions, to_attr="current"))
    )


def _levels(system: CriticalSystem, level: str, privileged: bool) -> Q:
    scheme = product_of(system).scheme
    wanted = Q(level__in=scheme.privileged) | Q(is_subscriber=True) if privileged else Q()
    if level == OTHER_LEVEL:
        return wanted & ~Q(level__in=scheme.labels.keys() - scheme.undetermined)
    return wanted & Q(level=level) if level else wanted


def _identified(wanted: str) -> Q:
    rows = Identification.objects.filter(withdrawn_at__isnull=True, kind__in=KINDS[wanted])
    found = Q(pk__in=rows.values("account"))
    return ~found if wanted == UNKNOWN else found


def _judged(system: CriticalSystem, now: datetime, wanted: Collection[Status]) -> Q:
    """Accounts whose validity, or whose leaver's removal, stands so."""
    rows = checks.tasks(system.workspace, now).filter(
        system_id=system.pk, code__in=[checks.RANKED.index(each) for each in wanted]
    )
    if OPEN.issuperset(wanted):
        rows = rows.filter(checks.unsolved(now))  # few of very many, by their own index
    leavers = rows.filter(check_id=REMOVAL).values("subject_id")
    theirs = _claims().filter(Q(staff__in=leavers) | Q(held_for__in=leavers))
    valid = rows.filter(check_id=VALIDITY).values("subject_id")
    return Q(pk__in=valid) | Q(pk__in=theirs.values("account"))


def _claims() -> QuerySet[Identification]:
    """Decisions by which an account is somebody's, or held for them until another is approved."""
    held = Q(held_for__isnull=False, approved_at__isnull=True)
    return Identification.objects.filter(Q(withdrawn_at__isnull=True, staff__isnull=False) | held)


def access_tasks(
    workspace: Workspace, rows: Iterable[Account], now: datetime
) -> dict[uuid.UUID, Any]:
    """Per account the task that says how its access stands: its validity, or a leaver's removal."""
    accounts = {row.pk: row for row in rows}
    tasks = checks.tasks(workspace, now)
    valid = tasks.filter(check_id=VALIDITY, subject_id__in=accounts)
    return {task.subject_id: task for task in valid} | _removals(tasks, accounts)


def _removals(tasks: QuerySet[Any], accounts: Mapping[uuid.UUID, Account]) -> dict[uuid.UUID, Any]:
    """Per account in the list the open task of removing the leaver whose it is."""
    claims = [pair for row in _claims().filter(account__in=accounts) for pair in _whose(row)]
    removal = tasks.filter(check_id=REMOVAL, subject_id__in={person for _, person in claims})
    removal = removal.exclude(code=checks.RANKED.index(Status.CLOSED))
    leavers = {(task.system_id, task.subject_id): task for task in removal}
    systems = _systems(accounts.values()) if leavers else {}
    at = {pk: systems.get(row.connection_id) for pk, row in accounts.items() if row.present}
    return {pk: leavers[at[pk], person] for pk, person in claims if (at.get(pk), person) in leavers}


def _whose(claim: Identification) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """The account with each person that a decision gives it to, or holds it for."""
    people = (claim.held_for_id, None if claim.withdrawn_at else claim.staff_id)
    return [(claim.account_id, each) for each in people if each is not None]


def _systems(accounts: Iterable[Account]) -> dict[uuid.UUID, uuid.UUID]:
    """Connection -> critical system."""
    rows = CriticalSystem.objects.filter(connection__in={row.connection_id for row in accounts})
    return dict(rows.values_list("connection_id", "pk"))


def accounts_each(rows: Iterable[Account]) -> dict[uuid.UUID, int]:
    """How many present accounts of the same connection the people of these rows have."""
    page = list(rows)
    people = {row.current[0].staff_id for row in page if row.current}  # type: ignore[attr-defined]
    found = Identification.objects.filter(
        withdrawn_at__isnull=True,
        staff__in=people - {None},
        account__present=True,
        account__connection__in={row.connection_id for row in page},
    )
    counted = found.values(person=F("staff_id")).annotate(n=Count("id")).order_by()
    return {row["person"]: row["n"] for row in counted}
