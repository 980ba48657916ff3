"""Readings of checks: tasks with their status, the checks of a system, policies."""

from checks.selectors.policies import (
    WEEKDAYS,
    PolicyRow,
    calendar,
    holidays,
    policies,
    policy_rows,
    work_calendar,
    working_week,
)
from checks.selectors.tasks import (
    RANKED,
    CheckSummary,
    instants,
    stale,
    status_code,
    summaries,
    task_status,
    tasks,
)

__all__ = [
    "RANKED",
    "WEEKDAYS",
    "CheckSummary",
    "PolicyRow",
    "calendar",
    "holidays",
    "instants",
    "policies",
    "policy_rows",
    "stale",
    "status_code",
    "summaries",
    "task_status",
    "tasks",
    "work_calendar",
    "working_week",
]
