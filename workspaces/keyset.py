"""Keyset pages of HTML lists: the same cost at any depth, no totals, links both ways."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet

Row = TypeVar("Row")
Entry = TypeVar("Entry", bound=Model)

SIZE = 50
SALT = "keyset"


class BadCursor(ValueError):
    """A cursor that nobody gave out for this order."""


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page: its rows, and the cursors of the pages before and after it ("" where none is)."""

    rows: list[Row]
    newer: str
    older: str


def page(
    rows: QuerySet[Entry],
    *,
    keys: tuple[str, ...],
    cursor: str = "",
    size: int = SIZE,
    strict: bool = False,
) -> Page[Entry]:
    """The page of `rows` that `cursor` names; the first one for a cursor that nobody gave out.

    `keys` are fields or annotations that are never null and together unique ("-name" descends).
    With `strict` a bad cursor raises BadCursor: a tool must not start anew without knowing.
    """
    return merged([rows], keys=keys, cursor=cursor, size=size, strict=strict)


def merged(
    lists: Sequence[QuerySet[Any]],
    *,
    keys: tuple[str, ...],
    cursor: str = "",
    size: int = SIZE,
    strict: bool = False,
) -> Page[Any]:
    """One list out of several with the same keys, which then all ascend or all descend."""
    backwards, values = _read(cursor, keys)
    if strict and cursor and values is None:
        raise BadCursor
    found = _merge(lists, keys, backwards, values, size)
    if not found and values is not None and not strict:
        backwards, values = False, None
        found = _merge(lists, keys, False, None, size)
    more = len(found) > size
    shown = found[:size]
    if backwards:
        shown.reverse()
    before = more if backwards else values is not None
    after = True if backwards else more
    return Page(
        rows=shown,
        newer=_cursor("before", shown[0], keys) if shown and before else "",
        older=_cursor("after", shown[-1], keys) if shown and after else "",
    )


def _merge(
    lists: Sequence[QuerySet[Any]],
    keys: tuple[str, ...],
    backwards: bool,
    values: list[str] | None,
    size: int,
) -> list[Any]:
    """The first rows of all lists; each is asked for as many as the page might need of it."""
    slices = [_slice(rows, keys, backwards, values, size) or [] for rows in lists]
    if len(slices) == 1:
        return slices[0]  # as the database sorts, by its own collation
    down = keys[0].startswith("-") is not backwards
    names = [key.lstrip("-") for key in keys]
    found = (row for rows in slices for row in rows)
    together = sorted(found, key=lambda row: [getattr(row, each) for each in names], reverse=down)
    return together[: size + 1]


def _slice(
    rows: QuerySet[Entry],
    keys: tuple[str, ...],
    backwards: bool,
    values: list[str] | None,
    size: int,
) -> list[Entry] | None:
    order = [_turned(key) if backwards else key for key in keys]
    rows = rows.order_by(*order)
    if values is None:
        return list(rows[: size + 1])
    try:
        return list(rows.filter(_beyond(order, values))[: size + 1]) or None
    except (ValidationError, ValueError):
        return None


def _beyond(order: list[str], values: list[str]) -> Q:
    """Rows that come after `values`; the first key stands apart so that an index can be used."""
    found, same = Q(), Q()
    for key, value in zip(order, values, strict=True):
        found |= same & Q(**{f"{key.lstrip('-')}__{_side(key)}": value})
        same &= Q(**{key.lstrip("-"): value})
    first = order[0]
    return Q(**{f"{first.lstrip('-')}__{_side(first)}e": values[0]}) & found


def _side(key: str) -> str:
    return "lt" if key.startswith("-") else "gt"


def _turned(key: str) -> str:
    return key[1:] if key.startswith("-") else f"-{key}"


def _cursor(side: str, row: Any, keys: tuple[str, ...]) -> str:
    values = [getattr(row, key.lstrip("-")) for key in keys]
    texts = [each.isoformat() if hasattr(each, "isoformat") else str(each) for each in values]
    return _signer(keys).sign_object([side, *texts], compress=True)


def _signer(keys: tuple[str, ...]) -> signing.Signer:
    """Of one order: a cursor of another one must not be taken for its own.

    Without a time in it: the same page has the same cursor, and so the same ETag.
    """
    return signing.Signer(salt=f"{SALT}:{','.join(keys)}")


def _read(cursor: str, keys: tuple[str, ...]) -> tuple[bool, list[str] | None]:
    """Whether the cursor goes backwards, and its values; signed, so that nobody makes one up."""
    try:
        side, *values = _signer(keys).unsign_object(cursor)
    except (signing.BadSignature, ValueError):
        return False, None
    return (side == "before", values) if len(values) == len(keys) else (False, None)
