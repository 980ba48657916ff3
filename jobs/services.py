"""Ringing, claiming, extending, finishing, putting back, parking and sweeping of leased jobs."""

import gc
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog
from celery import current_app
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from kombu.exceptions import OperationalError

from audit import clock
from jobs.models import LeasedJob, State

LEASE = timedelta(seconds=330)  # longer than a task may last: nobody takes over from the living
RING_AGAIN = timedelta(seconds=30)
MAX_ATTEMPTS = 5

Job = TypeVar("Job", bound=LeasedJob)

log = structlog.get_logger(__name__)


class ClaimLost(Exception):
    """Another worker holds the row now (or it was ended); nothing of this one may be written."""


@contextmanager
def uncollected() -> Iterator[None]:
    """No garbage collection meanwhile, for a job that makes ten thousands of rows that live.

    The passes would find nothing and cost a fifth of the job's time; what is let go of is freed
    at once as ever, and what hangs in circles afterwards.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def ring(job: LeasedJob) -> None:
    """Send the doorbell after commit. A broker that is down costs time, not work: the sweeper rings."""
    ring_task(job.task_name, job.pk)


def ring_task(name: str, row_id: uuid.UUID) -> None:
    """Likewise for a task about a row of another kind; its minute's look must find it as well."""
    transaction.on_commit(lambda: _send(name, row_id), robust=True)


def _send(name: str, row_id: uuid.UUID) -> None:
    try:
        current_app.send_task(name, args=[str(row_id)], expires=300)
    except (OperationalError, OSError) as error:
        log.warning("doorbell not sent", row=str(row_id), error=type(error).__name__)


def claimable(now: datetime) -> Q:
    """Rows that may be claimed at `now`: pending and due, or running with an expired lease."""
    due = Q(not_before__isnull=True) | Q(not_before__lte=now)
    return Q(state=State.PENDING) & due | Q(state=State.RUNNING, lease_until__lt=now)


def claim(model: type[Job], pk: uuid.UUID | str, *, lease: timedelta = LEASE) -> Job | None:
    """Take the row by one UPDATE; None when somebody else has it, or it is not due or ended."""
    now, mine = clock.now(), uuid.uuid4()
    rows = model._default_manager.filter(claimable(now), pk=pk)
    try:
        with transaction.atomic():
            taken = rows.update(
                state=State.RUNNING,
                claim=mine,
                attempt=F("attempt") + 1,
                lease_until=now + lease,
                started_at=now,
                not_before=None,
            )
    except IntegrityError:  # a sibling runs: a constraint of the kind allows one at a time
        return None
    return model._default_manager.get(pk=pk, claim=mine) if taken else None


def _fenced(job: LeasedJob, **changes: Any) -> None:
    held = type(job)._default_manager.filter(pk=job.pk, claim=job.claim, state=State.RUNNING)
    if not held.update(**changes):
        raise ClaimLost(str(job.pk))
    for name, value in changes.items():
        setattr(job, name, value)


def extend(job: LeasedJob, *, lease: timedelta = LEASE, **progress: Any) -> None:
    """Prolong the lease from now and write progress fields. Raises ClaimLost."""
    _fenced(job, lease_until=clock.now() + lease, **progress)


def finish(job: LeasedJob, state: State = State.DONE, *, now: datetime, **fields: Any) -> None:
    """End the job, fenced, inside the transaction of its effect. Raises ClaimLost."""
    _fenced(job, state=state, lease_until=None, finished_at=now, **fields)


def put_back(job: LeasedJob, *, not_before: datetime, **fields: Any) -> None:
    """Let it wait until `not_before` without holding a slot; counts as no attempt. Raises ClaimLost."""
    attempt = max(job.attempt - 1, 0)
    _fenced(
        job, state=State.PENDING, lease_until=None, not_before=not_before, attempt=attempt, **fields
    )


def sweep(model: type[LeasedJob], *, most: int = 500) -> int:
    """Ring again for rows that waited too long or whose lease expired; returns how many rang.

    Whoever claims a row for more than MAX_ATTEMPTS times parks it: that needs words of its kind.
    """
    now = clock.now()
    rows = model._default_manager.filter(claimable(now))
    quiet = Q(rung_at__isnull=True) | Q(rung_at__lte=now - RING_AGAIN)
    rung = 0
    waiting = rows.filter(quiet, created_at__lte=now - timedelta(seconds=5))
    for job in waiting.order_by("created_at", "pk")[:most]:  # who waits longest is rung first
        mine = model._default_manager.filter(claimable(now), quiet, pk=job.pk)
        if mine.update(rung_at=now):  # of several sweepers, one rings
            _send(model.task_name, job.pk)
            rung += 1
    return rung
