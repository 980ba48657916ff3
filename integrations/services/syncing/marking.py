"""What every act of syncing leaves behind: the line in the record, the next due time, the marks."""

import random
from datetime import datetime, timedelta
from typing import Any

from audit import services as audit
from integrations.models import Connection

BACK_OFF = (2, 5, 15, 30, 60)  # minutes after the first, second, ... failure in a row

SYSTEM = audit.Actor(kind="system", label="sync")


def record(kind: str, connection: Connection, **body: Any) -> None:
    key = f"connection:{connection.id}"
    audit.record(kind, subject=key, touched={key}, **body)


def schedule(connection: Connection, now: datetime) -> None:
    """The next due time; jitter keeps many connections from falling due together."""
    minutes = float(connection.sync_every)
    if connection.failures:
        minutes = min(minutes, BACK_OFF[min(connection.failures, len(BACK_OFF)) - 1])
    delay = timedelta(minutes=minutes * random.uniform(0.95, 1.05))  # noqa: S311 - no secret
    connection.next_sync_at = now + delay
    connection.save(update_fields=["next_sync_at"])


def mark_needs_reconnect(connection: Connection, *, now: datetime) -> None:
    """Within an act: only a person can renew the authorisation, so nothing is tried meanwhile.

    A later due time is that of a reading which would prove that it came back by itself.
    """
    known = connection.authorisation == Connection.Authorisation.NEEDS_RECONNECT
    connection.authorisation = Connection.Authorisation.NEEDS_RECONNECT
    connection.trouble_since = connection.trouble_since or now
    connection.next_sync_at = None
    connection.save(update_fields=["authorisation", "trouble_since", "next_sync_at"])
    if not known:
        record("connection.needs_reconnect", connection, trouble=connection.trouble)
