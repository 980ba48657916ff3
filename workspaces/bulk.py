"""Many rows at once, read, inserted and updated as plain tuples, without a model object for each.

For the few places that touch a row for every account; elsewhere the ORM reads better. Ids may be
given as text or as UUID and are always read as text, as the checks state them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, partial
from itertools import islice
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import Field, Model, QuerySet
from psycopg2.extras import execute_values  # type: ignore[import-untyped]

Row = tuple[Any, ...]
Convert = Callable[[Any], Any]

PAGE = 1000  # rows of one statement on PostgreSQL
AT_ONCE = 5000  # rows that are made fit for the driver together: no more of them is held

# The SQL below is put together from names of our own tables and columns; values are parameters.


def read(rows: QuerySet[Any, Any], *names: str) -> list[Row]:
    """What `values_list` gives, but ids as text, and each distinct value of a column made once."""
    return _read(rows, names)


def counted(rows: QuerySet[Any, Any], *names: str) -> list[Row]:
    """The different rows of these columns, as `read` gives them, each followed by how many it stands for.

    The database counts, so that a hundred thousand equal rows arrive as one; works for columns
    that are window functions, which the ORM does not group by.
    """
    places = ", ".join(str(place) for place in range(1, len(names) + 1))
    return _read(rows, names, f"SELECT *, COUNT(*) FROM (%s) AS found GROUP BY {places}")  # noqa: S608


def _read(rows: QuerySet[Any, Any], names: Sequence[str], around: str = "%s") -> list[Row]:
    compiler = rows.values_list(*names).query.get_compiler(connection=connection)
    try:
        sql, params = compiler.as_sql()
    except EmptyResultSet:
        return []
    with connection.cursor() as cursor:
        cursor.execute(around.replace("%s", sql), params)
        found = cursor.fetchall()
    expressions = [each[0] for each in compiler.select]
    known = compiler.get_converters(expressions)
    makers = [
        _id if _is_id(each.output_field) else _maker(*known.get(place, ([], each)))
        for place, each in enumerate(expressions)
    ]
    return _by_column(found, [*makers, None] if around != "%s" else makers)


def insert(model: type[Model], names: Sequence[str], rows: Iterable[Row]) -> None:
    """Insert rows that hold these columns in this order; others need a default of the database."""
    fields = [_field(model, name) for name in names]
    into = f"INSERT INTO {_quoted(model._meta.db_table)} ({_listed(fields)}) VALUES "  # noqa: S608
    marks = ", ".join(["%s"] * len(fields))
    _execute(fields, rows, one=f"{into}({marks})", many=f"{into}%s")


def create(objects: Sequence[Model]) -> None:
    """Insert new objects of one model, every column as it stands; sends no signals."""
    if objects:
        names = [field.attname for field in objects[0]._meta.concrete_fields]
        insert(type(objects[0]), names, map(attrgetter(*names), objects))


def update(model: type[Model], names: Sequence[str], rows: Iterable[Row]) -> None:
    """Update these columns; each row holds their new values in this order, then its primary key."""
    changed, key = [_field(model, name) for name in names], model._meta.pk
    table, pk = _quoted(model._meta.db_table), _listed([key])
    columns = [(_listed([each]), each.db_type(connection)) for each in changed]
    to_marks = ", ".join(f"{name} = %s" for name, _ in columns)
    to_new = ", ".join(f"{name} = new.{name}::{kind}" for name, kind in columns)
    new = f"(VALUES %s) AS new ({_listed([*changed, key])})"
    its = f"{table}.{pk} = new.{pk}::{key.db_type(connection)}"
    _execute(
        [*changed, key],
        rows,
        one=f"UPDATE {table} SET {to_marks} WHERE {pk} = %s",  # noqa: S608
        many=f"UPDATE {table} SET {to_new} FROM {new} WHERE {its}",  # noqa: S608
    )


def _execute(
    fields: Sequence[Field[Any, Any]], rows: Iterable[Row], *, one: str, many: str
) -> None:
    """SQLite prepares the statement of one row once; PostgreSQL wants few round trips."""
    adapters, rest = [_adapter(each) for each in fields], iter(rows)
    with connection.cursor() as cursor:
        while written := _by_column(list(islice(rest, AT_ONCE)), adapters):
            if connection.vendor == "sqlite":
                cursor.executemany(one, written)
            else:
                with connection.wrap_database_errors:
                    execute_values(cursor.cursor, many, written, page_size=PAGE)


def _by_column(rows: Sequence[Row], makers: Sequence[Convert | None]) -> list[Row]:
    columns = zip(*rows, strict=True)
    made = [
        column if make is None else map(make, column)
        for column, make in zip(columns, makers, strict=False)
    ]
    return list(zip(*made, strict=True))


def _maker(converters: Sequence[Callable[..., Any]], expression: Any) -> Convert | None:
    """What the ORM would do to a value of this column, done once for each that is different."""
    if not converters:
        return None

    def make(value: Any) -> Any:
        for convert in converters:
            value = convert(value, expression, connection)
        return value

    return lru_cache(maxsize=None)(make)


def _adapter(field: Field[Any, Any]) -> Convert | None:
    """What makes a value of this column fit for the driver; None where it is already."""
    if _is_id(field):
        return None if connection.features.has_native_uuid_field else _digits
    if isinstance(field, models.DateTimeField):
        return lru_cache(maxsize=None)(connection.ops.adapt_datetimefield_value)
    if isinstance(field, models.JSONField):
        return partial(connection.ops.adapt_json_value, encoder=field.encoder)
    return None


def _is_id(field: Field[Any, Any]) -> bool:
    return isinstance(getattr(field, "target_field", field), models.UUIDField)


def _id(value: Any) -> str | None:
    """A UUID in its usual form, from the 32 digits of SQLite or the object of PostgreSQL."""
    if value is None or not isinstance(value, str):
        return None if value is None else str(value)
    return f"{value[:8]}-{value[8:12]}-{value[12:16]}-{value[16:20]}-{value[20:]}"


def _digits(value: Any) -> Any:
    """A UUID as SQLite keeps it, from the object or its text."""
    if value is None:
        return None
    return value.hex if type(value) is UUID else value.replace("-", "")


def _field(model: type[Model], name: str) -> Field[Any, Any]:
    field = model._meta.get_field(name)
    if not isinstance(field, Field):
        raise TypeError(f"{name} is no column of {model.__name__}")
    return field


def _listed(fields: Iterable[Field[Any, Any]]) -> str:
    return ", ".join(_quoted(each.column or "") for each in fields)


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
