"""The one clock: the database's, so that every process agrees on ages and leases."""

from datetime import UTC, datetime

from django.db import connection

SQL = {
    "sqlite": "SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')",
    "postgresql": "SELECT clock_timestamp()",
}


def now() -> datetime:
    """The database's present instant, in UTC. Read it once per unit of work and pass it on."""
    with connection.cursor() as cursor:
        cursor.execute(SQL[connection.vendor])
        (instant,) = cursor.fetchone()
    if isinstance(instant, str):
        return datetime.fromisoformat(instant).replace(tzinfo=UTC)
    aware: datetime = instant
    return aware.astimezone(UTC)
