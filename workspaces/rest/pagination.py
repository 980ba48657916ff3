"""Pages of API lists: keyset pages, the same cost at any depth, no totals."""

from typing import Any

from django.db.models import QuerySet
from rest_framework.utils.urls import replace_query_param

from workspaces import keyset
from workspaces.rest.bodies import BadQuery

BAD_CURSOR = "No list gave out this cursor in this order. Start again without one."


def page(
    rows: QuerySet[Any], *, keys: tuple[str, ...], cursor: str, limit: int, url: str
) -> tuple[list[Any], dict[str, str | None]]:
    """The rows of one page, and the addresses of the pages beside it. Raises BadQuery."""
    try:
        found = keyset.page(rows, keys=keys, cursor=cursor, size=limit, strict=True)
    except keyset.BadCursor:
        raise BadQuery({"cursor": [BAD_CURSOR]}) from None
    links = {"next": _link(url, found.older), "previous": _link(url, found.newer)}
    return found.rows, links


def _link(url: str, cursor: str) -> str | None:
    return replace_query_param(url, "cursor", cursor) if cursor else None
