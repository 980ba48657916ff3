"""The one background thread: sends queued webhooks and lets connecting accounts settle."""

import logging
import os
import threading

from django.db import close_old_connections, connection

from sandbox.services import accounts, deliveries

log = logging.getLogger("sandbox")
LOOK_SECONDS = 0.5

_lock = threading.Lock()
_started_in: set[int] = set()  # process ids


def ensure_running() -> None:
    """Start the thread once per process; safe under a server that loads first and forks later."""
    if os.getpid() in _started_in:
        return
    with _lock:
        if os.getpid() not in _started_in:
            threading.Thread(target=_work, name="sandbox-background", daemon=True).start()
            _started_in.add(os.getpid())


def _work() -> None:
    while True:
        try:
            accounts.settle_due()
            busy = deliveries.send_due()
        except Exception:
            log.exception("The sandbox's background thread failed once and goes on.")
            connection.close()
            busy = 0
        if not busy:
            close_old_connections()
            deliveries.bell.wait(LOOK_SECONDS)
            deliveries.bell.clear()
