"""Giving connections up: monitoring stops, evidence stays, the provider withdraws the access."""

import uuid
from datetime import datetime

import structlog
from django.db.models import F

from audit import clock
from audit import services as audit
from integrations import providing
from integrations.models import ConnectAttempt, Connection, Revocation
from integrations.providers.base import Gone, ProviderError
from integrations.services import attempts, syncing
from jobs import looks
from jobs import services as jobs
from workspaces.models import User

TASK = "integrations.tasks.revoke"
LOOK = 10.0  # seconds after which a look begins with no further row

log = structlog.get_logger(__name__)


def disconnect(connection: Connection, *, user: User | None, by: audit.Actor) -> Connection:
    """Stop reading a connection. Twice is once; what was gathered is kept.

    A worker tells the provider after the commit; `revoke_pending` tries until it has confirmed.
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
    """Note that the provider must give `ref` up, and ring for a worker to tell it so."""
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
    jobs.ring_task(TASK, row.pk)


def revoke_pending(*, seconds: float = LOOK) -> int:
    """Try again what the provider has not confirmed; how many remain. Never in a transaction."""
    pending = Revocation.objects.filter(done_at__isnull=True)
    looks.each(pending.order_by("tries", "created_at")[:100], _revoke, seconds=seconds)
    return pending.count()


def revoke(revocation_id: uuid.UUID | str) -> None:
    """Tell the provider to give one authorisation up, if it has not confirmed it yet."""
    row = Revocation.objects.filter(pk=revocation_id, done_at__isnull=True).first()
    if row is not None:
        _revoke(row)


def _revoke(row: Revocation) -> None:
    try:
        with providing.provider(row.integration) as remote:
            remote.revoke(row.ref)
    except Gone:
        pass
    except ProviderError as error:
        log.warning("revocation failed", revocation=str(row.pk), code=error.code)
        Revocation.objects.filter(pk=row.pk).update(tries=F("tries") + 1)
        return
    Revocation.objects.filter(pk=row.pk).update(done_at=clock.now(), tries=F("tries") + 1)


def _withdraw_attempts(connection: Connection, now: datetime) -> None:
    for attempt in attempts.live(connection.workspace).filter(connection=connection):
        attempts.end(attempt, "disconnected", now=now, state=ConnectAttempt.State.CANCELLED)


def _stop(connection: Connection, now: datetime) -> None:
    syncing.end_hold(connection, now)
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
