"""Doing a run: claim it, read the complete list outside any transaction, then let it count."""

import uuid

import structlog
from django.db import OperationalError
from django.db import connection as database

from audit import clock, contention
from integrations.models import Connection, SyncRun
from integrations.providers.base import Organisation, ProviderError
from integrations.providers.http import Limits
from integrations.providers.listing import read_all
from integrations.providing import provider
from integrations.services.syncing import blaming, finishing
from integrations.services.syncing.unusable import Unusable, WrongOrganisation
from jobs import services as jobs

PAGE_SIZE = 1000
PAGE_CAP = 200
SQLITE_LIMIT = 20_000  # accounts; more would hold SQLite's write lock too long
PATIENCE = 20.0  # seconds that a worker waits for its turn at the provider
LIMITS = Limits(whole=200)  # then 70 seconds are left of a task's time to let the list count

log = structlog.get_logger(__name__)


def run(run_id: uuid.UUID | str) -> None:
    """Claim and do one run; safe to call for any row at any time, any number of times."""
    job = jobs.claim(SyncRun, run_id)
    if job is None:
        return
    try:
        with jobs.uncollected():
            _read(job)
    except jobs.ClaimLost:
        log.info("claim lost", run=str(job.id))
    except ProviderError as error:
        blaming.failed(job, error)
    except OperationalError as error:
        if not contention.is_busy(error) or job.put_backs >= blaming.MOST_PUT_BACKS:
            raise
        blaming.kept_waiting(job)


def _read(job: SyncRun) -> None:
    if job.attempt > jobs.MAX_ATTEMPTS:
        return blaming.park(job)
    connection = job.connection
    ref, read_at = connection.ref, clock.now()
    if connection.generation != job.generation or ref is None:
        raise Unusable("The connection changed while this run waited.", "superseded")
    jobs.extend(job, step="Checking the organisation", read_at=read_at, found=0, pages=0)
    with provider(connection.integration, ref=ref, patience=PATIENCE, limits=LIMITS) as source:
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
    found = finishing.rows(complete)
    contention.repeated(lambda: finishing.finish(job, found, organisation, complete))
    return None


def _check_organisation(connection: Connection, seen: Organisation) -> None:
    """The organisation is pinned: another one's data is never used."""
    if seen.id != connection.organisation_id:
        raise WrongOrganisation(connection, seen)
