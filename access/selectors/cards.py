"""The cards of critical systems: their figures, checks and the one next step."""

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from access.facts import name_of, product_of
from access.models import Account, CriticalSystem
from access.selectors.accounts import decided
from checks import selectors as checks
from checks.models import JudgedSystem
from checks.rules import BY_ID
from checks.selectors import CheckSummary
from checks.status import Status
from integrations import selectors as integrations
from integrations.catalog import CATALOG
from integrations.models import Connection
from integrations.selectors import ConnectionState
from people import selectors as people
from people.addresses import normalise
from workspaces.models import Workspace


@dataclass(frozen=True)
class NextStep:
    """The one thing to do next: words, the route that does it, and how urgent it looks.

    `query` is what follows the address; `needs` is the permission that the step takes, where not
    everybody who sees the card has it.
    """

    text: str
    action: str
    route: str
    argument: str = ""
    query: str = ""
    tone: str = "info"
    needs: str = ""


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

    @property
    def all_pass(self) -> bool:
        return all(each.status is Status.PASSING for each in self.checks)

    @property
    def special_cases(self) -> int:
        """Problems that somebody accepted: they stand beside the status and are no passes."""
        return sum(each.special for each in self.checks)

    def check_titles(self) -> list[tuple[str, CheckSummary]]:
        return [(BY_ID[each.check_id].title(self.product), each) for each in self.checks]


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
        ending=Counter(
            checks.ending_soon(rows[0].workspace, now).values_list("task__system_id", flat=True)
        ),
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
    ending: Counter[uuid.UUID]  # special cases that end within a week, per system


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
        unidentified=max(unidentified, by_check["user_identified"].unsolved),
        checks=summaries,
        connector_leaving=connection is not None and connection.connected_by_id in around.leaving,
        next=_connection_step(system, state, around.held)
        or _people_step(around.any_staff)
        or _check_step(system, by_check)
        or _ending_step(around.ending[system.pk])
        or _reading_step(connection, state),
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
        .annotate(decided=decided())
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
    by_address = {normalise(user.email): user.pk for user in users}
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
        return NextStep(
            text,
            "Reconnect",
            "integrations:connection",
            key,
            query="#reconnect",  # the button itself: it asks for a pop-up, which only a click opens
            tone="bad",
            needs="integrations.connect",
        )
    if connection.pk in held:
        run = str(held[connection.pk])
        return NextStep(state.words, "Look at the held list", "integrations:held", run, tone="warn")
    return None


def _people_step(any_staff: bool) -> NextStep | None:
    if any_staff:
        return None
    return NextStep("Nobody is in the staff directory yet.", "Add people", "people:directory")


def _check_step(system: CriticalSystem, summaries: Mapping[str, CheckSummary]) -> NextStep | None:
    key = str(system.pk)
    if _open(summaries["access_control_configured"]):
        return _rule_step(key, summaries)
    for check_id in LEFT:
        if number := _open(summaries[check_id]):
            tone = "bad" if summaries[check_id].failing else "warn"
            text, only = f"{_left(check_id, number)}.", f"?system={key}"
            if check_id == "user_identified":
                return _identify_step(text, only, tone)
            return NextStep(text, "View tasks", "access:tasks", check_id, only, tone)
    return None


# What is left of a check, of one and of several, in the order in which it is to be done.
LEFT = {
    "offboarded_access_removed": (
        "person",
        "people",
        "who left still to be removed or proved gone",
    ),
    "user_identified": ("account", "accounts", "to be identified"),
    "user_access_valid": ("account", "accounts", "with access that is not valid"),
}


def _open(found: CheckSummary) -> int:
    return found.left + found.failing


def _left(check_id: str, number: int) -> str:
    one, several, words = LEFT[check_id]
    return f"{number} {one if number == 1 else several} {words}"


def _rule_step(key: str, summaries: Mapping[str, CheckSummary]) -> NextStep:
    """Saving the rule comes first; what fails without it is named all the same."""
    failing = [_left(each, number) for each in LEFT if (number := summaries[each].failing)]
    text = "No access rule is saved yet."
    if failing:
        text = f"{text} Failing already: {', '.join(failing)}."
    tone = "bad" if failing else "info"
    action, route = "Configure now", "access:rule"
    return NextStep(text, action, route, key, tone=tone, needs="access.edit")


def _identify_step(text: str, only: str, tone: str) -> NextStep:
    action, route = "Identify accounts", "access:queue"
    return NextStep(text, action, route, query=only, tone=tone, needs="access.edit")


def _ending_step(number: int) -> NextStep | None:
    if not number:
        return None
    words = "special case ends" if number == 1 else "special cases end"
    return NextStep(f"{number} {words} within a week.", "Look", "access:special_cases", tone="warn")


def _reading_step(connection: Connection | None, state: ConnectionState) -> NextStep | None:
    """Nothing is left to do by the last list, but a newer one could not be read."""
    if connection is None or state.code != "cannot_read":
        return None
    action, route = "Open the connection", "integrations:connection"
    return NextStep(state.words, action, route, str(connection.pk), tone="warn")
