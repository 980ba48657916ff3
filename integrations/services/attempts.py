"""Starting attempts to connect, asking for their links, and ending them."""

import secrets
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet

from audit import clock
from audit import services as audit
from integrations import providing
from integrations.catalog import CATALOG, Integration
from integrations.endings import KNOWN
from integrations.models import Acknowledgment, ConnectAttempt, Connection
from integrations.providers.base import Gone
from people import services as people
from workspaces.models import User, Workspace

LIFE = timedelta(minutes=15)
NONCE_BYTES = 24  # 192 bits


def start_connect(
    workspace: Workspace, *, integration: str, user: User, acknowledged: bool, by: audit.Actor
) -> ConnectAttempt:
    """Begin a connect to a product of the catalog; `link` gives the address to go to.

    Raises people.Problem: unknown product, nothing acknowledged. Raises ProviderError when the
    provider does not answer; nothing is kept then.
    """
    product = CATALOG.get(integration)
    if product is None:
        raise people.Problem("integration", "There is no such integration. Choose one of the list.")
    if not acknowledged:
        raise people.Problem(
            "acknowledged", "Tick the box first: without it nothing may be connected."
        )
    known = _known_refs(workspace, integration)
    with audit.act(workspace, by=by) as act:
        _acknowledge(workspace, product, user, act)
        return _open(workspace, act, integration=integration, user=user, known_refs=known)


def start_reconnect(connection: Connection, *, user: User, by: audit.Actor) -> ConnectAttempt:
    """Begin a reconnect: same connection, with everything that hangs on it. Raises ProviderError."""
    known = _known_refs(connection.workspace, connection.integration)
    with audit.act(connection.workspace, by=by) as act:
        return _open(
            connection.workspace,
            act,
            integration=connection.integration,
            user=user,
            known_refs=known,
            connection=connection,
            reconnect=True,
        )


def link(attempt: ConnectAttempt, *, return_url: str) -> str:
    """Ask the provider for a single-use address where access can be allowed.

    Never inside a transaction. Raises people.Problem when the attempt has ended, and ProviderError.
    """
    if not attempt.live or attempt.expires_at <= clock.now():
        raise people.Problem("", "This attempt is over. Nothing was connected. Start again.")
    ref = attempt.connection.ref if attempt.connection else None
    with providing.provider(attempt.integration, ref=ref) as remote:
        asked = (str(attempt.workspace_id), attempt.nonce, return_url)
        try:
            return remote.start(*asked, ref, attempt.integration).url
        except Gone:
            if ref is None:
                raise
            # The provider forgot the account: a new one may take its place in this connection.
            return remote.start(*asked, None, attempt.integration).url


def end(
    attempt: ConnectAttempt, outcome: str, *, now: Any, state: str = "", **named: str
) -> ConnectAttempt:
    """Write how an attempt ended, inside an act. `named` fills the words of the ending."""
    product = CATALOG[attempt.integration].name
    attempt.state = state or ConnectAttempt.State.FAILED
    attempt.outcome = outcome
    words = {"detail": "", "product": product, **named}
    attempt.words = KNOWN[outcome].text.format_map(words)[:500]
    attempt.ended_at = now
    attempt.save(update_fields=["state", "outcome", "words", "ended_at", "connection"])
    audit.record(
        "connect.ended",
        subject=f"attempt:{attempt.id}",
        outcome=outcome,
        state=str(attempt.state),
        integration=attempt.integration,
    )
    return attempt


def hold(workspace: Workspace) -> None:
    """Within an act, before anything else is locked: a workspace connects one thing at a time."""
    Workspace.objects.select_for_update(of=("self",), no_key=True).get(pk=workspace.pk)


def live(workspace: Workspace) -> QuerySet[ConnectAttempt]:
    """Attempts that may still lead to a connection, oldest first."""
    rows = ConnectAttempt.objects.filter(workspace=workspace, state__in=ConnectAttempt.LIVE)
    return rows.select_related("workspace", "user", "connection").order_by("created_at", "id")


def _known_refs(workspace: Workspace, integration: str) -> list[str]:
    """What exists before the link is made cannot be what this attempt leads to."""
    with providing.provider(integration) as remote:
        return sorted(one.ref for one in remote.candidates(str(workspace.id), integration))


def _acknowledge(workspace: Workspace, product: Integration, user: User, act: audit.Act) -> None:
    wording = product.acknowledgment
    Acknowledgment.objects.create(
        workspace=workspace,
        user=user,
        integration=product.slug,
        wording=wording.text,
        wording_digest=wording.digest,
        at=act.now,
    )
    audit.record(
        "connect.acknowledged",
        subject=f"user:{user.id}",
        integration=product.slug,
        wording_digest=wording.digest,
    )


def _open(
    workspace: Workspace,
    act: audit.Act,
    *,
    integration: str,
    user: User,
    known_refs: list[str],
    connection: Connection | None = None,
    reconnect: bool = False,
) -> ConnectAttempt:
    hold(workspace)  # an earlier attempt may be leading to a connection at this moment
    for older in live(workspace).filter(user=user, integration=integration, connection=connection):
        end(older, "superseded", now=act.now, state=ConnectAttempt.State.CANCELLED)
    attempt = ConnectAttempt.objects.create(
        workspace=workspace,
        user=user,
        integration=integration,
        connection=connection,
        reconnect=reconnect,
        nonce=secrets.token_urlsafe(NONCE_BYTES),
        known_refs=known_refs,
        created_at=act.now,
        expires_at=act.now + LIFE,
    )
    audit.record(
        "connect.started",
        subject=f"attempt:{attempt.id}",
        integration=integration,
        reconnect=reconnect,
    )
    return attempt
