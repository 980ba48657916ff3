"""Readings of access: critical-system cards and their next step, accounts, a person's accounts."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce, Lower

from access.facts import name_of, product_of
from access.models import Account, CriticalSystem, Identification
from checks import selectors as checks
from checks.models import JudgedSystem, Task
from checks.rules import BY_ID
from checks.selectors import CheckSummary
from checks.status import OPEN, Status
from integrations import selectors as integrations
from integrations.catalog import CATALOG
from integrations.models import Connection
from integrations.selectors import ConnectionState
from people import selectors as people
from people.models import StaffMember
from workspaces.models import Workspace

IDENTIFIED = ("existing_staff", "new_staff", "not_staff")


@dataclass(frozen=True)
class NextStep:
    """The one thing to do next: words, the route that does it, and how urgent it looks."""

    text: str
    action: str
    route: str
    argument: str = ""
    tone: str = "info"


@dataclass(frozen=True)
class Card:
    """What the critical-system card shows."""

    system: CriticalSystem
    name: str
    product: str
    state: ConnectionState
    read_at: datetime | None
    accounts: int
    privileged: int
    unidentified: int
    checks: tuple[CheckSummary, ...]
    connector_leaving: bool
    next: NextStep | None

    def check_titles(self) -> list[tuple[str, CheckSummary]]:
        return [(BY_ID[each.check_id].title(self.product), each) for each in self.checks]


def for_workspace(workspace: Workspace) -> QuerySet[CriticalSystem]:
    """The critical systems of a workspace, removed ones included."""
    rows = CriticalSystem.objects.filter(workspace=workspace)
    return rows.select_related("workspace", "connection__connected_by", "owner").order_by(
        "added_at", "id"
    )


def cards(systems: Iterable[CriticalSystem], now: datetime) -> list[Card]:
    """The cards of these systems of one workspace; the same number of queries for any number."""
    rows = list(systems)
    if not rows:
        return []
    judged = JudgedSystem.objects.filter(pk__in=[row.pk for row in rows])
    summaries = checks.summaries(judged, now)
    connections = [row.connection for row in rows if row.connection is not None]
    around = _Around(
        summaries=summaries,
        states=integrations.connection_states(connections, now),
        figures=_figures(rows),
        held={run.connection_id: run.pk for run in integrations.held_runs(connections)},
        leaving=_leaving_connectors(rows[0].workspace, connections),
        any_staff=people.for_workspace(rows[0].workspace).exists(),
    )
    return [_card(row, around) for row in rows]


@dataclass(frozen=True)
class _Around:
    """What is read once for all cards."""

    summaries: Mapping[str, tuple[CheckSummary, ...]]
    states: Mapping[uuid.UUID, ConnectionState]
    figures: Mapping[uuid.UUID, tuple[int, int, int]]
    held: Mapping[uuid.UUID, uuid.UUID]
    leaving: frozenset[uuid.UUID]
    any_staff: bool


def _card(system: CriticalSystem, around: _Around) -> Card:
    connection = system.connection
    state = around.states[connection.pk] if connection else integrations.NOT_CONNECTED
    total, privileged, unidentified = around.figures.get(system.pk, (0, 0, 0))
    summaries = around.summaries[str(system.pk)]
    by_check = {each.check_id: each for each in summaries}
    return Card(
        system=system,
        name=name_of(system),
        product=product_of(system).name,
        state=state,
        read_at=connection.read_at if connection else None,
        accounts=total,
        privileged=privileged,
        unidentified=unidentified,
        checks=summaries,
        connector_leaving=connection is not None and connection.connected_by_id in around.leaving,
        next=_connection_step(system, state, around.held)
        or _people_step(around.any_staff)
        or _check_step(system, by_check),
    )


def _decided() -> Exists:
    """Whether somebody, or the exact address, has said whose an account is."""
    return Exists(
        Identification.objects.filter(
            account=OuterRef("pk"), withdrawn_at__isnull=True, kind__in=IDENTIFIED
        )
    )


def _figures(systems: list[CriticalSystem]) -> dict[uuid.UUID, tuple[int, int, int]]:
    """Per system: accounts with access, privileged ones (Adviser or subscriber), unidentified ones."""
    by_connection = {row.connection_id: row for row in systems if row.connection_id}
    schemes = [CATALOG[row.integration].scheme for row in systems]
    no_access = {level for scheme in schemes for level in scheme.no_access}
    privileged = {level for scheme in schemes for level in scheme.privileged}
    rows = (
        Account.objects.filter(connection__in=list(by_connection), present=True)
        .exclude(level__in=no_access)
        .annotate(decided=_decided())
        .values("connection_id")
        .annotate(
            total=Count("id"),
            high=Count("id", filter=Q(level__in=privileged) | Q(is_subscriber=True)),
            unknown=Count("id", filter=Q(decided=False)),
        )
        .order_by()
    )
    return {
        by_connection[row["connection_id"]].pk: (row["total"], row["high"], row["unknown"])
        for row in rows
    }


def _leaving_connectors(
    workspace: Workspace, connections: list[Connection]
) -> frozenset[uuid.UUID]:
    """Users who connected and whose address is that of somebody with a leaving recorded."""
    users = {each.connected_by for each in connections if each.connected_by is not None}
    by_address = {user.email.lower(): user.pk for user in users}
    rows = people.addresses(workspace).filter(
        until__isnull=True,
        normalised__in=list(by_address),
        staff__periods__latest=True,
        staff__periods__access_ends_at__isnull=False,
    )
    return frozenset(by_address[each] for each in rows.values_list("normalised", flat=True))


def _connection_step(
    system: CriticalSystem, state: ConnectionState, held: Mapping[uuid.UUID, uuid.UUID]
) -> NextStep | None:
    connection = system.connection
    product = product_of(system)
    if connection is None:
        return NextStep(
            f"{product.name} is not connected yet.",
            "Connect",
            "integrations:integration",
            product.slug,
        )
    key = str(connection.pk)
    if state.code in ("needs_reconnect", "disconnected"):
        text = state.words or "The connection needs to be renewed."
        return NextStep(text, "Reconnect", "integrations:connection", key, "bad")
    if connection.pk in held:
        run = str(held[connection.pk])
        return NextStep(state.words, "Look at the held list", "integrations:held", run, "warn")
    return None


def _people_step(any_staff: bool) -> NextStep | None:
    if any_staff:
        return None
    return NextStep("Nobody is in the staff directory yet.", "Add people", "people:add")


def _check_step(system: CriticalSystem, summaries: Mapping[str, CheckSummary]) -> NextStep | None:
    key = str(system.pk)

    def open_tasks(check_id: str) -> int:
        found = summaries[check_id]
        return found.left + found.failing

    if open_tasks("access_control_configured"):
        return NextStep("No access rule is saved yet.", "Configure now", "access:rule", key)
    for check_id, words in (
        ("offboarded_access_removed", "who left still to be removed or proved gone"),
        ("user_identified", "to be identified"),
        ("user_access_valid", "with access that is not valid"),
    ):
        if number := open_tasks(check_id):
            noun = "person" if check_id == "offboarded_access_removed" else "account"
            noun = noun if number == 1 else {"person": "people"}.get(noun, f"{noun}s")
            tone = "bad" if summaries[check_id].failing else "warn"
            route = "access:tasks"
            return NextStep(f"{number} {noun} {words}.", "View tasks", route, check_id, tone)
    return None


# --- Accounts -----------------------------------------------------------------------------------


def accounts(
    system: CriticalSystem, *, search: str = "", unidentified: bool = False
) -> QuerySet[Account]:
    """The accounts of the current list by name, each with `current` (its decision, in a list)."""
    if system.connection_id is None:
        return Account.objects.none()
    current = Identification.objects.filter(withdrawn_at__isnull=True).select_related(
        "staff", "owner_staff", "owner_user"
    )
    rows = (
        Account.objects.filter(connection_id=system.connection_id, present=True)
        .annotate(sort_name=Lower(Coalesce("name", "email")))
        .prefetch_related(Prefetch("identifications", queryset=current, to_attr="current"))
    )
    if search := search.strip():
        rows = rows.filter(Q(name__icontains=search) | Q(email__icontains=search))
    if unidentified:
        rows = rows.filter(~_decided())
    return rows


def levels_seen(system: CriticalSystem) -> frozenset[str]:
    """The levels that accounts of the current list have, as the product writes them."""
    rows = Account.objects.filter(connection=system.connection, present=True)
    return frozenset(rows.values_list("level", flat=True).distinct())


def account(workspace: Workspace, pk: uuid.UUID) -> Account:
    """One account of the workspace. Raises Account.DoesNotExist."""
    return Account.objects.select_related("connection", "workspace").get(workspace=workspace, pk=pk)


def system_of(account: Account) -> CriticalSystem | None:
    return for_workspace(account.workspace).filter(connection=account.connection_id).first()


def decision(account: Account) -> Identification | None:
    """The current decision about an account."""
    rows = account.identifications.filter(withdrawn_at__isnull=True)
    return rows.select_related("staff", "decided_by", "owner_staff", "owner_user").first()


def accounts_of(staff: StaffMember) -> QuerySet[Account]:
    """Accounts in every system that are this person's, or held for them until approved."""
    mine = Q(identifications__staff=staff, identifications__withdrawn_at__isnull=True)
    held = Q(identifications__held_for=staff, identifications__approved_at__isnull=True)
    rows = Account.objects.filter(mine | held, workspace=staff.workspace).distinct()
    return rows.select_related("connection__criticalsystem").order_by("connection_id", "name")


