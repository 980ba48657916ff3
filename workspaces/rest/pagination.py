"""Cursor pages: the same cost at any depth, no totals."""

from rest_framework.pagination import CursorPagination


class CursorPages(CursorPagination):
    """`?limit=` up to 500; the order is the endpoint's `ordering`, unique by id at its end."""

    page_size = 100
    page_size_query_param = "limit"
    max_page_size = 500
    ordering = ("created_at", "id")
