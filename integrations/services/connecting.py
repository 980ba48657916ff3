"""What became of an attempt to connect: asked of the provider, never taken from a browser."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog

from audit import clock
from audit import services as audit
from integrations import providing
from integrations.catalog import CATALOG
from integrations.models import ConnectAttempt, Connection, SyncRun
from integrations.providers.base import (
    Gone,
    NeedsReconnect,
    Organisation,
    Provider,
    ProviderError,
    RemoteConnection,
)
from integrations.services import attempts, fitting, syncing
from integrations.services.disconnecting import LOOK, withdraw
from integrations.services.unclaimed import give_up_unclaimed
from jobs import looks
from workspaces import permissions
from workspaces import selectors as workspaces
from workspaces.models import Workspace

log = structlog.get_logger(__name__)

# Statuses in which the provider keeps an account that cannot be read; our words for each.
FAILED = {
    "validation_error": "validation_error",
    "post_install_error": "post_install_error",
    "needs_reauth": "not_accepted",
}

FILLED = (
    "ref",
    "authorisation",
    "generation",
    "organisation_name",
    "short_code",
    "granted_scopes",
    "connected_by",
    "connected_at",
    "trouble",
    "trouble_since",
    "wrong_organisation",
    "failures",
    "next_sync_at",
    "disconnected_at",
)


@dataclass(frozen=True)
class Seen:
    """The account that an attempt led to, and its organisation or why that cannot be read."""

    remote: RemoteConnection
    organisation: Organisation | None = None
    refusal: str = ""


def look_at(attempt: ConnectAttempt, *, by: audit.Actor) -> ConnectAttempt:
    """As `look_closely`; where the provider cannot be asked, everything stays as it is."""
    try:
        return look_closely(attempt, by=by)
    except ProviderError as error:
        log.warning("attempt not looked at", attempt=str(attempt.pk), code=error.code)
        return attempt


def look_closely(attempt: ConnectAttempt, *, by: audit.Actor) -> ConnectAttempt:
    """Ask the provider about a live attempt, and adopt the account that it led to.

    The return, a webhook and polling may call it in any order, again and again: all network calls
    come first, then one act, and an ended attempt stays as it ended. Raises ProviderError.
    """
    attempt.refresh_from_db()
    if not attempt.live:
        return attempt
    if attempt.expires_at <= clock.now():
        return _expire(attempt, by)
    with providing.provider(attempt.integration) as provider:
        seen = _ask(provider, attempt)
    if seen is not None:
        _follow(attempt, seen, by)
        attempt.refresh_from_db()
    return attempt


def look_at_live(workspace: Workspace | None = None, *, by: audit.Actor) -> int:
    """Look at every live attempt, of one workspace or of all; how many there were."""
    rows = ConnectAttempt.objects.filter(state__in=ConnectAttempt.LIVE)
    if workspace is not None:
        rows = rows.filter(workspace=workspace)
    waiting = rows.select_related("workspace", "connection").order_by("created_at")[:200]
    return looks.each(waiting, partial(look_at, by=by), seconds=LOOK)


def _ask(provider: Provider, attempt: ConnectAttempt) -> Seen | None:
    remote = fitting.account(
        attempt, provider.candidates(str(attempt.workspace_id), attempt.integration)
    )
    if remote is None:
        return None
    if remote.status != "active":
        return Seen(remote)
    try:
        return Seen(remote, provider.organisation(remote.ref))
    except (NeedsReconnect, Gone) as error:
        return Seen(remote, refusal=str(error))


def _follow(attempt: ConnectAttempt, seen: Seen, by: audit.Actor) -> None:
    """Do what the account's status asks for, in one act, if the attempt is still live."""
    with audit.act(attempt.workspace, by=by) as act:
        mine = _locked(attempt)
        if not mine.live:
            return
        if not _may_still_connect(mine, act.now):
            _fail(mine, seen.remote, "not_allowed", act.now)
        elif seen.organisation is not None:
            _settle(mine, seen.remote, seen.organisation, act, by)
        elif seen.refusal:
            _fail(mine, seen.remote, "not_accepted", act.now, f"{seen.refusal}.")
        elif seen.remote.status in FAILED:
            detail = f": {seen.remote.last_error}" if seen.remote.last_error else ""
            outcome = FAILED[seen.remote.status]
            _fail(mine, seen.remote, outcome, act.now, detail.rstrip("."))
        elif seen.remote.status == "connecting" and mine.state == ConnectAttempt.State.OPEN:
            mine.state = ConnectAttempt.State.WAITING
            mine.save(update_fields=["state"])
            audit.record("connect.waiting", subject=f"attempt:{mine.id}")


def _may_still_connect(attempt: ConnectAttempt, now: datetime) -> bool:
    """Whether whoever began it may still connect: they may have left, or lost the right, meanwhile.

    Asked under the workspace's lock, under which members change too.
    """
    mine = workspaces.members(attempt.workspace, now=now).filter(user=attempt.user).first()
    return mine is not None and permissions.allows(mine, "integrations.connect")


def _locked(attempt: ConnectAttempt) -> ConnectAttempt:
    """The attempt as it is now."""
    attempts.hold(attempt.workspace)
    rows = ConnectAttempt.objects.select_related("workspace", "user", "connection")
    return rows.select_for_update(of=("self",), no_key=True).get(pk=attempt.pk)


def _expire(attempt: ConnectAttempt, by: audit.Actor) -> ConnectAttempt:
    with audit.act(attempt.workspace, by=by) as act:
        mine = _locked(attempt)
        if mine.live:
            attempts.end(mine, "expired", now=act.now)
    attempt.refresh_from_db()
    give_up_unclaimed(attempt.workspace, by=by)
    return attempt


