"""Runs: asking for one, reading the complete list, and the one transaction that makes it count."""

import hashlib
import json
import random
import uuid
import zlib
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import connection as database
from django.db.models import F

from audit import clock
from audit import services as audit
from integrations import guard, selectors
from integrations.catalog import CATALOG
from integrations.models import Connection, Snapshot, SyncRun
from integrations.providers.base import Gone, NeedsReconnect, Organisation, ProviderError, TryLater
from integrations.providers.listing import CompleteList, read_all
from integrations.providing import provider
from jobs import services as jobs
from jobs.models import State
from workspaces.models import User

PAGE_SIZE = 1000
PAGE_CAP = 200
SQLITE_LIMIT = 20_000  # accounts; more would hold SQLite's write lock too long
WAIT_IN_SLOT = 30  # seconds; longer waits go back into the row
BACK_OFF = (2, 5, 15, 30, 60)  # minutes after the first, second, ... failure in a row
WRONG_ORGANISATION = "wrong_organisation"  # code of a run; only a person can put it right
PATIENCE = 20.0  # seconds that a worker waits for its turn at the provider

SYSTEM = audit.Actor(kind="system", label="sync")
log = structlog.get_logger(__name__)


class Unusable(ProviderError):
    """A complete list that must not be used; the reason says why."""

    code = "unusable"

    def __init__(self, reason: str, code: str) -> None:
        super().__init__(reason)
        self.code = code

    @property
    def words(self) -> str:
        return f"{self.reason} Nothing was changed."


class WrongOrganisation(Unusable):
    """The product answers for another organisation than the pinned one."""

    def __init__(self, connection: Connection, seen: Organisation) -> None:
        super().__init__(
            f"Xero answered for “{seen.name}” instead of “{connection.organisation_name}”. Its data"
            " was not used. Reconnect and choose the right organisation.",
            WRONG_ORGANISATION,
        )
        self.seen = seen.name[:300] or seen.id


def request_sync(
    connection: Connection,
    *,
    trigger: SyncRun.Trigger,
    user: User | None = None,
    slot: str = "",
    by: audit.Actor,
) -> SyncRun:
    """A run of this connection: the one that waits or reads already, else a new one, rung."""
    with audit.act(connection.workspace, by=by) as act:
        # The lock makes two clicks one run.
        connection = Connection.objects.select_for_update(of=("self",), no_key=True).get(
            pk=connection.pk
        )
        live = [State.PENDING, State.RUNNING]
        waiting = connection.runs.filter(state__in=live, generation=connection.generation)
        run = waiting.first() or connection.runs.filter(slot=slot).exclude(slot="").first()
        if run is None:
            run = SyncRun.objects.create(
                workspace=connection.workspace,
                connection=connection,
                generation=connection.generation,
                slot=slot or uuid.uuid4().hex,
                trigger=trigger,
                requested_by=user,
                created_at=act.now,
                step="Waiting for a worker",
            )
            if trigger != SyncRun.Trigger.SCHEDULE:
                _record("sync.requested", connection, run=str(run.id), trigger=str(trigger))
            jobs.ring(run)
    return run


def run(run_id: uuid.UUID | str) -> None:
    """Claim and do one run; safe to call for any row at any time, any number of times."""
    job = jobs.claim(SyncRun, run_id)
    if job is None:
        return
    try:
        _read(job)
    except jobs.ClaimLost:
        log.info("claim lost", run=str(job.id))
    except ProviderError as error:
        _failed(job, error)


def _read(job: SyncRun) -> None:
    if job.attempt > jobs.MAX_ATTEMPTS:
        return _park(job)
    connection = job.connection
    ref, read_at = connection.ref, clock.now()
    if connection.generation != job.generation or ref is None:
        raise Unusable("The connection changed while this run waited.", "superseded")
    jobs.extend(job, step="Checking the organisation", read_at=read_at, found=0, pages=0)
    with provider(connection.integration, ref=ref, patience=PATIENCE) as source:
        organisation = source.organisation(ref)
        _check_organisation(connection, organisation)
        complete = read_all(
            source,
            ref,
            page_size=PAGE_SIZE,
            page_cap=PAGE_CAP,
            on_page=lambda found, pages: jobs.extend(
                job, step="Reading users", found=found, pages=pages
            ),
            may_be_empty=connection.snapshot_id is not None,
        )
        # Asked again: a reconnect during the reading may have led to another organisation.
        _check_organisation(connection, source.organisation(ref))
    if database.vendor == "sqlite" and len(complete.accounts) > SQLITE_LIMIT:
        raise Unusable(
            f"The list has more than {SQLITE_LIMIT:,} users, too many for the embedded database."
            " Run this with PostgreSQL: docs/operating.md says how.",
            "too_many",
        )
    jobs.extend(job, step="Comparing")
    _finish(job, rows(complete), organisation, complete)
    return None


