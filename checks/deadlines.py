"""Deadlines: when a task turns critical and falls due, counted in the workspace's days; pure.

All instants are timezone-aware UTC; a deadline is half-open, so the due instant itself is overdue.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from checks.facts import Calendar, Policy
from people.days import end_of_day, today

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Deadline:
    critical_at: datetime
    due_at: datetime


@lru_cache(maxsize=1024)  # a list's faults mostly begin at the same instant
def deadline(start: datetime, policy: Policy, calendar: Calendar) -> Deadline:
    """When a fault that began at `start` turns critical and when it fails.

    No grace at all means due at `start`. The window counts in the same days as the grace.
    """
    if policy.grace_days <= 0:
        return Deadline(critical_at=start, due_at=start)
    working = _working_days(policy, calendar)
    first = today(start, calendar.zone)
    last = _count_forward(first, policy.grace_days, working, calendar.holidays)
    opening = _count_back(last, policy.window_days, working, calendar.holidays)
    critical_at = max(start, end_of_day(opening, calendar.zone))
    return Deadline(critical_at=critical_at, due_at=end_of_day(last, calendar.zone))


def is_overdue(now: datetime, due_at: datetime) -> bool:
    return due_at <= now


def days_late(due_at: datetime, resolved_at: datetime, zone: str) -> int:
    """Local days between a deadline and its late solution; a part of a day counts as one, 0 in time."""
    if not is_overdue(resolved_at, due_at):
        return 0
    local = ZoneInfo(zone)
    # The deadline is the end of its day, so the day that it names is the one just before it.
    due_day = (due_at - timedelta(microseconds=1)).astimezone(local).date()
    return max(1, (resolved_at.astimezone(local).date() - due_day).days)


def _working_days(policy: Policy, calendar: Calendar) -> frozenset[int] | None:
    """The weekdays that count; None for all. A week without work would never end: count all."""
    return (calendar.working_days & set(range(7)) or None) if policy.business_days else None


def _counts(day: date, working: frozenset[int] | None, holidays: frozenset[date]) -> bool:
    return working is None or (day.weekday() in working and day not in holidays)


def _count_forward(
    day: date, days: int, working: frozenset[int] | None, holidays: frozenset[date]
) -> date:
    """The last of `days` counted days after `day`."""
    while days:
        day += _DAY
        days -= _counts(day, working, holidays)
    return day


def _count_back(
    day: date, days: int, working: frozenset[int] | None, holidays: frozenset[date]
) -> date:
    """The day before the last `days` counted days that end with `day`."""
    while days > 0:
        days -= _counts(day, working, holidays)
        day -= _DAY
    return day
