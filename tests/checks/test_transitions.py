"""What verdicts do to a task: its clock, its ends, lateness, and the word for the history."""

from dataclasses import replace
from datetime import timedelta

import pytest

from checks.facts import Calendar, Policy
from checks.rules import Outcome, Verdict
from checks.transitions import TaskState, after, closed
from tests.checks.rules.given import DAY, NOW

POLICY, CALENDAR = Policy(7), Calendar()
FAIL = Verdict("user_identified", "account", "a1", "User a1", Outcome.FAIL, "because")
PASS, WAIT = replace(FAIL, outcome=Outcome.PASS), replace(FAIL, outcome=Outcome.WAIT)
GONE = replace(FAIL, outcome=Outcome.CLOSED, why="is gone")


def then(before, verdict, now=NOW, policy=POLICY):
    return after(before, verdict, now=now, policy=policy, calendar=CALENDAR)


def state(*verdicts, now=NOW):
    """The state after these verdicts, a day apart, the last one at `now`."""
    found = None
    for number, verdict in enumerate(verdicts):
        found = then(found, verdict, now=now - (len(verdicts) - 1 - number) * DAY).state
    return found


@pytest.mark.parametrize(
    ("before", "verdict", "kind"),
    [
        ((), FAIL, ""),
        ((FAIL,), FAIL, ""),
        ((FAIL,), PASS, "resolved"),
        ((FAIL,), WAIT, "waiting"),
        ((WAIT,), WAIT, ""),
        ((WAIT,), FAIL, "opened"),
        ((PASS,), FAIL, "opened"),
        ((FAIL, PASS), FAIL, "reopened"),
        ((FAIL, WAIT), FAIL, "reopened"),
        ((PASS,), PASS, ""),
        ((FAIL,), GONE, "closed"),
        ((FAIL, GONE), GONE, ""),
        ((FAIL, GONE), FAIL, "reopened"),
        ((PASS, GONE), PASS, "resolved"),
    ],
)
def test_change_is_called_what_people_see(before, verdict, kind):
    earlier = state(*before, now=NOW - DAY) if before else None
    assert then(earlier, verdict).kind == kind


def test_fault_that_goes_on_keeps_its_clock_under_another_policy():
    first = state(FAIL, now=NOW - DAY)
    again = then(first, replace(FAIL, why="for another reason"), policy=Policy(90)).state
    assert (again.began_at, again.due_at) == (first.began_at, first.due_at)


def test_returned_fault_starts_at_its_return():
    passed = state(FAIL, PASS, now=NOW - DAY)
    assert then(passed, replace(FAIL, began_at=NOW - 30 * DAY)).state.began_at == NOW


def test_fault_that_went_on_after_its_subject_was_gone_starts_anew():
    gone = state(FAIL, GONE, now=NOW - DAY)
    again = then(gone, replace(FAIL, began_at=NOW - 30 * DAY)).state
    assert (again.began_at, again.closed_at, again.resolved_at) == (NOW, None, None)


def test_waiting_keeps_the_clock_of_an_earlier_fault():
    fault = state(FAIL, now=NOW - DAY)
    waiting = then(fault, WAIT).state
    assert (waiting.waiting, waiting.due_at) == (True, fault.due_at)


def test_solution_after_the_deadline_is_late_for_good():
    fault = TaskState(began_at=NOW - 9 * DAY, critical_at=NOW - 4 * DAY, due_at=NOW - 2 * DAY)
    solved = then(fault, PASS).state
    assert solved.late_days == 2
    again = then(then(solved, FAIL, now=NOW + DAY).state, PASS, now=NOW + 2 * DAY).state
    assert (again.resolved_at, again.late_days) == (NOW + 2 * DAY, 2)
    assert closed(fault, at=NOW, why="gone", now=NOW, zone="UTC").state.late_days == 2


def test_solution_never_lies_before_its_fault_or_ahead():
    fault = state(FAIL, now=NOW - DAY)
    assert then(fault, replace(PASS, settled_at=NOW - 9 * DAY)).state.resolved_at == NOW - DAY
    assert then(fault, replace(PASS, settled_at=NOW + 9 * DAY)).state.resolved_at == NOW
    assert then(None, replace(PASS, settled_at=NOW - DAY)).state.resolved_at == NOW - DAY


AHEAD = replace(FAIL, opens_at=NOW + 5 * DAY, began_at=NOW + 5 * DAY)


@pytest.mark.parametrize("outcome", [Outcome.FAIL, Outcome.WAIT])
def test_upcoming_leavers_clock_follows_the_day_when_that_is_moved(outcome):
    first = then(None, replace(AHEAD, outcome=outcome)).state
    assert first.began_at == NOW + 5 * DAY
    same = then(first, replace(AHEAD, outcome=outcome), policy=Policy(90)).state
    assert same.due_at == first.due_at
    day = NOW + 2 * DAY
    moved = then(first, replace(AHEAD, outcome=outcome, opens_at=day, began_at=day)).state
    assert moved.began_at == day


def test_access_that_came_back_is_due_at_once():
    waiting = state(FAIL, PASS, now=NOW - DAY)
    back = then(waiting, replace(FAIL, began_at=NOW, at_once=True)).state
    assert back.due_at == NOW


def test_first_verdict_of_a_subject_that_is_gone_closes_at_its_instant():
    at = NOW + timedelta(hours=1)
    assert then(None, replace(GONE, closes_at=at)).state.closed_at == at