def _check_organisation(connection: Connection, seen: Organisation) -> None:
    """The organisation is pinned: another one's data is never used."""
    if seen.id != connection.organisation_id:
        raise WrongOrganisation(connection, seen)


def rows(complete: CompleteList) -> tuple[guard.Row, ...]:
    """The list in its normal form: by id, nothing but what is judged."""
    found = (
        guard.Row(each.external_id, each.name, each.email or "", each.level, each.is_subscriber)
        for each in complete.accounts
    )
    return tuple(sorted(found, key=lambda row: row.id))


def canonical(found: tuple[guard.Row, ...]) -> bytes:
    """The bytes whose SHA-256 names the snapshot: a JSON list of [id, name, email, level, subscriber]."""
    content = [[row.id, row.name, row.email, row.level, row.is_subscriber] for row in found]
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", "surrogatepass"
    )


def _finish(
    job: SyncRun,
    found: tuple[guard.Row, ...],
    organisation: Organisation,
    complete: CompleteList,
) -> None:
    """Make the list count, or hold it: one transaction, fenced by the claim and the generation."""
    with audit.act(job.workspace, by=SYSTEM) as act:
        connection = Connection.objects.select_for_update(of=("self",), no_key=True).get(
            pk=job.connection_id
        )
        if connection.generation != job.generation:
            raise Unusable("The connection changed during this run.", "superseded")
        job.connection = connection
        snapshot = _store(connection, found, act.now)
        before = selectors.snapshot_rows(connection.snapshot)
        scheme = CATALOG[connection.integration].scheme
        changes = guard.changes(before, found, scheme)
        expected = selectors.expected_removals(connection)
        hold = guard.hold_reason(before, found, expected_removals=expected, scheme=scheme)
        _end_hold(connection, act.now)
        figures: dict[str, Any] = {
            "step": "",
            "error": "",  # of a reading before that was put back
            "found": len(found),
            "page_digests": list(complete.digests),
            "added": len(changes.added),
            "changed": len(changes.changed),
            "removed": len(changes.removed),
            "snapshot": snapshot,
        }
        if hold is not None:
            jobs.finish(job, State.HELD, now=act.now, hold_reasons=list(hold.reasons), **figures)
            _schedule(connection, act.now)
            _record("sync.held", connection, run=str(job.id), reasons=list(hold.reasons))
            return
        jobs.finish(job, now=act.now, **figures)
        _healthy(connection, organisation, act.now)
        make_current(job)


def _healthy(connection: Connection, organisation: Organisation, now: datetime) -> None:
    """Within an act: a fresh reading worked, so that earlier trouble is over."""
    recovered = connection.failures > 0 or connection.trouble != ""
    connection.failures, connection.trouble, connection.trouble_since = 0, "", None
    connection.wrong_organisation = ""
    connection.authorisation = Connection.Authorisation.CONNECTED
    connection.organisation_name = organisation.name or connection.organisation_name
    connection.save(
        update_fields=[
            "failures",
            "trouble",
            "trouble_since",
            "wrong_organisation",
            "authorisation",
            "organisation_name",
        ]
    )
    _schedule(connection, now)
    if recovered:
        _record("connection.recovered", connection)


def make_current(job: SyncRun) -> None:
    """Within an act: from now on this run's list is the current one. Records sync.succeeded.

    It says nothing of the connection's health: a held list may be accepted long after its reading.
    """
    connection, snapshot = job.connection, job.snapshot
    if snapshot is None:
        raise ValueError(f"Run {job.id} brought no list.")
    connection.snapshot, connection.read_at = snapshot, job.read_at
    connection.save(update_fields=["snapshot", "read_at"])
    _record(
        "sync.succeeded",
        connection,
        run=str(job.id),
        snapshot=snapshot.digest,
        accounts=snapshot.accounts,
        added=job.added,
        changed=job.changed,
        removed=job.removed,
        read_at=job.read_at.isoformat() if job.read_at else None,
    )


def _store(connection: Connection, found: tuple[guard.Row, ...], now: datetime) -> Snapshot:
    content = canonical(found)
    snapshot, _ = Snapshot.objects.get_or_create(
        connection=connection,
        digest=hashlib.sha256(content).hexdigest(),
        defaults={
            "workspace": connection.workspace,
            "content": lambda: zlib.compress(content, 6),  # only for a list that is new
            "accounts": len(found),
            "created_at": now,
        },
    )
    return snapshot


def _end_hold(connection: Connection, now: datetime) -> None:
    """A later complete run replaces what was held, whether or not it trips the guard itself."""
    connection.runs.filter(state=State.HELD).update(
        state=State.FAILED, decision="replaced", decided_at=now, finished_at=now
    )


