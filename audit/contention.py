"""What to do where the database ended a transaction for the sake of another one: do it once more."""

from collections.abc import Callable
from typing import TypeVar

import structlog
from django.db import OperationalError

Done = TypeVar("Done")

# PostgreSQL: serialization_failure, deadlock_detected. Nothing of such a transaction was kept.
AGAIN = frozenset({"40001", "40P01"})

log = structlog.get_logger(__name__)


def code_of(error: BaseException) -> str:
    """PostgreSQL's five characters for what went wrong; "" where it was not PostgreSQL."""
    return getattr(error.__cause__, "pgcode", None) or ""  # psycopg2's name for the SQLSTATE


def is_lost(error: BaseException) -> bool:
    """Whether the database gave another transaction the way; the same act may succeed now."""
    return isinstance(error, OperationalError) and code_of(error) in AGAIN


def repeated(act: Callable[[], Done]) -> Done:
    """What `act`, one transaction, returns; done once more where another one was given the way."""
    try:
        return act()
    except OperationalError as error:
        if not is_lost(error):
            raise
        log.warning("transaction repeated", code=code_of(error))
    return act()