def validity(
    rows: Iterable[Account], system: CriticalSystem, now: datetime
) -> dict[uuid.UUID, Task]:
    """The validity task of each account, with its status as `shown`."""
    found = Task.objects.filter(
        system_id=system.pk,
        check_id="user_access_valid",
        subject_id__in=[row.pk for row in rows],
    ).select_related("system")
    return {task.subject_id: task for task in found}


# --- Tasks --------------------------------------------------------------------------------------

STATUS_FILTERS: Mapping[str, frozenset[Status]] = {
    "open": OPEN | {Status.STALE, Status.WAITING},
    "failing": frozenset({Status.FAILING}),
    "passing": frozenset({Status.PASSING, Status.SPECIAL_CASE}),
    "closed": frozenset({Status.CLOSED}),
}


def tasks(
    workspace: Workspace, now: datetime, *, check_id: str = "", show: str = "open"
) -> QuerySet[Any]:
    """Tasks of the workspace's critical systems, worst and most urgent first."""
    rows = checks.tasks(workspace, now)
    if check_id:
        rows = rows.filter(check_id=check_id)
    if wanted := STATUS_FILTERS.get(show):
        rows = rows.filter(code__in=[checks.RANKED.index(each) for each in wanted])
    ordered: QuerySet[Any] = rows.annotate(due=Coalesce("due_at", "created_at"))
    return ordered


