"""Authorisations that came too late for their attempt: nobody uses them, so they are given up."""

from datetime import timedelta

import structlog

from audit import clock
from audit import services as audit
from integrations import providing
from integrations.models import ConnectAttempt, Connection, Revocation
from integrations.providers.base import ProviderError, RemoteConnection
from integrations.services import attempts
from integrations.services.disconnecting import withdraw
from workspaces.models import Workspace

LOOK_BACK = timedelta(days=1)
log = structlog.get_logger(__name__)


def give_up_unclaimed(workspace: Workspace, *, by: audit.Actor) -> int:
    """Withdraw accounts that echo the nonce of an attempt that ended without them; how many.

    Never in a transaction. An account without a nonce is left alone: it may be anybody's.
    """
    ended = ConnectAttempt.objects.filter(
        workspace=workspace,
        state__in=(ConnectAttempt.State.FAILED, ConnectAttempt.State.CANCELLED),
        ended_at__gte=clock.now() - LOOK_BACK,
    )
    by_nonce = {each.nonce: each for each in ended}
    found = [
        (by_nonce[remote.nonce], remote)
        for integration in sorted({each.integration for each in by_nonce.values()})
        for remote in _candidates(workspace, integration)
        if remote.nonce in by_nonce and remote.tenant_id == str(workspace.pk)
    ]
    return sum(_give_up(attempt, remote, by) for attempt, remote in found)


def _candidates(workspace: Workspace, integration: str) -> list[RemoteConnection]:
    try:
        with providing.provider(integration) as provider:
            return provider.candidates(str(workspace.pk), integration)
    except ProviderError as error:
        log.warning("unclaimed accounts not looked for", code=error.code)
        return []


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
