"""Truto's two request limits, counted for real in the memory of the one web process."""

import threading
import time
from collections import defaultdict, deque
from collections.abc import Hashable

from django.conf import settings

from sandbox import errors

WINDOW_SECONDS = 10
PER_TOKEN = 500
PER_ACCOUNT = 50

_lock = threading.Lock()
_calls: dict[Hashable, deque[float]] = defaultdict(deque)
_switched: dict[str, bool] = {}


def switch(*, on: bool) -> None:
    """Turn counting on or off until the process ends, and forget what was counted."""
    with _lock:
        _switched["on"] = on
        _calls.clear()


def switch_back() -> None:
    """Count, or not, as the settings say, and forget what was counted."""
    with _lock:
        _switched.clear()
        _calls.clear()


def count(key: Hashable, most: int) -> None:
    """Count one call; raises ApiError 429 when `most` were made within the last ten seconds."""
    if not _switched.get("on", settings.RATE_LIMITS):
        return
    now = time.monotonic()
    with _lock:
        calls = _calls[key]
        while calls and calls[0] <= now - WINDOW_SECONDS:
            calls.popleft()
        if len(calls) >= most:
            raise errors.too_many_requests(WINDOW_SECONDS)
        calls.append(now)


def count_token(token: str) -> None:
    """Count a call of an API token."""
    count(("token", token), PER_TOKEN)


def count_account(account_id: Hashable) -> None:
    """Count a unified or proxy call of one account."""
    count(("account", account_id), PER_ACCOUNT)
