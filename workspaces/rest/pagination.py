"""Pages of API lists: keyset pages, the same cost at any depth, no totals."""

from typing import Any

from django.db.models import QuerySet
from rest_framework.exceptions import NotFound
from rest_framework.utils.urls import replace_query_param

from workspaces import keyset

BAD_CURSOR = "There is no such page: no list gave out this cursor in this order. Leave it out."


class NoSuchPage(NotFound):
    default_detail = BAD_CURSOR


def page(
    rows: QuerySet[Any], *, keys: tuple[str, ...], cursor: str, limit: int, url: str
) -> tuple[list[Any], dict[str, str | None]]:
    """The rows of one page, and the addresses of the pages beside it. Raises NoSuchPage."""
    try:
        found = keyset.page(rows, keys=keys, cursor=cursor, size=limit, strict=True)
    except keyset.BadCursor:
        raise NoSuchPage from None
    links = {"next": _link(url, found.older), "previous": _link(url, found.newer)}
    return found.rows, links


def _link(url: str, cursor: str) -> str | None:
    return replace_query_param(url, "cursor", cursor) if cursor else None
