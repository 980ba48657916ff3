"""Readings of people × systems: who has which accounts, and what leavers can still open."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from access.facts import name_of
from access.models import Account, CriticalSystem, Identification
from checks import selectors as checks
from checks.models import Task
from checks.rules import Remedy
from checks.status import Status
from integrations import selectors as integrations
from integrations.catalog import CATALOG
from people import selectors as people
from people.days import today
from people.models import StaffMember
from workspaces.models import Workspace

VALID = "user_access_valid"
OFFBOARDED = "offboarded_access_removed"
FEW = 1_000  # faults that are looked up beforehand; more of them are soon met on the way


class Show(StrEnum):
    """Which people "Staff access" lists."""

    MAPPED = "mapped"
    UNMAPPED = "unmapped"
    INVALID = "invalid"
    EVERYBODY = "everybody"


class Found(StrEnum):
    """What the systems show of somebody who has left."""

    ACTIVE = "Active"
    REVOKED = "Revoked"
    NOT_FOUND = "Not found"


@dataclass(frozen=True)
class Held:
    """One account of a person: where, in which role, whether it is there and whether it is valid.

    `gone_at` is the first list without it (or with a role of no access); None while it opens doors.
    """

    account: Account
    decision: Identification
    system: CriticalSystem | None
    system_name: str
    level: str
    privileged: bool
    gone_at: datetime | None
    task: Task | None
    status: Status | None

    @property
    def is_open(self) -> bool:
        return self.gone_at is None


@dataclass(frozen=True)
class Leaver:
    """Somebody who has left, with every account and what became of it."""

    staff: Any  # as people.selectors.standing describes them
    accounts: tuple[Held, ...]
    found: Found
    days: int | None  # from the end of access to the revocation, or until now while active
    doubt: str  # why what is found proves nothing, in words; empty where it does

    @property
    def unproven(self) -> bool:
        """Whether they may still have an account that is not shown here."""
        return bool(self.doubt)

    @property
    def open_systems(self) -> list[str]:
        """The organisations that they can still open."""
        return sorted({each.system_name for each in self.accounts if each.is_open})


def staff_access(
    workspace: Workspace,
    *,
    show: str = Show.MAPPED,
    system: CriticalSystem | None = None,
    search: str = "",
    now: datetime,
) -> QuerySet[StaffMember]:
    """People by name for "Staff access"; with `system`, as far as that one is concerned."""
    rows = people.directory(workspace, search=search, now=now)
    open_ones = _with_access(Identification.objects.filter(workspace=workspace))
    if system is not None:
        open_ones = open_ones.filter(account__connection=system.connection_id)
    open_ones = open_ones.filter(withdrawn_at__isnull=True)
    if show == Show.INVALID:
        faults = Task.objects.filter(
            checks.unsolved(now), workspace=workspace, check_id=VALID
        ).exclude(waiting=True)
        accounts = list(faults.values_list("subject_id", flat=True)[: FEW + 1])
        if len(accounts) <= FEW:
            found = open_ones.filter(account__in=accounts).values_list("staff_id", flat=True)
            return rows.filter(pk__in=list(found))
        open_ones = open_ones.filter(account__in=faults.values("subject_id"))
    # Asked of each person on the way, not for all beforehand: a page costs the same at any length.
    holds = Exists(open_ones.filter(staff=OuterRef("pk")))
    if show == Show.UNMAPPED:
        return rows.filter(~holds)
    return rows if show == Show.EVERYBODY else rows.filter(holds)


def offboarded(
    workspace: Workspace, *, found: str = "", search: str = "", now: datetime
) -> QuerySet[StaffMember]:
    """People who have left, the latest first; `found` is one of Found."""
    rows = people.directory(
        workspace,
        search=search,
        status=people.Standing.OFFBOARDED,
        order=people.Order.LEAVING,
        now=now,
    )
    every = Identification.objects.filter(workspace=workspace)
    seen, active = _theirs(every), _theirs(_with_access(every))
    if found == Found.ACTIVE:
        return rows.filter(active)
    if found == Found.REVOKED:
        return rows.filter(seen).exclude(active)
    return rows.exclude(seen) if found == Found.NOT_FOUND else rows


def accounts_of_people(
    workspace: Workspace, staff_ids: Collection[UUID], now: datetime
) -> dict[UUID, list[Held]]:
    """Every account, gone ones too, of these people or held for them; the same few queries always."""
    mine = Q(staff__in=staff_ids, withdrawn_at__isnull=True)
    held = Q(held_for__in=staff_ids, approved_at__isnull=True)
    decisions = (
        Identification.objects.filter(mine | held, workspace=workspace)
        .select_related("account__connection__criticalsystem", "decided_by")
        .order_by("account__connection__organisation_name", "account__name", "account_id", "id")
    )
    found = list(decisions)
    tasks = _validity(workspace, {each.account_id for each in found})
    rows: defaultdict[UUID, dict[UUID, Held]] = defaultdict(dict)
    for each in found:
        whose = each.staff_id if each.withdrawn_at is None else each.held_for_id
        if whose is not None:
            rows[whose].setdefault(each.account_id, _held(each, tasks, now))
    return {pk: list(accounts.values()) for pk, accounts in rows.items()}


def leavers(workspace: Workspace, rows: Iterable[Any], now: datetime) -> list[Leaver]:
    """These people of `offboarded` with their accounts and what became of them."""
    shown = list(rows)
    theirs = accounts_of_people(workspace, [each.pk for each in shown], now)
    proven_at, alike = _proven_at(workspace, now), _maybe_theirs(workspace, shown, now)
    return [
        _leaver(
            each,
            tuple(theirs.get(each.pk, ())),
            _doubt(each, proven_at, alike),
            workspace.zone,
            now,
        )
        for each in shown
    ]


def _leaver(staff: Any, accounts: tuple[Held, ...], doubt: str, zone: str, now: datetime) -> Leaver:
    ended: datetime = staff.access_ends_at
    until = max((each.gone_at or now for each in accounts), default=None)
    days = None if until is None else (today(until, zone) - today(ended, zone)).days
    return Leaver(
        staff=staff,
        accounts=accounts,
        found=_found(accounts),
        days=None if days is None else max(days, 0),
        doubt=doubt,
    )


def _doubt(staff: Any, proven_at: datetime | None, alike: Collection[UUID]) -> str:
    if proven_at is None or proven_at <= staff.access_ends_at:
        return "Not every organisation was read since"
    return "An account that may be theirs is not identified" if staff.pk in alike else ""


def _found(accounts: tuple[Held, ...]) -> Found:
    if any(each.is_open for each in accounts):
        return Found.ACTIVE
    return Found.REVOKED if accounts else Found.NOT_FOUND


def _proven_at(workspace: Workspace, now: datetime) -> datetime | None:
    """The oldest of the lists that count; None where a system has none, or one that is too old."""
    systems = CriticalSystem.objects.filter(workspace=workspace, removed_at__isnull=True)
    connections = [each.connection for each in systems.select_related("connection")]
    known = [each for each in connections if each is not None and each.read_at is not None]
    states = integrations.connection_states(known, now)
    if len(known) < len(connections) or any(states[each.id].stale for each in known):
        return None
    return min((each.read_at for each in known if each.read_at), default=None)


def _maybe_theirs(workspace: Workspace, people: Collection[Any], now: datetime) -> set[UUID]:
    """Those of these leavers to whom an account may belong that nobody has identified."""
    rows = Task.objects.filter(
        checks.unsolved(now),
        workspace=workspace,
        check_id=OFFBOARDED,
        subject_id__in=[each.pk for each in people],
        remedy=Remedy.IDENTIFY,
    )
    return set(rows.values_list("subject_id", flat=True))


def _no_access() -> set[str]:
    return {level for each in CATALOG.values() for level in each.scheme.no_access}


def _with_access(rows: QuerySet[Identification]) -> QuerySet[Identification]:
    return rows.filter(account__present=True).exclude(account__level__in=_no_access())


def _theirs(rows: QuerySet[Identification]) -> Q:
    """People that these decisions name, or hold the account for; asked of each on the way."""
    mine = rows.filter(withdrawn_at__isnull=True, staff=OuterRef("pk"))
    held = rows.filter(approved_at__isnull=True, held_for=OuterRef("pk"))
    return Q(Exists(mine)) | Q(Exists(held))


def _validity(workspace: Workspace, account_ids: set[UUID]) -> dict[UUID, Task]:
    rows = Task.objects.filter(workspace=workspace, check_id=VALID, subject_id__in=account_ids)
    return {task.subject_id: task for task in rows.select_related("system")}


def _held(decision: Identification, tasks: dict[UUID, Task], now: datetime) -> Held:
    account = decision.account
    system = getattr(account.connection, "criticalsystem", None)
    scheme = CATALOG[account.connection.integration].scheme
    gone_at = account.gone_at if not account.present else None
    if account.present and not scheme.gives_access(account.level):
        gone_at = account.level_since
    task = tasks.get(account.pk)
    return Held(
        account=account,
        decision=decision,
        system=system,
        system_name=name_of(system) if system else account.connection.organisation_name,
        level=scheme.name(account.level),
        privileged=account.level in scheme.privileged or account.is_subscriber,
        gone_at=gone_at,
        task=task,
        status=checks.task_status(task, now) if task else None,
    )