def tasks_of_subject(workspace: Workspace, pk: uuid.UUID, now: datetime) -> list[dict[str, object]]:
    """The tasks about one account or person, each with its status and title."""
    rows = checks.tasks(workspace, now).filter(subject_id=pk).order_by("code", "check_id")
    return [
        {
            "task": task,
            "status": checks.RANKED[task.code],
            "title": BY_ID[task.check_id].title(product_name(task)),
        }
        for task in rows
    ]


def product_name(task: Task) -> str:
    return task.system.name.partition(" · ")[0]


@dataclass(frozen=True)
class Owned:
    """What else a leaver owns here, to be handed on."""

    systems: tuple[str, ...]
    tasks: int
    accounts: int
    connections: tuple[str, ...]

    @property
    def any(self) -> bool:
        return bool(self.systems or self.tasks or self.accounts or self.connections)


def owned_by(staff: StaffMember, email: str) -> Owned:
    """Systems, tasks, accounts answered for and connections of the user with this address."""
    address = email.strip().lower()
    systems = for_workspace(staff.workspace).filter(owner__email=address, removed_at__isnull=True)
    connections = integrations.for_workspace(staff.workspace).filter(connected_by__email=address)
    open_tasks = Task.objects.filter(
        workspace=staff.workspace,
        owner__email=address,
        resolved_at__isnull=True,
        closed_at__isnull=True,
    )
    answered = Identification.objects.filter(owner_staff=staff, withdrawn_at__isnull=True)
    if not address:
        return Owned((), 0, answered.count(), ())
    return Owned(
        systems=tuple(name_of(each) for each in systems),
        tasks=open_tasks.count(),
        accounts=answered.count(),
        connections=tuple(each.organisation_name for each in connections),
    )
