"""The status of a task and of a group of tasks."""

from dataclasses import fields, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import status as module
from checks.status import CLOCK_SKEW, Status, TaskInstants, status, worst
from tests.checks.status_cases import CASES, NOW
from tests.frozen import changeable


@pytest.mark.parametrize(("instants", "now", "expected"), CASES)
def test_status_follows_from_instants_and_now(
    instants: TaskInstants, now: datetime, expected: Status
) -> None:
    assert status(instants, now) is expected


def test_labels_are_those_that_people_know() -> None:
    assert [each.value for each in Status] == [
        "Failing",
        "Critical",
        "Due",
        "Stale",
        "Waiting",
        "Passing",
        "Special case",
        "Closed",
        "Upcoming",
    ]


def test_clock_may_step_back_five_minutes() -> None:
    assert timedelta(minutes=5) == CLOCK_SKEW


def test_instants_are_never_changed_in_place() -> None:
    assert changeable(module) == []


def test_worst_takes_the_first_in_order() -> None:
    order = [
        Status.FAILING,
        Status.CRITICAL,
        Status.DUE,
        Status.STALE,
        Status.WAITING,
        Status.PASSING,
    ]
    for place, expected in enumerate(order):
        assert worst([*reversed(order[place:]), Status.SPECIAL_CASE]) is expected


def test_worst_leaves_closed_and_upcoming_tasks_out() -> None:
    assert worst([Status.PASSING, Status.CLOSED, Status.UPCOMING]) is Status.PASSING


def test_worst_of_special_cases_alone_is_not_passing() -> None:
    assert worst([Status.SPECIAL_CASE, Status.CLOSED]) is Status.SPECIAL_CASE


@pytest.mark.parametrize("nothing", [[], [Status.CLOSED], [Status.UPCOMING]])
def test_worst_of_nothing_is_waiting_never_passing(nothing: list[Status]) -> None:
    assert worst(nothing) is Status.WAITING


INSTANTS = st.none() | st.integers(-5, 5).map(lambda hours: NOW + timedelta(hours=hours))
TASKS = st.builds(
    TaskInstants,
    **{each.name: INSTANTS for each in fields(TaskInstants) if each.name != "waiting"},
    waiting=st.booleans(),
)


@given(TASKS)
def test_older_data_never_turns_a_task_passing(task: TaskInstants) -> None:
    older = replace(task, stale_at=NOW - timedelta(days=9))
    assert status(older, NOW) is not Status.PASSING
