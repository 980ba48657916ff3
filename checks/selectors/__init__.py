"""Readings of checks: tasks with their status, the checks of a system, policies."""

from checks.selectors.policies import (
    WEEKDAYS,
    PolicyRow,
    calendar,
    calendar_version,
    holidays,
    policies,
    policy_rows,
    policy_version,
    work_calendar,
    working_week,
)
from checks.selectors.sheets import sheet
from checks.selectors.special_cases import (
    SHOWS,
    ending_soon,
    special_cases,
)
from checks.selectors.tasks import (
    RANKED,
    CheckSummary,
    status_code,
    steady,
    summaries,
    task_status,
    tasks,
    unsolved,
)

__all__ = [
    "RANKED",
    "SHOWS",
    "WEEKDAYS",
    "CheckSummary",
    "PolicyRow",
    "calendar",
    "calendar_version",
    "ending_soon",
    "holidays",
    "policies",
    "policy_rows",
    "policy_version",
    "sheet",
    "special_cases",
    "status_code",
    "steady",
    "summaries",
    "task_status",
    "tasks",
    "unsolved",
    "work_calendar",
    "working_week",
]