def _schedule(connection: Connection, now: datetime) -> None:
    """The next due time; jitter keeps many connections from falling due together."""
    minutes = float(connection.sync_every)
    if connection.failures:
        minutes = min(minutes, BACK_OFF[min(connection.failures, len(BACK_OFF)) - 1])
    delay = timedelta(minutes=minutes * random.uniform(0.95, 1.05))  # noqa: S311 - no secret
    connection.next_sync_at = now + delay
    connection.save(update_fields=["next_sync_at"])


def _failed(job: SyncRun, error: ProviderError) -> None:
    """The run says what happened; the connection at most that it needs a person. Nothing else."""
    try:
        with audit.act(job.workspace, by=SYSTEM) as act:
            connection = Connection.objects.select_for_update(of=("self",), no_key=True).get(
                pk=job.connection_id
            )
            if isinstance(error, TryLater) and (error.after_seconds or 0) > WAIT_IN_SLOT:
                wait = timedelta(seconds=min(error.after_seconds or 0, 24 * 3600))
                jobs.put_back(
                    job,
                    not_before=act.now + wait,
                    step="Waiting: asked to try later",
                    error=error.words,
                )
                return
            words = error.words[:500]
            jobs.finish(job, State.FAILED, now=act.now, error_code=error.code, error=words, step="")
            if connection.generation == job.generation:
                _blame(connection, error, act.now)
                _record("sync.failed", connection, run=str(job.id), code=error.code)
    except jobs.ClaimLost:
        log.info("claim lost", run=str(job.id))


def _blame(connection: Connection, error: ProviderError, now: datetime) -> None:
    connection.failures += 1
    connection.trouble = error.words[:500]
    connection.trouble_since = connection.trouble_since or now
    connection.save(update_fields=["failures", "trouble", "trouble_since"])
    if isinstance(error, WrongOrganisation):
        connection.wrong_organisation = error.seen
        connection.save(update_fields=["wrong_organisation"])
        _record("connection.wrong_organisation", connection, pinned=connection.organisation_name)
    if isinstance(error, NeedsReconnect | Gone) or error.code == WRONG_ORGANISATION:
        mark_needs_reconnect(connection, now=now)
    else:
        _schedule(connection, now)


def mark_needs_reconnect(connection: Connection, *, now: datetime) -> None:
    """Within an act: only a person can renew the authorisation, so nothing is tried meanwhile."""
    if connection.authorisation == Connection.Authorisation.NEEDS_RECONNECT:
        return
    connection.authorisation = Connection.Authorisation.NEEDS_RECONNECT
    connection.trouble_since = connection.trouble_since or now
    connection.next_sync_at = None
    connection.save(update_fields=["authorisation", "trouble_since", "next_sync_at"])
    _record("connection.needs_reconnect", connection, trouble=connection.trouble)


def _park(job: SyncRun) -> None:
    with audit.act(job.workspace, by=SYSTEM) as act:
        words = (
            f"This run was started {job.attempt - 1} times and never finished. Nothing was changed."
            " Choose “Sync now”; if it happens again, look at the worker's log."
        )
        jobs.finish(job, State.PARKED, now=act.now, error_code="parked", error=words, step="")
        Connection.objects.filter(pk=job.connection_id, generation=job.generation).update(
            failures=F("failures") + 1, trouble=words, next_sync_at=act.now + timedelta(hours=1)
        )
        _record("sync.failed", job.connection, run=str(job.id), code="parked")


def check_authorisation(connection: Connection, *, by: audit.Actor = SYSTEM) -> None:
    """Ask the provider how the authorisation stands and note what a person has to know."""
    if connection.ref is None:
        return
    status, words = _remote_status(connection)
    with audit.act(connection.workspace, by=by) as act:
        row = Connection.objects.select_for_update(of=("self",), no_key=True).get(pk=connection.pk)
        if row.generation != connection.generation:
            return
        kinds = Connection.Authorisation
        if status == "needs_reauth" and row.authorisation == kinds.CONNECTED:
            row.trouble = words
            row.save(update_fields=["trouble"])
            mark_needs_reconnect(row, now=act.now)
        elif status == "active" and row.authorisation == kinds.NEEDS_RECONNECT:
            # The account may call itself active while reading is refused: only a run proves it.
            request_sync(row, trigger=SyncRun.Trigger.WEBHOOK, by=by)


def _remote_status(connection: Connection) -> tuple[str, str]:
    try:
        with provider(connection.integration, ref=connection.ref) as source:
            found = source.connection(str(connection.ref))
    except Gone:
        return "needs_reauth", "Truto no longer knows this connection. Choose “Reconnect”."
    except ProviderError as error:
        log.warning("status not readable", connection=str(connection.id), code=error.code)
        return "", ""
    return found.status, "Xero no longer accepts the authorisation. Choose “Reconnect”."


def _record(kind: str, connection: Connection, **body: Any) -> None:
    key = f"connection:{connection.id}"
    audit.record(kind, subject=key, touched={key}, **body)
