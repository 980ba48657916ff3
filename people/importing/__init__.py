"""Reading lists of staff, from files or from JSON, into rows; pure and streaming."""

from people.importing.cells import joined, row_of
from people.importing.files import Pieces, Unreadable, rows, unread
from people.importing.row import COLUMNS, Fault, Row, visible

__all__ = [
    "COLUMNS",
    "Fault",
    "Pieces",
    "Row",
    "Unreadable",
    "joined",
    "row_of",
    "rows",
    "unread",
    "visible",
]
