"""Pages of API lists: keyset pages, the same cost at any depth, no totals."""

from typing import Any

from rest_framework.exceptions import NotFound
from rest_framework.utils.urls import replace_query_param

from workspaces import keyset

BAD_CURSOR = "There is no such page: no list gave out this cursor in this order. Leave it out."


class NoSuchPage(NotFound):
    default_detail = BAD_CURSOR


def links(found: keyset.Page[Any], *, url: str) -> dict[str, str | None]:
    """The addresses of the pages beside this one, which stands at `url`."""
    return {"next": _link(url, found.older), "previous": _link(url, found.newer)}


def _link(url: str, cursor: str) -> str | None:
    return replace_query_param(url, "cursor", cursor) if cursor else None
