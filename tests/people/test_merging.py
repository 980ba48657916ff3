"""Tests of people: merging duplicates."""

from datetime import date

import pytest

from audit import clock
from audit.models import Event
from people import selectors
from people import services as people
from people.models import EmploymentPeriod

pytestmark = pytest.mark.django_db


def test_merge_moves_addresses_roles_and_reports(workspace, add, role, by):
    accountant, sales = role("Accountant"), role("Sales")
    survivor = add("Alex One", email="alex@example.test", org_roles=[accountant])
    duplicate = add("A. One", email="a.one@example.test", org_roles=[accountant, sales])
    report = add("Example Report", manager=duplicate)
    people.merge(survivor, duplicate=duplicate, by=by)
    held = survivor.addresses.filter(until__isnull=True)
    assert sorted(held.values_list("address", "kind")) == [
        ("a.one@example.test", "alias"),
        ("alex@example.test", "work"),
    ]
    assert set(survivor.org_roles.all()) == {accountant, sales}
    report.refresh_from_db()
    assert report.manager == survivor


def test_merge_deletes_nobody_and_lists_one(workspace, add, by):
    survivor, duplicate = add("Alex One"), add("Alex Won")
    people.merge(survivor, duplicate=duplicate, by=by)
    duplicate.refresh_from_db()
    assert (duplicate.merged_into, duplicate.merged_at is not None) == (survivor, True)
    now = clock.now()
    assert [row.name for row in selectors.directory(workspace, now=now)] == ["Alex One"]
    assert not selectors.directory(workspace, search="won", now=now)
    assert selectors.latest_period(survivor).number == 1


def test_merge_puts_periods_in_order(workspace, add, by):
    earlier = add("Alex One", starts_on=date(2020, 1, 1), last_day=date(2021, 1, 31))
    later = add("Alex One", starts_on=date(2023, 1, 1))
    people.merge(earlier, duplicate=later, by=by)
    periods = EmploymentPeriod.objects.filter(staff=earlier).order_by("number")
    assert [(each.number, each.starts_on.year, each.latest) for each in periods] == [
        (1, 2020, False),
        (2, 2023, True),
    ]
    found = selectors.staff_member(earlier.workspace, earlier.pk, now=clock.now())
    assert found.status == "current"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"last_day": date(2024, 1, 31)}, {}),
        ({}, {"last_day": date(2024, 1, 31)}),
        ({"last_day": date(2024, 1, 31)}, {"last_day": date(2024, 2, 29)}),
        ({"starts_on": date(2020, 1, 1)}, {"starts_on": date(2021, 1, 1)}),
    ],
)
def test_merge_of_contradicting_employment_is_refused(workspace, add, by, one, other):
    survivor, duplicate = add("Alex One", **one), add("Alex Two", **other)
    before = Event.objects.count()
    with pytest.raises(people.Problem, match="contradict"):
        people.merge(survivor, duplicate=duplicate, by=by)
    duplicate.refresh_from_db()
    assert (duplicate.merged_into, Event.objects.count()) == (None, before)


def test_merge_with_oneself_or_a_merged_record_is_refused(workspace, add, by):
    survivor, duplicate, third = add(), add(), add()
    with pytest.raises(people.Problem):
        people.merge(survivor, duplicate=survivor, by=by)
    people.merge(survivor, duplicate=duplicate, by=by)
    with pytest.raises(people.Problem):
        people.merge(third, duplicate=duplicate, by=by)
