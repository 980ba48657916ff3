"""Deciding on a held list, and saying beforehand whose vanishing is no surprise."""

from collections.abc import Iterable
from datetime import datetime

from audit import services as audit
from integrations import selectors
from integrations.models import Connection, ExpectedRemoval, SyncRun
from integrations.services import syncing
from jobs.models import State
from people.services import Problem
from workspaces import selectors as workspaces
from workspaces.models import User


def expect_removals(connection: Connection, *, external_ids: Iterable[str]) -> None:
    """Within an act: these accounts people were asked to remove; replaces what was said before."""
    wanted = set(external_ids)
    rows = ExpectedRemoval.objects.filter(connection=connection)
    known = set(rows.values_list("external_id", flat=True))
    if gone := known - wanted:
        rows.filter(external_id__in=gone).delete()
    now = audit.current().now
    ExpectedRemoval.objects.bulk_create(
        ExpectedRemoval(connection=connection, external_id=each, since=now)
        for each in sorted(wanted - known)
    )


def accept_held(run: SyncRun, *, user: User, reason: str, by: audit.Actor) -> SyncRun:
    """Let the held list become the current one. Raises Problem for a missing reason, for whoever
    caused the run where another admin could decide, and for a list that is held no more.
    """
    with audit.act(run.workspace, by=by) as act:
        run = _held(run, reason)
        _refuse_own(run, user)
        _decide(run, "accepted", state=State.DONE, user=user, reason=reason, now=act.now)
        syncing.make_current(run)
    return run


def discard_held(run: SyncRun, *, user: User, reason: str, by: audit.Actor) -> SyncRun:
    """Throw the held list away; the list before it stays the current one and keeps ageing."""
    with audit.act(run.workspace, by=by) as act:
        run = _held(run, reason)
        _decide(run, "discarded", state=State.FAILED, user=user, reason=reason, now=act.now)
    return run


def _held(run: SyncRun, reason: str) -> SyncRun:
    """The run with its connection, locked; the connection first, as everywhere."""
    if not reason.strip():
        raise Problem("reason", "Say why, for whoever reads the record later. Nothing was changed.")
    connection = Connection.objects.select_for_update(of=("self",), no_key=True).get(
        pk=run.connection_id
    )
    found = SyncRun.objects.select_for_update(of=("self",), no_key=True).get(pk=run.pk)
    found.connection = connection
    if found.state != State.HELD or found.generation != connection.generation:
        raise Problem(
            "", "This list is no longer held: a later run or decision replaced it. Look again."
        )
    return found


def _refuse_own(run: SyncRun, user: User) -> None:
    if selectors.for_another_admin(run, user):
        raise Problem(
            "",
            "You started this run or reconnected before it, so another administrator has to accept"
            " it.",
        )


def _decide(
    run: SyncRun, decision: str, *, state: State, user: User, reason: str, now: datetime
) -> None:
    run.state, run.decision, run.decision_reason = state, decision, reason.strip()[:500]
    run.decided_by, run.decided_at, run.finished_at = user, now, now
    run.save(
        update_fields=[
            "state",
            "decision",
            "decision_reason",
            "decided_by",
            "decided_at",
            "finished_at",
        ]
    )
    key = f"connection:{run.connection_id}"
    alone = not workspaces.admins(run.workspace).exclude(user=user).exists()
    audit.record(
        f"sync.{decision}",
        subject=key,
        touched={key},
        run=str(run.id),
        reason=run.decision_reason,
        sole_admin=alone,
    )
