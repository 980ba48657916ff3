"""Cursor pages: the same cost at any depth, no totals."""

from typing import Any

from django.utils.dateparse import parse_datetime
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination


class CursorPages(CursorPagination):
    """`?limit=` up to 500; the order is the endpoint's `ordering`, unique by id at its end."""

    page_size = 100
    page_size_query_param = "limit"
    max_page_size = 500
    ordering = ("created_at", "id")

    def decode_cursor(self, request: Any) -> Any:
        """As DRF does, but a position that is no instant is a bad cursor, not a server error."""
        cursor = super().decode_cursor(request)
        if (
            cursor is not None
            and cursor.position is not None
            and not _is_instant(str(cursor.position))
        ):
            raise NotFound(self.invalid_cursor_message)
        return cursor


def _is_instant(text: str) -> bool:
    try:
        return parse_datetime(text) is not None
    except ValueError:
        return False
