"""Previews that nobody decides on: given up after a while, and the file with them."""

from datetime import datetime, timedelta

from audit import services as audit
from jobs.models import State
from people.models import StaffImport
from people.services.importing.files import cancel_import
from people.services.problems import Problem

KEPT = timedelta(days=30)
AT_ONCE = 100
CLOCK = audit.Actor(kind="system", label="clock")


def forget_imports(now: datetime) -> int:
    """Cancel previews that have waited for 30 days; returns how many."""
    waiting = StaffImport.objects.filter(state=State.HELD, finished_at__lte=now - KEPT)
    return sum(map(_gave_up, waiting.select_related("workspace")[:AT_ONCE]))


def _gave_up(job: StaffImport) -> bool:
    try:
        cancel_import(job, by=CLOCK)
    except Problem:  # somebody decided just now
        return False
    return True
