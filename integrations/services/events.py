"""Signals from providers: stored once, then acted on only by asking the provider again."""

import uuid
from datetime import datetime, timedelta

import structlog
from celery import current_app
from django.db import transaction
from django.db.models import Q
from kombu.exceptions import OperationalError

from audit import clock
from audit import services as audit
from integrations import providing
from integrations.models import Connection, ProviderEvent
from integrations.providers.base import ProviderSignal
from integrations.services import attempts, connecting, syncing
from integrations.services.unclaimed import give_up_unclaimed
from workspaces.models import Workspace

TASK = "integrations.tasks.handle_event"
OLDEST = timedelta(hours=24)  # what is older was replayed, and says nothing that a look would not
DAILY = timedelta(days=1)
RING_AGAIN = timedelta(seconds=30)

log = structlog.get_logger(__name__)


def receive(signal: ProviderSignal, *, provider: str) -> ProviderEvent | None:
    """Keep a verified signal and ring for it after the commit; None when it is known already."""
    now = clock.now()
    event, new = ProviderEvent.objects.get_or_create(
        provider=provider,
        event_id=signal.event_id[:100],
        defaults={
            "kind": signal.kind[:80],
            "ref": (signal.ref or "")[:100],
            "tenant_id": (signal.tenant_id or "")[:100],
            "received_at": now,
            "parked_why": _why_parked(signal, now),
        },
    )
    if not new:
        return None
    if not event.parked_why:
        transaction.on_commit(lambda: _ring(event), robust=True)
    return event


def handle(event_id: uuid.UUID | str, *, by: audit.Actor) -> None:
    """Look again at whatever the signal may be about. Safe to repeat, and never in a transaction."""
    waiting = ProviderEvent.objects.filter(handled_at__isnull=True, parked_why="")
    event = waiting.filter(pk=event_id).first()
    if event is None:
        return
    given_up, (connection, workspace) = 0, _about(event)
    live = list(attempts.live(workspace)) if workspace else []
    for attempt in live:
        connecting.look_at(attempt, by=by)
    if connection is not None:
        connection.refresh_from_db()
        syncing.check_authorisation(connection, by=by)
    elif workspace is not None:
        given_up = give_up_unclaimed(workspace, by=by)
    known = connection is not None or bool(live) or bool(given_up)
    waiting.filter(pk=event.pk).update(
        handled_at=clock.now(), parked_why="" if known else "nothing here is about this account"
    )


def handle_waiting(*, by: audit.Actor) -> int:
    """Handle signals whose doorbell was lost; how many there were."""
    since = clock.now() - RING_AGAIN
    rows = ProviderEvent.objects.filter(
        handled_at__isnull=True, parked_why="", received_at__lte=since
    )
    lost = list(rows.order_by("received_at").values_list("pk", flat=True)[:200])
    for event_id in lost:
        handle(event_id, by=by)
    return len(lost)


def look_at_troubled(*, by: audit.Actor) -> int:
    """Once a day: did a connection that needs a reconnect come back by itself? How many were asked.

    Those that are read need no look of their own: every reading is one.
    """
    now = clock.now()
    long_ago = now - DAILY
    rows = Connection.objects.filter(
        Q(checked_at__isnull=True) | Q(checked_at__lte=long_ago),
        authorisation=Connection.Authorisation.NEEDS_RECONNECT,
        trouble_since__lte=long_ago,
    )
    troubled = list(rows.select_related("workspace").order_by("trouble_since")[:100])
    for connection in troubled:
        Connection.objects.filter(pk=connection.pk).update(checked_at=now)
        syncing.check_authorisation(connection, by=by)
    return len(troubled)


def _why_parked(signal: ProviderSignal, now: datetime) -> str:
    """Why a signal is only kept; empty when it is to be followed."""
    ours = providing.config().environment_id
    if ours and signal.environment_id not in (None, ours):
        return "another environment"
    if not signal.kind.startswith("integrated_account:"):
        return "not about an account"
    if signal.created_at is not None and signal.created_at < now - OLDEST:
        return "older than a day"
    return ""


def _about(event: ProviderEvent) -> tuple[Connection | None, Workspace | None]:
    """The connection that the signal names, and the workspace whose attempts it may belong to.

    A signal that names another tenant than the connection's own is about neither.
    """
    rows = Connection.objects.select_related("workspace")
    connection = rows.filter(ref=event.ref).first() if event.ref else None
    if connection is not None and event.tenant_id not in ("", str(connection.workspace_id)):
        return None, None
    return connection, connection.workspace if connection else _workspace(event.tenant_id)


def _workspace(tenant_id: str) -> Workspace | None:
    try:
        return Workspace.objects.filter(pk=uuid.UUID(tenant_id)).first()
    except ValueError:
        return None


def _ring(event: ProviderEvent) -> None:
    """A broker that is down costs time, not the signal: the minute's look finds it."""
    try:
        current_app.send_task(TASK, args=[str(event.pk)], expires=300)
    except (OperationalError, OSError) as error:
        log.warning("doorbell not sent", event=str(event.pk), error=type(error).__name__)
