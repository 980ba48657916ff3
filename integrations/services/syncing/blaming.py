"""Runs that brought nothing: what the run says, and what its connection is blamed for."""

import random
from datetime import datetime, timedelta
from typing import TypeGuard

import structlog

from audit import clock
from audit import services as audit
from integrations.models import Connection, SyncRun
from integrations.providers.base import Gone, NeedsReconnect, NotOurTurn, ProviderError, TryLater
from integrations.services.syncing import marking
from integrations.services.syncing.unusable import WRONG_ORGANISATION, WrongOrganisation
from jobs import services as jobs
from jobs.models import State

WAIT_IN_SLOT = 30  # seconds; longer waits go back into the row
LONGEST_WAIT = 24 * 3600  # seconds
MOST_PUT_BACKS = 5  # of one run; then it has failed
BUSY = timedelta(seconds=30)

log = structlog.get_logger(__name__)


def failed(job: SyncRun, error: ProviderError) -> None:
    """The run says what happened; the connection at most that it needs a person. Nothing else."""
    try:
        with audit.act(job.workspace, by=marking.SYSTEM) as act:
            connection = _connection(job)
            if _may_wait(error, job, connection, act.now):
                _put_back(job, error, act.now)
                return
            words = _words(job, error)
            jobs.finish(job, State.FAILED, now=act.now, error_code=error.code, error=words, step="")
            if connection.generation == job.generation:
                _blame(connection, error, words, act.now)
                marking.record("sync.failed", connection, run=str(job.id), code=error.code)
    except jobs.ClaimLost:
        log.info("claim lost", run=str(job.id))


def kept_waiting(job: SyncRun) -> None:
    """Another act held on to the company's data for too long: the list is read again soon."""
    try:
        jobs.put_back(
            job,
            not_before=clock.now() + BUSY,
            put_backs=job.put_backs + 1,
            step="Waiting: something else is being saved",
        )
    except jobs.ClaimLost:
        log.info("claim lost", run=str(job.id))


def _connection(job: SyncRun) -> Connection:
    """The connection, locked before its run is written, as everywhere."""
    rows = Connection.objects.select_for_update(of=("self",), no_key=True)
    return rows.get(pk=job.connection_id)


def _may_wait(
    error: ProviderError, job: SyncRun, connection: Connection, now: datetime
) -> TypeGuard[TryLater]:
    """Whether the run goes back into its row; who is put off for ever has to hear of it once."""
    too_old = job.created_at + timedelta(minutes=connection.stale_after) <= now
    if isinstance(error, NotOurTurn):
        return not too_old
    if not isinstance(error, TryLater) or (error.after_seconds or 0) <= WAIT_IN_SLOT:
        return False
    return job.put_backs < MOST_PUT_BACKS and not too_old


def _put_back(job: SyncRun, error: TryLater, now: datetime) -> None:
    ours = isinstance(error, NotOurTurn)  # it waits among others, and nobody put it off
    seconds = (error.after_seconds or 0) * (random.uniform(1, 3) if ours else 1)  # noqa: S311
    jobs.put_back(
        job,
        not_before=now + timedelta(seconds=min(seconds, LONGEST_WAIT)),
        put_backs=job.put_backs + (not ours),
        step="Waiting for its turn" if ours else "Waiting: asked to try later",
        error=error.words,
    )


def _words(job: SyncRun, error: ProviderError) -> str:
    if not isinstance(error, TryLater) or not job.put_backs:
        return error.words[:500]
    return f"We were asked {job.put_backs + 1} times in a row to try later. {error.words}"[:500]


def _blame(connection: Connection, error: ProviderError, words: str, now: datetime) -> None:
    only_a_person = isinstance(error, NeedsReconnect | Gone) or error.code == WRONG_ORGANISATION
    _note(connection, words, now, anyway=only_a_person)
    if isinstance(error, WrongOrganisation):
        connection.wrong_organisation = error.seen
        connection.save(update_fields=["wrong_organisation"])
        marking.record(
            "connection.wrong_organisation", connection, pinned=connection.organisation_name
        )
    if only_a_person:
        marking.mark_needs_reconnect(connection, now=now)
    else:
        marking.schedule(connection, now)


def _note(connection: Connection, words: str, now: datetime, *, anyway: bool = False) -> None:
    """Count the failure and say it; what only a person can put right is not talked over."""
    connection.failures += 1
    if anyway or connection.authorisation != Connection.Authorisation.NEEDS_RECONNECT:
        connection.trouble = words
    connection.trouble_since = connection.trouble_since or now
    connection.save(update_fields=["failures", "trouble", "trouble_since"])


def park(job: SyncRun) -> None:
    with audit.act(job.workspace, by=marking.SYSTEM) as act:
        connection = _connection(job)
        words = (
            f"This run was started {job.attempt - 1} times and never finished. Nothing was changed."
            " Choose “Sync now”; if it happens again, look at the worker's log."
        )
        jobs.finish(job, State.PARKED, now=act.now, error_code="parked", error=words, step="")
        if connection.generation == job.generation:
            _note(connection, words, act.now)
            connection.next_sync_at = act.now + timedelta(hours=1)
            connection.save(update_fields=["next_sync_at"])
        marking.record("sync.failed", connection, run=str(job.id), code="parked")
