"""Readings of one system's users: filtered, sorted, and who of them is there a second time."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Prefetch, Q, QuerySet
from django.db.models.functions import Lower

from access.facts import product_of
from access.models import Account, CriticalSystem, Identification
from access.selectors.accounts import IDENTIFIED
from checks import selectors as checks
from checks.status import OPEN, Status

STAFF, NOT_STAFF, UNKNOWN = "staff", "not_staff", "unknown"
VALID, INVALID, UNSURE = "valid", "invalid", "unsure"
OTHER_LEVEL = "other"
KINDS = {STAFF: IDENTIFIED[:2], NOT_STAFF: IDENTIFIED[2:], UNKNOWN: IDENTIFIED}
CODES: dict[str, frozenset[Status]] = {
    VALID: frozenset({Status.PASSING, Status.SPECIAL_CASE}),
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

    `level` is one of the product or OTHER_LEVEL; `identified` and `validity` are keys of KINDS and
    CODES. Sort by one of SORTS.
    """
    if system.connection_id is None:
        return Account.objects.none()
    rows = Account.objects.filter(connection_id=system.connection_id, present=not gone)
    if search := search.strip():
        rows = rows.filter(Q(name__icontains=search) | Q(email__icontains=search))
    if identified:
        rows = rows.filter(_identified(identified))
    if validity:
        rows = rows.filter(pk__in=_judged(system, now, CODES[validity]))
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
        return wanted & ~Q(level__in=list(scheme.labels))
    return wanted & Q(level=level) if level else wanted


def _identified(wanted: str) -> Q:
    rows = Identification.objects.filter(withdrawn_at__isnull=True, kind__in=KINDS[wanted])
    found = Q(pk__in=rows.values("account"))
    return ~found if wanted == UNKNOWN else found


def _judged(system: CriticalSystem, now: datetime, wanted: Iterable[Status]) -> QuerySet[Any]:
    rows = checks.tasks(system.workspace, now).filter(
        system_id=system.pk,
        check_id="user_access_valid",
        code__in=[checks.RANKED.index(each) for each in wanted],
    )
    return rows.values("subject_id")


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
