"""Judging: facts in, verdicts written as tasks, with the sheet of facts that they rest on."""

from checks.services.evaluating import replay
from checks.services.judging import judge, mark_judged, pause, refresh, touch, waits

__all__ = ["judge", "mark_judged", "pause", "refresh", "replay", "touch", "waits"]
