"""Readings of connections: their state for people, runs, and the lists that runs brought."""

import json
import uuid
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from django.db.models import QuerySet

from checks.status import is_ahead
from integrations import guard
from integrations.catalog import CATALOG
from integrations.models import ConnectAttempt, Connection, ExpectedRemoval, Snapshot, SyncRun
from jobs.models import State
from workspaces import selectors as workspaces
from workspaces.models import User, Workspace

ENDED = (State.DONE, State.FAILED, State.PARKED)


@dataclass(frozen=True)
class ConnectionState:
    """What people see of a connection. `syncing` and `stale` show on top of the state."""

    code: str
    label: str
    words: str
    syncing: bool = False
    stale: bool = False

    @property
    def tone(self) -> str:
        return "ok" if self.code == "connected" else "warn"


NOT_CONNECTED = ConnectionState("not_connected", "Not connected", "Nothing is read yet.")


def for_workspace(workspace: Workspace) -> QuerySet[Connection]:
    """The connections of a workspace, disconnected ones included, oldest first."""
    rows = Connection.objects.filter(workspace=workspace)
    rows = rows.select_related("connected_by", "snapshot").defer("snapshot__content")
    return rows.order_by("created_at", "id")


def connection_states(
    connections: Iterable[Connection], now: datetime
) -> dict[uuid.UUID, ConnectionState]:
    """The state of each connection; one query however many."""
    rows = list(connections)
    busy: dict[uuid.UUID, set[str]] = {}
    live = (State.PENDING, State.RUNNING, State.HELD)
    runs = SyncRun.objects.filter(connection__in=rows, state__in=live).order_by()
    for connection_id, state in runs.values_list("connection_id", "state"):
        busy.setdefault(connection_id, set()).add(state)
    return {row.id: _state(row, busy.get(row.id, set()), now) for row in rows}


def connection_state(connection: Connection | None, now: datetime) -> ConnectionState:
    """The state of one connection; None is one that is not there yet."""
    if connection is None:
        return NOT_CONNECTED
    return connection_states([connection], now)[connection.id]


def stale_at(connection: Connection) -> datetime | None:
    """When the current list is too old to prove anything; None without one."""
    if connection.read_at is None:
        return None
    ends = connection.read_at + timedelta(minutes=connection.stale_after)
    if connection.authorisation != Connection.Authorisation.CONNECTED:
        return min(
            ends, connection.trouble_since or connection.disconnected_at or connection.read_at
        )
    return ends


def _state(connection: Connection, busy: set[str], now: datetime) -> ConnectionState:
    code, label, words = _word(connection, State.HELD in busy)
    ends = stale_at(connection)
    return ConnectionState(
        code=code,
        label=label,
        words=words,
        syncing=bool(busy & {State.PENDING, State.RUNNING}),
        stale=ends is not None and (ends <= now or is_ahead(connection.read_at, now)),
    )


def _word(connection: Connection, held: bool) -> tuple[str, str, str]:
    kinds = Connection.Authorisation
    if connection.authorisation == kinds.DISCONNECTED:
        return "disconnected", "Disconnected", "Monitoring has stopped; the evidence is kept."
    if connection.authorisation == kinds.NEEDS_RECONNECT:
        return "needs_reconnect", "Needs reconnect", connection.trouble
    if held:
        return "held", "Held", "The last list is held until somebody has looked at it."
    if connection.failures:
        return "cannot_read", "Cannot read (trying again)", connection.trouble
    return "connected", "Connected", "Read on schedule."


def runs(connection: Connection) -> QuerySet[SyncRun]:
    """The run log, newest first."""
    return connection.runs.select_related("requested_by", "decided_by").order_by(
        "-created_at", "-id"
    )


def latest_run(connection: Connection) -> SyncRun | None:
    return runs(connection).first()


def held_run(connection: Connection) -> SyncRun | None:
    return runs(connection).filter(state=State.HELD).first()


def attempts(workspace: Workspace) -> QuerySet[ConnectAttempt]:
    """The attempts to connect of a workspace."""
    rows = ConnectAttempt.objects.filter(workspace=workspace)
    return rows.select_related("workspace", "user", "connection")


def attempt(workspace: Workspace, wanted: str) -> ConnectAttempt | None:
    """The attempt of this workspace that an address names; None for anything else."""
    try:
        return attempts(workspace).filter(pk=uuid.UUID(wanted)).first()
    except ValueError:
        return None


def going_on(
    workspace: Workspace, user: User, integration: str, now: datetime
) -> ConnectAttempt | None:
    """The newest attempt of this person to connect this product that may still succeed."""
    rows = attempts(workspace).filter(user=user, integration=integration, reconnect=False)
    live = rows.filter(state__in=ConnectAttempt.LIVE, expires_at__gt=now)
    return live.order_by("-created_at", "-id").first()


def previous_read_at(run_id: uuid.UUID | str, connection: Connection) -> datetime | None:
    """When the list before that of this run was read; the last one that was used."""
    used = connection.runs.filter(state=State.DONE, read_at__isnull=False).exclude(id=run_id)
    return used.order_by("-read_at").values_list("read_at", flat=True).first()


@lru_cache(maxsize=4)
def _rows(snapshot_id: uuid.UUID) -> tuple[guard.Row, ...]:
    """A snapshot never changes, so that the last ones need not be parsed again."""
    content = Snapshot.objects.values_list("content", flat=True).get(id=snapshot_id)
    return tuple(guard.Row(*row) for row in json.loads(zlib.decompress(bytes(content))))


def snapshot_rows(snapshot: Snapshot | None) -> tuple[guard.Row, ...]:
    """The user list that a snapshot holds; nothing for None. Rows are ordered by id."""
    return () if snapshot is None else _rows(snapshot.id)


def expected_removals(connection: Connection) -> frozenset[str]:
    """External ids of accounts that people were asked to remove."""
    rows = ExpectedRemoval.objects.filter(connection=connection)
    return frozenset(rows.values_list("external_id", flat=True))


def vanishing(run: SyncRun) -> guard.Hold | None:
    """What a held run would do, judged against the current list of its connection."""
    return guard.hold_reason(
        snapshot_rows(run.connection.snapshot),
        snapshot_rows(run.snapshot),
        expected_removals=expected_removals(run.connection),
        scheme=CATALOG[run.connection.integration].scheme,
    )


def for_another_admin(run: SyncRun, user: User) -> bool:
    """Whoever asked for a list, or reconnected before it, does not also accept it, where there is
    another admin.
    """
    connection = run.connection
    since_reconnect = connection.connected_at is not None and (
        connection.read_at is None or connection.read_at < connection.connected_at
    )
    reconnected = since_reconnect and connection.connected_by_id == user.pk
    if str(user.pk) not in run.asked_by and not reconnected:
        return False
    return workspaces.admins(run.workspace).exclude(user=user).exists()


def held_runs(connections: Iterable[Connection]) -> QuerySet[SyncRun]:
    """The held run of each of these connections that has one."""
    return SyncRun.objects.filter(connection__in=list(connections), state=State.HELD).order_by()
