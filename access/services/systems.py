"""Adding and removing critical systems; one per connection, its record continues."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from access.facts import name_of
from access.models import CriticalSystem, SystemGap
from access.services import gaps
from audit import services as audit
from checks.models import JudgedSystem
from integrations.catalog import CATALOG
from integrations.models import Connection
from people.services import Problem
from workspaces import selectors as workspaces
from workspaces.models import User, Workspace


def add_system(
    workspace: Workspace,
    *,
    integration: str,
    connection: Connection | None = None,
    user: User | None,
    by: audit.Actor,
) -> CriticalSystem:
    """Take an organisation (or one still to be connected) under control.

    Raises Problem where it is under control already. A removed one is continued.
    """
    if integration not in CATALOG or (connection and connection.integration != integration):
        raise Problem("integration", "Choose one of the integrations of the list.")
    with audit.act(workspace, by=by) as act:
        # Two clicks at once: the second waits here, and then finds what the first one added.
        Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)
        if connection is None:
            connection = _unclaimed(workspace, integration)
        system = _existing(workspace, integration, connection)
        if system is not None and system.removed_at is None:
            raise Problem(
                "integration",
                f"{name_of(system)} is a critical system already. Nothing was added.",
            )
        if system is None:
            system = CriticalSystem.objects.create(
                workspace=workspace,
                integration=integration,
                connection=connection,
                owner=user,
                added_at=act.now,
            )
            JudgedSystem.objects.create(id=system.id, workspace=workspace, name=name_of(system))
            _record("system.added", system, name=name_of(system))
        else:
            _continue(system, act.now)
    return system


def add_systems(
    workspace: Workspace,
    *,
    integration: str,
    connections: Iterable[Connection | None],
    user: User | None,
    by: audit.Actor,
) -> list[CriticalSystem]:
    """Take several organisations under control: all of them, or none. Raises Problem."""
    with audit.act(workspace, by=by):
        return [
            add_system(workspace, integration=integration, connection=each, user=user, by=by)
            for each in connections
        ]


def _unclaimed(workspace: Workspace, integration: str) -> Connection | None:
    """The one connection that no card has yet; with several, the page asks which."""
    rows = Connection.objects.filter(
        workspace=workspace, integration=integration, criticalsystem__isnull=True
    )
    found = list(rows.exclude(authorisation=Connection.Authorisation.DISCONNECTED)[:2])
    return found[0] if len(found) == 1 else None


def _existing(
    workspace: Workspace, integration: str, connection: Connection | None
) -> CriticalSystem | None:
    rows = CriticalSystem.objects.filter(
        workspace=workspace, integration=integration, connection=connection
    )
    return rows.order_by("-added_at").select_related("connection").first()


def _continue(system: CriticalSystem, now: datetime) -> None:
    """Take up the old record: its decisions, its rule, the start of its open problems."""
    since = system.removed_at
    system.removed_at, system.removed_reason = None, ""
    system.save(update_fields=["removed_at", "removed_reason"])
    JudgedSystem.objects.filter(pk=system.pk).update(removed_at=None)
    gaps.end([system.pk], SystemGap.Cause.REMOVED, at=now)
    _record("system.added", system, name=name_of(system), not_monitored_since=since)


def remove_system(system: CriticalSystem, *, reason: str, by: audit.Actor) -> CriticalSystem:
    """Stop controlling a system; it stays listed with its open tasks. Raises Problem sans reason."""
    if not reason.strip():
        raise Problem("reason", "Say why this system is no longer critical. Nothing was removed.")
    with audit.act(system.workspace, by=by) as act:
        rows = CriticalSystem.objects.select_for_update(of=("self",), no_key=True)
        system = rows.get(pk=system.pk)
        if system.removed_at is not None:
            raise Problem("", "This system is removed already. Nothing was changed.")
        _remove(system, reason.strip()[:500], act.now)
    return system


def _remove(system: CriticalSystem, reason: str, now: datetime) -> None:
    system.removed_at, system.removed_reason = now, reason
    system.save(update_fields=["removed_at", "removed_reason"])
    JudgedSystem.objects.filter(pk=system.pk).update(removed_at=now)
    gaps.begin(system, SystemGap.Cause.REMOVED, at=now, reason=reason)
    _record("system.removed", system, reason=reason)


def change_owner(system: CriticalSystem, *, owner: User, by: audit.Actor) -> CriticalSystem:
    """Give a system another owner. Tasks keep theirs.

    Raises Problem for whoever is no member, and for auditors: its new tasks would be theirs.
    """
    if not workspaces.workers(system.workspace).filter(user=owner).exists():
        words = "Choose a member of this workspace who is no auditor. The owner was not changed."
        raise Problem("owner", words)
    with audit.act(system.workspace, by=by):
        rows = CriticalSystem.objects.select_for_update(of=("self",), no_key=True)
        locked = rows.select_related("owner").get(pk=system.pk)
        before = locked.owner.label if locked.owner else None
        if locked.owner_id != owner.pk:
            locked.owner = owner
            locked.save(update_fields=["owner"])
            _record("system.owner_changed", locked, before=before, after=owner.label)
    return locked


def fill_waiting(connection: Connection, now: datetime) -> None:
    """Within an act: an organisation that gets connected takes the card that waits for one.

    Where the organisation had a card that was removed, the old record goes on instead.
    """
    waiting = CriticalSystem.objects.filter(
        workspace_id=connection.workspace_id,
        integration=connection.integration,
        connection__isnull=True,
        removed_at__isnull=True,
    ).first()
    if waiting is None:
        return
    earlier = CriticalSystem.objects.filter(connection=connection).first()
    if earlier is None:
        waiting.connection = connection
        waiting.save(update_fields=["connection"])
        _record("system.connected", waiting, name=name_of(waiting))
    elif earlier.removed_at is not None:
        _continue(earlier, now)
        _remove(waiting, f"Its organisation is {name_of(earlier)}, whose record goes on.", now)


def _record(kind: str, system: CriticalSystem, **body: Any) -> None:
    key = f"system:{system.id}"
    audit.record(kind, subject=key, touched={key}, **body)
