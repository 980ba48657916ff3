"""Acts of checks: judging facts into tasks, and what people decide about policies and tasks."""

from checks.services.evaluating import replay
from checks.services.judging import judge, mark_judged, pause, refresh, touch, waits
from checks.services.policies import set_calendar, set_policy

__all__ = [
    "judge",
    "mark_judged",
    "pause",
    "refresh",
    "replay",
    "set_calendar",
    "set_policy",
    "touch",
    "waits",
]