def _fail(
    attempt: ConnectAttempt,
    remote: RemoteConnection,
    outcome: str,
    now: datetime,
    detail: str = "",
) -> None:
    """End the attempt; an account that only it made is taken away again."""
    attempts.end(attempt, outcome, now=now, detail=detail)
    _withdraw_surplus(attempt, remote, now)


def _withdraw_surplus(attempt: ConnectAttempt, remote: RemoteConnection, now: datetime) -> None:
    if attempt.connection is None or attempt.connection.ref != remote.ref:
        withdraw(attempt, ref=remote.ref, why=attempt.outcome, now=now)


def _settle(
    attempt: ConnectAttempt,
    remote: RemoteConnection,
    organisation: Organisation,
    act: audit.Act,
    by: audit.Actor,
) -> None:
    """Adopt the account, unless its organisation is not the one that may be connected here."""
    there = Connection.objects.select_for_update(no_key=True).filter(
        workspace=attempt.workspace,
        integration=attempt.integration,
        organisation_id=organisation.id,
    )
    same = there.first()
    if attempt.reconnect and attempt.connection != same:
        _refuse_other_organisation(attempt, remote, organisation, act.now)
    elif not attempt.reconnect and same and not _disconnected(same):
        attempt.connection = same
        attempts.end(attempt, "duplicate", now=act.now, organisation=organisation.name)
        _withdraw_surplus(attempt, remote, act.now)
    else:
        _adopt(attempt, same, Seen(remote, organisation), act, by)


def _disconnected(connection: Connection) -> bool:
    return connection.authorisation == Connection.Authorisation.DISCONNECTED


def _refuse_other_organisation(
    attempt: ConnectAttempt, remote: RemoteConnection, organisation: Organisation, now: datetime
) -> None:
    """Keep everything as it is, and say so loudly: what is authorised now must not be read."""
    connection = attempt.connection
    if connection is None:
        raise RuntimeError("A reconnect always has its connection.")
    in_place = connection.ref == remote.ref
    connection.wrong_organisation = organisation.name or organisation.id
    connection.save(update_fields=["wrong_organisation"])
    if in_place:
        # What is authorised now answers for the other organisation: nothing can be read with it.
        connection.trouble = (
            f"Access was allowed to “{connection.wrong_organisation}” instead of"
            f" “{connection.organisation_name}”. Reconnect and choose the right organisation."
        )[:500]
        connection.save(update_fields=["trouble"])
        syncing.mark_needs_reconnect(connection, now=now)
    attempts.end(
        attempt,
        "wrong_organisation",
        now=now,
        organisation=connection.wrong_organisation,
        pinned=connection.organisation_name,
    )
    if not in_place:
        _withdraw_surplus(attempt, remote, now)
    audit.record(
        "connection.wrong_organisation",
        subject=f"connection:{connection.id}",
        touched=[f"connection:{connection.id}"],
        seen=connection.wrong_organisation,
        pinned=connection.organisation_name,
    )


def _adopt(
    attempt: ConnectAttempt,
    same: Connection | None,
    seen: Seen,
    act: audit.Act,
    by: audit.Actor,
) -> None:
    """Make or renew the connection, record it, and ask for its first list: all in this act."""
    again = same is not None
    connection = same or _new_connection(attempt, act.now)
    asked: list[str] = []
    if again:
        connection.generation += 1
        asked = syncing.end_hold(connection, act.now)
        _replace_ref(connection, seen.remote, act.now)
    _fill(connection, attempt, seen, act.now)
    connection.save(**({"update_fields": FILLED} if again else {"force_insert": True}))
    attempt.connection = connection
    outcome = "reconnected" if again else "connected"
    attempts.end(attempt, outcome, now=act.now, state=ConnectAttempt.State.ADOPTED)
    audit.record(
        f"connection.{outcome}",
        subject=f"connection:{connection.id}",
        touched=[f"connection:{connection.id}"],
        integration=connection.integration,
        organisation=connection.organisation_name,
        organisation_id=connection.organisation_id,
        granted_scopes=connection.granted_scopes,
        connected_by=str(attempt.user_id),
        generation=connection.generation,
    )
    run = syncing.request_sync(
        connection, trigger=SyncRun.Trigger.CONNECTED, user=attempt.user, by=by
    )
    run.asked_by = sorted({*run.asked_by, *asked})
    run.save(update_fields=["asked_by"])


def _new_connection(attempt: ConnectAttempt, now: datetime) -> Connection:
    return Connection(
        workspace=attempt.workspace,
        integration=attempt.integration,
        provider=CATALOG[attempt.integration].provider,
        created_at=now,
    )


def _replace_ref(connection: Connection, remote: RemoteConnection, now: datetime) -> None:
    """An account that a new one takes the place of is given up."""
    if connection.ref and connection.ref != remote.ref:
        withdraw(connection, ref=connection.ref, why="replaced", now=now)


def _fill(
    connection: Connection,
    attempt: ConnectAttempt,
    seen: Seen,
    now: datetime,
) -> None:
    remote, organisation = seen.remote, seen.organisation
    if organisation is None:
        raise RuntimeError("Only an account whose organisation was read may be adopted.")
    connection.ref = remote.ref
    connection.authorisation = Connection.Authorisation.CONNECTED
    connection.organisation_id = organisation.id
    connection.organisation_name = organisation.name
    connection.short_code = organisation.short_code or ""
    connection.granted_scopes = list(remote.granted_scopes)
    connection.connected_by = attempt.user
    connection.connected_at = now
    connection.trouble = connection.wrong_organisation = ""
    connection.trouble_since = connection.disconnected_at = None
    connection.failures = 0
    connection.next_sync_at = now + timedelta(minutes=connection.sync_every)
