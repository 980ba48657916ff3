"""Giving connections up: monitoring stops, evidence stays, the provider withdraws the access."""

from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import F, QuerySet

from audit import clock
from audit import services as audit
from integrations import providing
from integrations.models import ConnectAttempt, Connection, Revocation
from integrations.providers.base import Gone, ProviderError
from integrations.services import attempts
from workspaces.models import User

log = structlog.get_logger(__name__)


def disconnect(connection: Connection, *, user: User | None, by: audit.Actor) -> Connection:
    """Stop reading a connection. Twice is once; what was gathered is kept.

    The provider is told after the commit; if it does not answer, `revoke_pending` tries again.
    """
    with audit.act(connection.workspace, by=by) as act:
        attempts.hold(connection.workspace)
        mine = Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)
        if mine.authorisation != Connection.Authorisation.DISCONNECTED:
            _withdraw_attempts(mine, act.now)
            if mine.ref:
                withdraw(mine, ref=mine.ref, why="disconnected", now=act.now)
            _stop(mine, act.now)
            audit.record(
                "connection.disconnected",
                subject=f"connection:{mine.id}",
                touched=[f"connection:{mine.id}"],
                organisation=mine.organisation_name,
                user=str(user.id) if user else "",
            )
    connection.refresh_from_db()
    return connection


def withdraw(owner: Connection | ConnectAttempt, *, ref: str, why: str, now: datetime) -> None:
    """Note that the provider must give `ref` up, and tell it so after the commit."""
    connection = owner if isinstance(owner, Connection) else owner.connection
    row, _ = Revocation.objects.get_or_create(
        ref=ref,
        defaults={
            "workspace": owner.workspace,
            "connection": connection,
            "integration": owner.integration,
            "why": why,
            "created_at": now,
        },
    )
    transaction.on_commit(lambda: _revoke(row), robust=True)


def revoke_pending(connection: Connection | None = None) -> int:
    """Try again what the provider has not confirmed; how many remain. Never in a transaction."""
    rows: QuerySet[Revocation] = Revocation.objects.filter(done_at__isnull=True)
    if connection is not None:
        rows = rows.filter(connection=connection)
    return sum(not _revoke(row) for row in rows.order_by("tries", "created_at")[:100])


def _revoke(row: Revocation) -> bool:
    """Withdraw one authorisation; true once the provider no longer has it."""
    try:
        with providing.provider(row.integration) as remote:
            remote.revoke(row.ref)
    except Gone:
        pass
    except ProviderError as error:
        log.warning("revocation failed", revocation=str(row.pk), code=error.code)
        Revocation.objects.filter(pk=row.pk).update(tries=F("tries") + 1)
        return False
    Revocation.objects.filter(pk=row.pk).update(done_at=clock.now(), tries=F("tries") + 1)
    return True


def _withdraw_attempts(connection: Connection, now: datetime) -> None:
    for attempt in attempts.live(connection.workspace).filter(connection=connection):
        attempts.end(attempt, "disconnected", now=now, state=ConnectAttempt.State.CANCELLED)


def _stop(connection: Connection, now: datetime) -> None:
    connection.authorisation = Connection.Authorisation.DISCONNECTED
    connection.generation += 1
    connection.ref = connection.next_sync_at = connection.trouble_since = None
    connection.trouble = connection.wrong_organisation = ""
    connection.disconnected_at = now
    connection.save(
        update_fields=[
            "authorisation",
            "generation",
            "ref",
            "next_sync_at",
            "trouble",
            "trouble_since",
            "wrong_organisation",
            "disconnected_at",
        ]
    )
