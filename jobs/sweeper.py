"""A thread in every worker that rings again for jobs whose doorbell was lost."""

import threading
from typing import Any

import structlog
from celery.signals import worker_ready, worker_shutting_down
from django.apps import apps
from django.db import connection

from jobs import services
from jobs.models import LeasedJob

INTERVAL = 5.0  # seconds

log = structlog.get_logger(__name__)
_stop = threading.Event()


def models() -> list[type[LeasedJob]]:
    """Every concrete kind of job."""
    return [model for model in apps.get_models() if issubclass(model, LeasedJob)]


def look() -> None:
    """One look over all kinds of job; the connection is closed, so the thread holds none idle.

    Whatever goes wrong, the thread lives on: nothing would start it again.
    """
    try:
        for model in models():
            services.sweep(model)
    except Exception:
        log.exception("sweep failed, trying again")
    finally:
        connection.close()


def _run() -> None:
    while not _stop.wait(INTERVAL):
        look()


@worker_ready.connect
def start(**kwargs: Any) -> None:
    _stop.clear()
    threading.Thread(target=_run, name="sweeper", daemon=True).start()


@worker_shutting_down.connect
def stop(**kwargs: Any) -> None:
    _stop.set()
