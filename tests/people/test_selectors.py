"""Tests of people: selectors."""

from datetime import date, timedelta

import pytest
from django.db import connection

from audit import clock
from people import selectors
from people import services as people
from people.models import EmploymentPeriod, StaffMember
from workspaces import keyset

pytestmark = pytest.mark.django_db


def names(workspace, **wanted):
    return [row.name for row in selectors.directory(workspace, now=clock.now(), **wanted)]


@pytest.fixture
def company(workspace, add, role):
    later = clock.now().date() + timedelta(days=10)
    add("beta Current", email="second@example.test", org_roles=[role("Accountant")])
    add("Alpha Leaver", external_id="E-77", last_day=date(2024, 1, 31))
    add("Gamma Upcoming", last_day=later, org_roles=[role("Sales")])


def test_directory_lists_by_name_whatever_the_case(workspace, company):
    assert names(workspace) == ["Alpha Leaver", "beta Current", "Gamma Upcoming"]


def test_directory_of_another_workspace_is_empty(other_workspace, company):
    assert names(other_workspace) == []


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("current", ["beta Current"]),
        ("upcoming", ["Gamma Upcoming"]),
        ("offboarded", ["Alpha Leaver"]),
    ],
)
def test_directory_filters_by_status_and_shows_the_same(workspace, company, status, expected):
    rows = list(selectors.directory(workspace, status=status, now=clock.now()))
    assert [row.name for row in rows] == expected
    assert {row.status for row in rows} == {status}


@pytest.mark.parametrize("search", ["BETA", "second@", "SECOND@EXAMPLE.TEST"])
def test_directory_searches_names_and_addresses(workspace, company, search):
    assert names(workspace, search=search) == ["beta Current"]


def test_directory_searches_external_ids(workspace, company):
    assert names(workspace, search="e-77") == ["Alpha Leaver"]


def test_directory_filters_by_org_role(workspace, company):
    role = selectors.org_roles(workspace).get(name="Sales")
    assert names(workspace, org_role=role.id) == ["Gamma Upcoming"]


def test_directory_shows_a_person_with_history_once(workspace, add, by):
    staff = add("Alex One", email="old@example.test", last_day=date(2024, 1, 31))
    people.reinstate(staff, by=by)
    people.add_alias(staff, address="alias@example.test", by=by)
    [row] = selectors.directory(workspace, now=clock.now())
    assert (row.status, row.email, row.last_day) == ("current", "old@example.test", None)


def test_staff_member_of_another_workspace_does_not_exist(other_workspace, add):
    with pytest.raises(StaffMember.DoesNotExist):
        selectors.staff_member(other_workspace, add().id, now=clock.now())


def test_current_counts_upcoming_leavers_and_not_former_people(workspace, company):
    found = selectors.current(workspace, now=clock.now())
    assert [each.name for each in found] == ["beta Current", "Gamma Upcoming"]


@pytest.mark.parametrize("number", [1, 6_000])
def test_person_rows_takes_two_queries_for_any_number(
    workspace, other_workspace, add, role, django_assert_num_queries, number
):
    staff = add(org_roles=[role("Accountant")])
    now = clock.now()
    crowd = StaffMember.objects.bulk_create(
        StaffMember(workspace=workspace, name=f"Person {n}", external_id=f"N{n}", created_at=now)
        for n in range(number)
    )
    EmploymentPeriod.objects.bulk_create(
        EmploymentPeriod(workspace=workspace, staff=each, created_at=now) for each in crowd
    )
    left_out, stranger = crowd.pop(), add(workspace=other_workspace)
    with django_assert_num_queries(2):
        rows = selectors.person_rows(workspace, [staff.id, stranger.id, *[e.id for e in crowd]])
    assert len(rows) == number
    assert str(left_out.id) not in {row.id for row in rows}
    [mine] = [row for row in rows if row.id == str(staff.id)]
    assert len(mine.org_roles) == 1
    assert mine.roles_changed_at == staff.roles_changed_at


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("unal", ["Zoë Ünal"]),
        ("ZOE ün", ["Zoë Ünal"]),
        ("zoe nobody", []),
        ("z%", []),
        ("_", []),
        ("zoe.unal@", ["Zoë Ünal"]),
        ("nal", []),
    ],
)
def test_directory_search_folds_letters_and_takes_beginnings(workspace, add, search, found):
    add("Zoë Ünal", email="zoe.unal@example.test")
    add("Alex One")
    assert names(workspace, search=search) == found


def test_directory_search_follows_every_change(workspace, add, by):
    staff = add("Before Change", email="before@example.test")
    people.add_alias(staff, address="alias@example.test", by=by)
    assert names(workspace, search="alias@") == ["Before Change"]
    people.withdraw_alias(staff, address="alias@example.test", by=by)
    assert names(workspace, search="alias@") == []


@pytest.mark.parametrize("order", selectors.Order.values)
def test_directory_orders_are_keyset_pages(workspace, add, order):
    for n in range(5):
        add(f"Person {n}", last_day=date(2024, 1, 1 + n))
    rows = selectors.directory(workspace, order=order, now=clock.now())
    keys = selectors.KEYS[order]
    first = keyset.page(rows, keys=keys, size=2)
    second = keyset.page(rows, keys=keys, size=3, cursor=first.older)
    listed = [row.name for row in first.rows + second.rows]
    assert listed == sorted(listed, reverse=order.startswith("-"))


def test_directory_filters_by_standing(workspace, add):
    add("On Leave", on_leave=True)
    add("Not Started", starts_on=date(2199, 1, 1))
    add("Has Left", last_day=date(2024, 1, 1), on_leave=True)
    assert names(workspace, status="on_leave") == ["On Leave"]
    assert names(workspace, status="starting") == ["Not Started"]
    assert names(workspace, status="offboarded") == ["Has Left"]
    assert len(names(workspace, status="current")) == 2


def test_whoever_left_before_their_first_day_is_a_leaver_and_not_starting(workspace, add, by):
    rows = [{"name": f"New {n}", "external_id": f"E-{n}"} for n in range(2)]
    people.upsert(workspace, [rows[0] | {"starts_on": "2199-01-01"}, rows[1]], complete=True, by=by)
    people.upsert(workspace, rows[1:], complete=True, by=by)
    EmploymentPeriod.objects.filter(access_ends_at__isnull=False).update(access_ends_at=clock.now())
    assert names(workspace, status="offboarded") == ["New 0"]
    assert names(workspace, status="starting") == []


def test_directory_search_uses_its_index(workspace, add):
    add("Alex One")
    sql = selectors.directory(workspace, search="alex", now=clock.now()).explain()
    assert "staff_search" in sql or connection.vendor == "postgresql"
