"""Acts that meet: those of one workspace take turns; one that the database ended is done once more."""

import uuid
from collections.abc import Callable
from typing import TypeVar

import structlog
from django.db import OperationalError, connection

Done = TypeVar("Done")

# PostgreSQL: serialization_failure, deadlock_detected. Nothing of such a transaction was kept.
AGAIN = frozenset({"40001", "40P01"})

TIMED_OUT = frozenset({"55P03", "57014"})  # lock_not_available, query_canceled: waited too long

log = structlog.get_logger(__name__)


def wait_turn(chain: uuid.UUID) -> None:
    """Within a transaction, before anything is read: wait until no other act of the workspace runs.

    What an act reads, and what follows from it, can then not be changed by another one before it
    commits: whoever is matched while a list is taken over is judged with the Org roles of that
    moment, and a change of them that comes a moment later finds the match and judges again.
    SQLite has one writer anyway.
    """
    if connection.vendor == "postgresql":
        key = int.from_bytes(chain.bytes[:8], signed=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


def code_of(error: BaseException) -> str:
    """PostgreSQL's five characters for what went wrong; "" where it was not PostgreSQL."""
    return getattr(error.__cause__, "pgcode", None) or ""  # psycopg2's name for the SQLSTATE


def is_lost(error: BaseException) -> bool:
    """Whether the database gave another transaction the way; the same act may succeed now."""
    return isinstance(error, OperationalError) and code_of(error) in AGAIN


def is_busy(error: BaseException) -> bool:
    """Whether another act held on to the data for so long that this one gave up; nothing was kept."""
    locked = isinstance(error, OperationalError) and "database is locked" in str(error)
    return locked or code_of(error) in TIMED_OUT


def repeated(act: Callable[[], Done]) -> Done:
    """What `act`, one transaction, returns; done once more where another one was given the way."""
    try:
        return act()
    except OperationalError as error:
        if not is_lost(error):
            raise
        log.warning("transaction repeated", code=code_of(error))
    return act()
