"""A look over many rows: one that fails is told in the log and stops nobody, and the look ends in time."""

import time
from collections.abc import Callable, Iterable
from typing import TypeVar

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db.models import Model

Row = TypeVar("Row", bound=Model)

log = structlog.get_logger(__name__)


def each(rows: Iterable[Row], act: Callable[[Row], object], *, seconds: float = 200) -> int:
    """Do `act` to each row, and begin with none after `seconds`; how many were done without error.

    What was left comes first in the next look, where the rows' order says so.
    """
    ends, done = time.monotonic() + seconds, 0
    for row in rows:
        if time.monotonic() >= ends:
            log.warning("look ended before its last row", next=str(row.pk))
            break
        done += _done(row, act)
    return done


def _done(row: Row, act: Callable[[Row], object]) -> bool:
    try:
        act(row)
    except SoftTimeLimitExceeded:  # this one is about the whole look
        raise
    except Exception:
        log.exception("look at a row failed, the next look tries again", row=str(row.pk))
        return False
    return True
