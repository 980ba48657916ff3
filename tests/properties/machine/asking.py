"""Questions that are put into SQL once and asked after every step; and whether anything was written."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from checks.status import CLOCK_SKEW

NOW = datetime(2000, 1, 1, 1, 1, 1, tzinfo=UTC)  # stands where the instant of the question goes
Ask = Callable[..., list[tuple[Any, ...]]]


def asked(*names: str) -> Callable[[Callable[..., QuerySet[Any, Any]]], Ask]:
    """Of a function that gives rows at NOW: these columns, at the instant of each call.

    The ORM takes many times longer to write a statement than the database to answer it.
    """

    def wrap(rows: Callable[..., QuerySet[Any, Any]]) -> Ask:
        @cache
        def prepared(vendor: str, *about: object) -> tuple[str, tuple[Any, ...], Any]:
            found = rows(*about).values_list(*names).query.get_compiler(connection=connection)
            sql, params = found.as_sql()
            return sql, tuple(params), found

        def ask(*about: object, now: datetime = NOW) -> list[tuple[Any, ...]]:
            sql, params, compiler = prepared(connection.vendor, *about)
            instants = {_adapted(NOW + skip): _adapted(now + skip) for skip in SKIPS}
            with connection.cursor() as cursor:
                cursor.execute(sql, [instants.get(each, each) for each in params])
                found = cursor.fetchall()
            converters = compiler.get_converters([each[0] for each in compiler.select])
            return [tuple(row) for row in compiler.apply_converters(found, converters)]

        return ask

    return wrap


SKIPS = (CLOCK_SKEW * 0, CLOCK_SKEW)


def _adapted(instant: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(instant)


class Watch:
    """Which tables were written to since somebody last looked."""

    WRITES = re.compile(r'(?:INSERT (?:OR \w+ )?INTO|UPDATE|DELETE FROM) "(\w+)"')
    READS = ("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK")

    def __init__(self) -> None:
        self.tables: set[str] = set()

    def __call__(self, execute: Callable[..., Any], sql: str, *how: Any) -> Any:
        if not sql.startswith(self.READS):
            found = self.WRITES.match(sql)
            self.tables.add(found[1] if found else sql)
        return execute(sql, *how)
