"""Signals from providers: stored once, then acted on only by asking the provider again."""

import uuid
from datetime import datetime, timedelta
from functools import partial

import structlog
from django.db.models import F, Q, QuerySet

from audit import clock
from audit import services as audit
from integrations import providing
from integrations.models import Connection, ProviderEvent
from integrations.providers.base import ProviderError, ProviderSignal
from integrations.services import attempts, connecting, syncing
from integrations.services.disconnecting import LOOK
from integrations.services.unclaimed import give_up_unclaimed
from jobs import looks
from jobs import services as jobs
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
        jobs.ring_task(TASK, event.pk)
    return event


def handle(event_id: uuid.UUID | str, *, by: audit.Actor) -> None:
    """Look again at whatever the signal may be about. Safe to repeat, and never in a transaction.

    It is spent only once the provider was really asked; until then the minute's look tries again,
    for a day: by then every other look has found what the signal was about.
    """
    event, now = _waiting().filter(pk=event_id).first(), clock.now()
    if event is None:
        return
    _waiting().filter(pk=event.pk).update(tried_at=now)
    try:
        known = _follow(event, by)
    except ProviderError as error:
        log.warning("signal not followed", signal=str(event.pk), code=error.code)
        if event.received_at <= now - OLDEST:
            _waiting().filter(pk=event.pk).update(parked_why="nobody could be asked for a day")
        return
    _waiting().filter(pk=event.pk).update(
        handled_at=clock.now(), parked_why="" if known else "nothing here is about this account"
    )


def _waiting() -> QuerySet[ProviderEvent]:
    return ProviderEvent.objects.filter(handled_at__isnull=True, parked_why="")


def _follow(event: ProviderEvent, by: audit.Actor) -> bool:
    """Ask about the account; whether it is anybody's here. Raises ProviderError."""
    connection, workspace = _about(event)
    live = list(attempts.live(workspace)) if workspace else []
    for attempt in live:
        connecting.look_closely(attempt, by=by)
    if connection is not None:
        connection.refresh_from_db()
        syncing.check_authorisation(connection, by=by)
        return True
    given_up = give_up_unclaimed(workspace, by=by) if workspace else 0
    return bool(live) or bool(given_up)


def handle_waiting(*, by: audit.Actor, seconds: float = LOOK) -> int:
    """Handle signals whose doorbell was lost or that could not be followed; how many there were."""
    since = clock.now() - RING_AGAIN
    untried = Q(tried_at__isnull=True) | Q(tried_at__lte=since)
    rows = _waiting().filter(untried, received_at__lte=since)
    longest_ago = rows.order_by(F("tried_at").asc(nulls_first=True), "received_at")
    return looks.each(longest_ago[:200], lambda row: handle(row.pk, by=by), seconds=seconds)


def look_at_troubled(*, by: audit.Actor, seconds: float = LOOK) -> int:
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
    troubled = rows.select_related("workspace").order_by("trouble_since")[:100]
    return looks.each(troubled, partial(_check, now=now, by=by), seconds=seconds)


def _check(connection: Connection, *, now: datetime, by: audit.Actor) -> None:
    Connection.objects.filter(pk=connection.pk).update(checked_at=now)
    try:
        syncing.check_authorisation(connection, by=by)
    except ProviderError as error:
        log.warning("status not readable", connection=str(connection.id), code=error.code)


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
