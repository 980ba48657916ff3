"""Tests of people: staff."""

from datetime import date

import pytest

from audit import clock
from audit import selectors as audit
from people import selectors
from people import services as people
from people.models import EmailAddress

pytestmark = pytest.mark.django_db


def kinds(workspace, staff):
    return [event["kind"] for event in audit.history(workspace.id, f"staff:{staff.id}")]


def edited(staff, **changes):
    kept = {
        "name": staff.name,
        "email": EmailAddress.objects.get(staff=staff, kind="work", until=None).address,
        "external_id": staff.external_id,
        "employment_type": staff.employment_type,
        "org_roles": list(staff.org_roles.all()),
        "manager": staff.manager,
        "starts_on": selectors.latest_period(staff).starts_on,
    }
    return kept | changes


def test_add_puts_a_person_with_role_and_address_into_the_directory(workspace, add, role):
    accountant = role("Accountant")
    staff = add("Alex One", email="Alex@Example.test", org_roles=[accountant])
    found = selectors.staff_member(workspace, staff.id, now=clock.now())
    assert (found.email, found.status) == ("Alex@Example.test", "current")
    assert list(found.org_roles.all()) == [accountant]
    assert found.roles_changed_at is not None
    assert "staff.added" in kinds(workspace, staff)


def test_add_with_a_last_day_offboards_in_the_same_act(workspace, add):
    staff = add(last_day=date(2024, 1, 31))
    assert selectors.staff_member(workspace, staff.id, now=clock.now()).status == "offboarded"
    assert "staff.offboarded" in kinds(workspace, staff)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"email": "", "external_id": " "}, "email"),
        ({"email": "nobody"}, "email"),
        ({"external_id": "x" * 101}, "external_id"),
        ({"employment_type": "robot"}, "employment_type"),
        ({"starts_on": date(1, 1, 1)}, "starts_on"),
        ({"last_day": date(9999, 12, 31)}, "last_day"),
        ({"starts_on": date(2025, 5, 2), "last_day": date(2025, 5, 1)}, "last_day"),
    ],
)
def test_add_of_bad_input_names_the_field_and_keeps_nothing(workspace, add, fields, field):
    with pytest.raises(people.Problem) as problem:
        add(**fields)
    assert problem.value.field == field
    assert not selectors.for_workspace(workspace).exists()


def test_add_with_an_external_id_alone_is_enough(add):
    assert add(email="", external_id="E-1").addresses.count() == 0


def test_add_of_a_former_persons_address_names_them(add):
    add("Former Bookkeeper", email="books@example.test", last_day=date(2024, 1, 31))
    with pytest.raises(people.Problem, match="Former Bookkeeper"):
        add(email="BOOKS@example.test ")


def test_add_of_a_taken_external_id_names_the_holder(add):
    add("First Holder", external_id="E-1")
    with pytest.raises(people.Problem, match="First Holder"):
        add(external_id="E-1")


def test_add_of_an_address_of_another_workspace_is_free(other_workspace, add):
    add(email="same@example.test")
    assert add(email="same@example.test", workspace=other_workspace).pk


def test_add_with_a_role_or_manager_of_another_workspace_is_refused(other_workspace, add, by):
    foreign = people.create_org_role(other_workspace, name="Accountant", by=by)
    with pytest.raises(people.Problem):
        add(org_roles=[foreign])
    with pytest.raises(people.Problem):
        add(manager=add(workspace=other_workspace))


def test_edit_of_the_address_dates_the_old_one_and_records_both(workspace, add, by):
    staff = add(email="old@example.test")
    people.edit(staff, **edited(staff, email="new@example.test"), by=by)
    old, new = staff.addresses.order_by("since")
    assert (old.address, old.until) == ("old@example.test", new.since)
    assert new.until is None
    body = audit.history(workspace.id, f"staff:{staff.id}")[0]["body"]
    assert (body["before"], body["after"]) == ("old@example.test", "new@example.test")


def test_edit_records_only_what_differs(workspace, add, by):
    staff = add("Alex One")
    people.edit(staff, **edited(staff, name="Alex Two"), by=by)
    event = audit.history(workspace.id, f"staff:{staff.id}")[0]
    assert event["kind"] == "staff.changed"
    assert (event["body"]["before"], event["body"]["after"]) == (
        {"name": "Alex One"},
        {"name": "Alex Two"},
    )


def test_edit_that_changes_nothing_records_nothing(workspace, add, by):
    staff = add()
    before = kinds(workspace, staff)
    people.edit(staff, **edited(staff), by=by)
    assert kinds(workspace, staff) == before


def test_edit_back_to_an_earlier_address_works(add, by):
    staff = add(email="old@example.test")
    for email in ("new@example.test", "old@example.test"):
        people.edit(staff, **edited(staff, email=email), by=by)
    assert staff.addresses.get(until=None).address == "old@example.test"


def test_edit_makes_an_alias_the_work_address(add, by):
    staff = add(email="old@example.test")
    people.add_alias(staff, address="alias@example.test", by=by)
    people.edit(staff, **edited(staff, email="alias@example.test"), by=by)
    assert staff.addresses.get(until=None).kind == EmailAddress.Kind.WORK


def test_edit_to_a_taken_address_changes_nothing(add, by):
    add("First Holder", email="taken@example.test")
    staff = add("Alex One", email="alex@example.test")
    with pytest.raises(people.Problem, match="First Holder"):
        people.edit(staff, **edited(staff, name="X", email="taken@example.test"), by=by)
    staff.refresh_from_db()
    assert staff.name == "Alex One"
    assert staff.addresses.get(until=None).address == "alex@example.test"


def test_edit_to_start_after_the_last_day_is_refused(add, by):
    staff = add(last_day=date(2025, 5, 1))
    with pytest.raises(people.Problem, match="1 May 2025"):
        people.edit(staff, **edited(staff, starts_on=date(2025, 5, 2)), by=by)


def test_alias_of_somebody_else_is_refused_and_a_withdrawn_one_is_free(add, by):
    one, two = add("Alex One"), add("Alex Two")
    people.add_alias(one, address="alias@example.test", by=by)
    with pytest.raises(people.Problem, match="Alex One"):
        people.add_alias(two, address="Alias@example.test", by=by)
    people.withdraw_alias(one, address="ALIAS@example.test", by=by)
    assert people.add_alias(two, address="alias@example.test", by=by).pk
    with pytest.raises(people.Problem, match="not an alias"):
        people.withdraw_alias(one, address="alias@example.test", by=by)


def test_set_org_roles_moves_the_clock_only_when_they_differ(workspace, add, role, by):
    accountant, sales = role("Accountant"), role("Sales")
    staff = add(org_roles=[accountant])
    first = staff.roles_changed_at
    people.set_org_roles(staff, org_roles=[accountant], by=by)
    assert staff.roles_changed_at == first
    people.set_org_roles(staff, org_roles=[sales], by=by)
    staff.refresh_from_db()
    assert staff.roles_changed_at > first
    body = audit.history(workspace.id, f"staff:{staff.id}")[0]["body"]
    assert (body["before"], body["after"]) == (["Accountant"], ["Sales"])
