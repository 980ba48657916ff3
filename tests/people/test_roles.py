"""Tests of people: roles."""

from datetime import date

import pytest

from audit import clock
from audit import selectors as audit
from people import selectors
from people import services as people

pytestmark = pytest.mark.django_db


def test_create_org_role_tidies_the_name_and_records_it(workspace, by):
    role = people.create_org_role(workspace, name="  Finance   lead ", by=by)
    assert role.name == "Finance lead"
    assert audit.history(workspace.id, f"org_role:{role.id}")[0]["kind"] == "org_role.created"


@pytest.mark.parametrize("name", ["", "  ", "x" * 101])
def test_create_org_role_without_a_usable_name_is_refused(workspace, by, name):
    with pytest.raises(people.Problem):
        people.create_org_role(workspace, name=name, by=by)


def test_create_org_role_of_a_taken_name_is_refused_in_words(role):
    role("Accountant")
    with pytest.raises(people.Problem, match="already"):
        role("accountant")


def test_create_org_role_of_the_same_name_elsewhere_is_free(other_workspace, role, by):
    role("Accountant")
    assert people.create_org_role(other_workspace, name="Accountant", by=by).pk


def test_rename_org_role_records_both_names_and_keeps_the_people(workspace, add, role, by):
    accountant = role("Accountant")
    staff = add(org_roles=[accountant])
    people.rename_org_role(accountant, name="Bookkeeper", by=by)
    body = audit.history(workspace.id, f"org_role:{accountant.id}")[0]["body"]
    assert (body["before"], body["after"]) == ("Accountant", "Bookkeeper")
    assert [each.name for each in staff.org_roles.all()] == ["Bookkeeper"]


def test_rename_org_role_in_another_case_is_no_clash(role, by):
    assert people.rename_org_role(role("accountant"), name="Accountant", by=by).name == "Accountant"


def test_rename_org_role_to_a_taken_name_is_refused(role, by):
    role("Accountant")
    with pytest.raises(people.Problem, match="already"):
        people.rename_org_role(role("Sales"), name="ACCOUNTANT", by=by)


def test_org_roles_count_the_people_who_are_here(workspace, other_workspace, add, role, by):
    accountant = role("Accountant")
    role("Sales")
    people.create_org_role(other_workspace, name="Foreign", by=by)
    add(org_roles=[accountant])
    add(org_roles=[accountant], last_day=date(2024, 1, 31))
    rows = selectors.org_roles(workspace, now=clock.now())
    assert [(row.name, row.people) for row in rows] == [("Accountant", 1), ("Sales", 0)]
    assert [row.name for row in selectors.org_roles(workspace)] == ["Accountant", "Sales"]
