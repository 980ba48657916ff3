"""The one transaction that makes a complete list count, or holds it."""

import hashlib
import json
import zlib
from datetime import datetime
from typing import Any

from audit import services as audit
from integrations import guard, selectors
from integrations.catalog import CATALOG
from integrations.models import Connection, Snapshot, SyncRun
from integrations.providers.base import Organisation
from integrations.providers.listing import CompleteList
from integrations.services.syncing import marking
from integrations.services.syncing.unusable import Unusable
from jobs import services as jobs
from jobs.models import State


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


def finish(
    job: SyncRun,
    found: tuple[guard.Row, ...],
    organisation: Organisation,
    complete: CompleteList,
) -> None:
    """Make the list count, or hold it: one transaction, fenced by the claim and the generation."""
    with audit.act(job.workspace, by=marking.SYSTEM) as act:
        connection = Connection.objects.select_for_update(of=("self",), no_key=True).get(
            pk=job.connection_id
        )
        if connection.generation != job.generation:
            raise Unusable("The connection changed during this run.", "superseded")
        _expect_somebody(connection, found)
        job.connection = connection
        snapshot = _store(connection, found, act.now)
        changes, hold = _compared(connection, snapshot, found)
        asked_before = end_hold(connection, act.now)
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
        _healthy(connection, organisation, act.now)  # it reads, whatever becomes of the list
        if hold is not None:
            figures["hold_reasons"] = list(hold.reasons)
            figures["asked_by"] = _asked(job, asked_before)
            jobs.finish(job, State.HELD, now=act.now, **figures)
            marking.record("sync.held", connection, run=str(job.id), reasons=list(hold.reasons))
            return
        jobs.finish(job, now=act.now, **figures)
        make_current(job)


def _expect_somebody(connection: Connection, found: tuple[guard.Row, ...]) -> None:
    """Whoever allowed the connection has access; a first list without any is no list of theirs."""
    scheme = CATALOG[connection.integration].scheme
    if connection.snapshot_id is None and not any(scheme.gives_access(row.level) for row in found):
        raise Unusable("Nobody in this first list has access, which cannot be.", "nobody")


def _compared(
    connection: Connection, snapshot: Snapshot, found: tuple[guard.Row, ...]
) -> tuple[guard.Changes, guard.Hold | None]:
    """What the list changes and why it must wait; the current one read again does neither."""
    if snapshot.pk == connection.snapshot_id:
        return guard.Changes((), (), ()), None
    before = selectors.snapshot_rows(connection.snapshot)
    scheme = CATALOG[connection.integration].scheme
    expected = selectors.expected_removals(connection)
    hold = guard.hold_reason(before, found, expected_removals=expected, scheme=scheme)
    return guard.changes(before, found, scheme), hold


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
    marking.schedule(connection, now)
    if recovered:
        marking.record("connection.recovered", connection)


def make_current(job: SyncRun) -> None:
    """Within an act: from now on this run's list is the current one. Records sync.succeeded.

    It says nothing of the connection's health: a held list may be accepted long after its reading.
    """
    connection, snapshot = job.connection, job.snapshot
    if snapshot is None:
        raise ValueError(f"Run {job.id} brought no list.")
    unchanged = connection.snapshot_id == snapshot.pk
    connection.snapshot, connection.read_at = snapshot, job.read_at
    connection.save(update_fields=["snapshot", "read_at"])
    marking.record(
        "sync.succeeded",
        connection,
        run=str(job.id),
        snapshot=snapshot.digest,
        unchanged=unchanged,
        accounts=snapshot.accounts,
        added=job.added,
        changed=job.changed,
        removed=job.removed,
        read_at=job.read_at.isoformat() if job.read_at else None,
    )


def _store(connection: Connection, found: tuple[guard.Row, ...], now: datetime) -> Snapshot:
    content = canonical(found)
    snapshot, _ = Snapshot.objects.defer("content").get_or_create(
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


def end_hold(connection: Connection, now: datetime) -> list[str]:
    """Within an act: nobody decides on what was held any more. Returns who had asked for it.

    A later complete run replaces it, whether or not it trips the guard itself; a reconnect and a
    disconnect end it too, since the list belongs to an authorisation that is over.
    """
    held = connection.runs.filter(state=State.HELD)
    run = held.first()  # there is one at most
    if run is None:
        return []
    asked: list[str] = run.asked_by
    held.update(state=State.FAILED, decision="replaced", decided_at=now, finished_at=now)
    marking.record("sync.replaced", connection, run=str(run.pk))
    return asked


def _asked(job: SyncRun, before: list[str]) -> list[str]:
    """Who asked for this list, while it was read too, or for the held one that it replaces."""
    mine = SyncRun.objects.values_list("asked_by", flat=True).get(pk=job.pk)
    return sorted({*mine, *before})
