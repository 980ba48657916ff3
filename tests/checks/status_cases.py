"""Every decision of a task's status, as data: for the pure function and for its SQL twin."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

from checks.status import CLOCK_SKEW, Status, TaskInstants

NOW = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)
DAY = timedelta(days=1)

BEFORE, AT, AFTER = NOW - INSTANT, NOW, NOW + INSTANT
OPEN = TaskInstants(began_at=NOW - 9 * DAY, critical_at=NOW + 5 * DAY, due_at=NOW + 7 * DAY)
SOLVED = replace(OPEN, resolved_at=NOW - DAY)

# (instants, now, status): the edges, one at a time.
EDGES: list[tuple[TaskInstants, datetime, Status]] = [
    (OPEN, NOW, Status.DUE),
    (replace(OPEN, critical_at=AFTER), NOW, Status.DUE),
    (replace(OPEN, critical_at=AT), NOW, Status.CRITICAL),
    (replace(OPEN, critical_at=BEFORE), NOW, Status.CRITICAL),
    (replace(OPEN, critical_at=BEFORE, due_at=AFTER), NOW, Status.CRITICAL),
    (replace(OPEN, critical_at=BEFORE, due_at=AT), NOW, Status.FAILING),
    (replace(OPEN, critical_at=BEFORE, due_at=BEFORE), NOW, Status.FAILING),
    (replace(OPEN, critical_at=None), NOW, Status.CRITICAL),
    (replace(OPEN, critical_at=None, due_at=None), NOW, Status.FAILING),
    (replace(OPEN, resolved_at=AFTER), NOW, Status.DUE),
    (replace(OPEN, resolved_at=AT), NOW, Status.PASSING),
    (replace(OPEN, due_at=BEFORE, resolved_at=AT), NOW, Status.PASSING),
    (TaskInstants(resolved_at=BEFORE), NOW, Status.PASSING),
    (replace(SOLVED, stale_at=AFTER), NOW, Status.PASSING),
    (replace(SOLVED, stale_at=AT), NOW, Status.STALE),
    (replace(SOLVED, stale_at=BEFORE), NOW, Status.STALE),
    (replace(SOLVED, stale_at=NOW + DAY, read_at=NOW - DAY), NOW, Status.PASSING),
    (replace(SOLVED, stale_at=NOW + DAY, read_at=NOW + CLOCK_SKEW), NOW, Status.PASSING),
    (replace(SOLVED, stale_at=NOW + DAY, read_at=NOW + CLOCK_SKEW + INSTANT), NOW, Status.STALE),
    (replace(OPEN, stale_at=BEFORE), NOW, Status.DUE),
    (replace(OPEN, due_at=BEFORE, stale_at=BEFORE), NOW, Status.FAILING),
    (replace(OPEN, waiting=True), NOW, Status.WAITING),
    (replace(OPEN, due_at=BEFORE, waiting=True), NOW, Status.WAITING),
    (TaskInstants(waiting=True), NOW, Status.WAITING),
    (replace(OPEN, accepted_until=BEFORE), NOW, Status.DUE),
    (replace(OPEN, accepted_until=AT), NOW, Status.DUE),
    (replace(OPEN, accepted_until=AFTER), NOW, Status.SPECIAL_CASE),
    (replace(OPEN, opens_at=AFTER), NOW, Status.UPCOMING),
    (replace(OPEN, opens_at=AT), NOW, Status.DUE),
    (replace(OPEN, opens_at=BEFORE), NOW, Status.DUE),
    (replace(OPEN, closed_at=AFTER), NOW, Status.DUE),
    (replace(OPEN, closed_at=AT), NOW, Status.CLOSED),
    (replace(OPEN, closed_at=BEFORE), NOW, Status.CLOSED),
]


def _combinations() -> list[tuple[TaskInstants, datetime, Status]]:
    """Every combination of what can be true of a task, with the status that the order gives it."""
    cases = []
    flags = product([False, True], repeat=7)
    for closed, ahead, accepted, waiting, solved, stale, late in flags:
        instants = TaskInstants(
            began_at=NOW - 9 * DAY,
            critical_at=NOW - 3 * DAY if late else NOW + DAY,
            due_at=NOW - DAY if late else NOW + 3 * DAY,
            resolved_at=NOW - DAY if solved else None,
            waiting=waiting,
            stale_at=NOW - INSTANT if stale else NOW + DAY,
            accepted_until=NOW + DAY if accepted else None,
            opens_at=NOW + DAY if ahead else None,
            closed_at=NOW - DAY if closed else None,
        )
        expected = [
            (closed, Status.CLOSED),
            (ahead, Status.UPCOMING),
            (accepted, Status.SPECIAL_CASE),
            (waiting, Status.WAITING),
            (solved and stale, Status.STALE),
            (solved, Status.PASSING),
            (late, Status.FAILING),
            (True, Status.DUE),
        ]
        cases.append((instants, NOW, next(status for holds, status in expected if holds)))
    return cases


CASES: list[tuple[TaskInstants, datetime, Status]] = EDGES + _combinations()
