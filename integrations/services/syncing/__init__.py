"""Runs: asking for one, reading the complete list, and what its end means for the connection."""

from integrations.services.syncing.authorising import check_authorisation
from integrations.services.syncing.finishing import end_hold, finish, make_current, rows
from integrations.services.syncing.marking import SYSTEM, mark_needs_reconnect
from integrations.services.syncing.reading import run
from integrations.services.syncing.requesting import request_sync

__all__ = [
    "SYSTEM",
    "check_authorisation",
    "end_hold",
    "finish",
    "make_current",
    "mark_needs_reconnect",
    "request_sync",
    "rows",
    "run",
]
