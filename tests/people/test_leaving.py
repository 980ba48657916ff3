"""Tests of people: leaving."""

from datetime import UTC, date, datetime, timedelta

import pytest

from audit import clock
from audit import selectors as audit
from people import days, selectors
from people import services as people
from people.models import EmploymentPeriod
from people.services import Problem
from workspaces import services as workspaces

pytestmark = pytest.mark.django_db


def today(workspace):
    return days.today(clock.now(), workspace.zone)


def status(staff, now=None):
    return selectors.staff_member(staff.workspace, staff.pk, now=now or clock.now()).status


@pytest.mark.parametrize(
    ("zone", "day", "end"),
    [
        ("Europe/London", date(2026, 1, 15), datetime(2026, 1, 16, 0, 0, tzinfo=UTC)),
        ("Europe/London", date(2026, 7, 15), datetime(2026, 7, 15, 23, 0, tzinfo=UTC)),
        ("Europe/London", date(2026, 3, 29), datetime(2026, 3, 29, 23, 0, tzinfo=UTC)),
        ("Europe/London", date(2026, 10, 25), datetime(2026, 10, 26, 0, 0, tzinfo=UTC)),
        ("Pacific/Auckland", date(2026, 1, 15), datetime(2026, 1, 15, 11, 0, tzinfo=UTC)),
        # Cuba skips 00:00-01:00 on 8 March 2026 and lives it twice on 1 November.
        ("America/Havana", date(2026, 3, 7), datetime(2026, 3, 8, 5, 0, tzinfo=UTC)),
        ("America/Havana", date(2026, 10, 31), datetime(2026, 11, 1, 4, 0, tzinfo=UTC)),
    ],
)
def test_offboard_ends_access_at_the_end_of_the_local_day(by, db, zone, day, end):
    workspace = workspaces.found("Example Company", zone=zone, by=by)
    staff = people.add(workspace, name="Former Bookkeeper", external_id="E-1", by=by)
    assert people.offboard(staff, last_day=day, by=by).access_ends_at == end


def test_offboard_now_ends_access_at_once_today(workspace, add, by):
    period = people.offboard(add(), last_day=None, access_ends="now", by=by)
    assert period.last_day == today(workspace)
    assert period.access_ends_at == period.leaving_recorded_at <= clock.now()


def test_offboard_now_before_a_later_last_day_keeps_that_day(workspace, add, by):
    staff = add()
    day = today(workspace) + timedelta(days=30)
    assert people.offboard(staff, last_day=day, access_ends="now", by=by).last_day == day
    assert status(staff) == "offboarded"


def test_offboard_of_a_past_day_ends_access_then_even_with_now(workspace, add, by):
    staff, day = add(), today(workspace) - timedelta(days=7)
    period = people.offboard(staff, last_day=day, access_ends="now", by=by)
    assert period.access_ends_at == days.end_of_day(day, workspace.zone)
    assert status(staff) == "offboarded"


def test_offboard_ahead_is_upcoming_until_the_very_instant(workspace, add, by):
    staff = add()
    period = people.offboard(staff, last_day=today(workspace), by=by)
    end = period.access_ends_at
    assert status(staff, end - timedelta(microseconds=1)) == "upcoming"
    assert status(staff, end) == "offboarded"
    assert selectors.offboarded_total(workspace, now=end) == 1
    assert selectors.offboarded_total(workspace, now=end - timedelta(microseconds=1)) == 0


def test_offboard_without_a_day_or_now_is_refused(add, by):
    with pytest.raises(people.Problem, match="last working day"):
        people.offboard(add(), last_day=None, by=by)


def test_offboard_before_the_start_is_refused(add, by):
    staff = add(starts_on=date(2025, 5, 2))
    with pytest.raises(people.Problem, match="2 May 2025"):
        people.offboard(staff, last_day=date(2025, 5, 1), by=by)


def test_offboard_again_needs_a_reason_and_keeps_the_first_recording(workspace, add, by):
    staff = add()
    first = people.offboard(staff, last_day=date(2025, 5, 1), by=by).leaving_recorded_at
    with pytest.raises(people.Problem) as problem:
        people.offboard(staff, last_day=date(2025, 5, 2), reason="  ", by=by)
    assert problem.value.field == "reason"
    moved = people.offboard(staff, last_day=date(2025, 5, 2), reason="Stayed a day", by=by)
    assert (moved.last_day, moved.leaving_recorded_at) == (date(2025, 5, 2), first)
    event = audit.history(workspace.id, f"staff:{staff.id}")[0]
    assert event["kind"] == "staff.offboarding_moved"
    assert event["body"]["last_day_was"] == "2025-05-01"
    assert event["body"]["reason"] == "Stayed a day"


def test_offboard_again_with_the_same_day_changes_nothing(workspace, add, by):
    staff = add()
    for _ in range(2):
        people.offboard(staff, last_day=date(2025, 5, 1), by=by)
    kinds = [event["kind"] for event in audit.history(workspace.id, f"staff:{staff.id}")]
    assert kinds.count("staff.offboarded") == 1
    assert "staff.offboarding_moved" not in kinds


def test_reinstate_before_the_end_withdraws_the_leaving(workspace, add, by):
    staff = add()
    people.offboard(staff, last_day=today(workspace) + timedelta(days=10), by=by)
    period = people.reinstate(staff, by=by)
    assert (period.number, period.access_ends_at, period.last_day) == (1, None, None)
    assert status(staff) == "current"


def test_reinstate_of_a_former_person_begins_a_new_period(workspace, add, by):
    staff = add(last_day=date(2024, 1, 31))
    period = people.reinstate(staff, starts_on=date(2025, 4, 1), by=by)
    assert (period.number, period.starts_on) == (2, date(2025, 4, 1))
    assert staff.periods.get(number=1).access_ends_at is not None
    [row] = selectors.person_rows(workspace, [staff.id])
    assert (row.returned_at, row.returned_on) == (period.created_at, date(2025, 4, 1))
    assert row.access_ends_at is None


def test_offboard_after_a_return_leaves_the_first_period_alone(workspace, add, by):
    staff = add(last_day=date(2024, 1, 31))
    people.reinstate(staff, starts_on=date(2025, 4, 1), by=by)
    people.offboard(staff, last_day=date(2025, 6, 30), by=by)
    assert list(staff.periods.order_by("number").values_list("last_day", flat=True)) == [
        date(2024, 1, 31),
        date(2025, 6, 30),
    ]
    assert selectors.offboarded_total(workspace, now=clock.now()) == 1


def test_reinstate_before_the_earlier_last_day_is_refused(add, by):
    staff = add(last_day=date(2024, 1, 31))
    with pytest.raises(people.Problem, match="31 January 2024"):
        people.reinstate(staff, starts_on=date(2024, 1, 30), by=by)
    assert EmploymentPeriod.objects.count() == 1


def test_reinstate_of_somebody_who_is_here_is_refused(add, by):
    with pytest.raises(people.Problem, match="not leaving"):
        people.reinstate(add(), by=by)


def test_return_is_recorded_on_its_day_and_not_ahead(workspace, by):
    staff = people.add(workspace, name="Comes Back", email="back@example.test", by=by)
    people.offboard(staff, last_day=date(2025, 3, 1), by=by)
    with pytest.raises(Problem, match="today or earlier") as refused:
        people.reinstate(staff, starts_on=clock.now().date() + timedelta(days=30), by=by)
    assert refused.value.field == "starts_on"
