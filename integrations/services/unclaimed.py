"""Authorisations that came too late for their attempt: nobody uses them, so they are given up."""

from datetime import datetime, timedelta
from functools import partial

import structlog
from django.db.models import Q, QuerySet

from audit import clock
from audit import services as audit
from integrations import providing
from integrations.models import ConnectAttempt, Connection, Revocation
from integrations.providers.base import ProviderError, RemoteConnection
from integrations.services import attempts
from integrations.services.disconnecting import LOOK, withdraw
from jobs import looks
from workspaces.models import Workspace

LINK_LIFE = timedelta(days=7)  # of Truto's link tokens: so long access can still be allowed
LOOK_BACK = LINK_LIFE + timedelta(days=1)
EVERY = timedelta(hours=1)
log = structlog.get_logger(__name__)


def give_up_unclaimed(workspace: Workspace, *, by: audit.Actor) -> int:
    """Withdraw accounts that echo the nonce of an attempt that ended without them; how many.

    Never in a transaction. An account without a nonce is left alone: it may be anybody's. Raises
    ProviderError when the provider cannot be asked.
    """
    by_nonce = {each.nonce: each for each in _ended(clock.now()).filter(workspace=workspace)}
    found = [
        (by_nonce[remote.nonce], remote)
        for integration in sorted({each.integration for each in by_nonce.values()})
        for remote in _candidates(workspace, integration)
        if remote.nonce in by_nonce and remote.tenant_id == str(workspace.pk)
    ]
    return sum(_give_up(attempt, remote, by) for attempt, remote in found)


def look_for_unclaimed(*, by: audit.Actor, seconds: float = LOOK) -> int:
    """What a lost webhook would have told: accounts of links that were used after their attempt.

    Each workspace with such links is asked about once in EVERY; how many were.
    """
    now = clock.now()
    due = _ended(now).filter(Q(looked_at__isnull=True) | Q(looked_at__lte=now - EVERY))
    waiting = Workspace.objects.filter(pk__in=due.values("workspace"))
    return looks.each(waiting.order_by("pk")[:200], partial(_look, by=by), seconds=seconds)


def _look(workspace: Workspace, *, by: audit.Actor) -> None:
    now = clock.now()
    _ended(now).filter(workspace=workspace).update(looked_at=now)
    try:
        give_up_unclaimed(workspace, by=by)
    except ProviderError as error:
        log.warning("unclaimed accounts not looked for", code=error.code)


def _ended(now: datetime) -> QuerySet[ConnectAttempt]:
    """Attempts that ended without an account and whose link may still make one."""
    gone = (ConnectAttempt.State.FAILED, ConnectAttempt.State.CANCELLED)
    return ConnectAttempt.objects.filter(state__in=gone, ended_at__gte=now - LOOK_BACK)


def _candidates(workspace: Workspace, integration: str) -> list[RemoteConnection]:
    with providing.provider(integration) as provider:
        return provider.candidates(str(workspace.pk), integration)


def _give_up(attempt: ConnectAttempt, remote: RemoteConnection, by: audit.Actor) -> bool:
    with audit.act(attempt.workspace, by=by) as act:
        attempts.hold(attempt.workspace)  # so that nobody adopts the account meanwhile
        if (
            Connection.objects.filter(ref=remote.ref).exists()
            or Revocation.objects.filter(ref=remote.ref).exists()
        ):
            return False
        withdraw(attempt, ref=remote.ref, why="unclaimed", now=act.now)
        audit.record("connect.unclaimed_withdrawn", subject=f"attempt:{attempt.id}")
    return True
