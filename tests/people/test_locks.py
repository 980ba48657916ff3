"""Tests of people: what happens where two acts meet at the same people."""

import pytest

from audit.models import Event
from audit.services import Actor
from people import services as people
from people.models import EmploymentPeriod, StaffMember
from tests.committing import admins_of_their_own, together

TOKEN = Actor(kind="token", label="HR tool")


def listed(workspace, by, number=2):
    return [
        people.add(workspace, name=f"P{n}", email=f"p{n}@example.test", external_id=f"E-{n}", by=by)
        for n in range(number)
    ]


def errors(found):
    return [each for each in found if isinstance(each, Exception)]


@pytest.mark.django_db
@pytest.mark.parametrize("act", ["offboard", "reinstate", "edit", "set_org_roles"])
def test_act_on_a_record_that_was_merged_meanwhile_is_refused_in_words(workspace, by, act):
    duplicate, survivor = listed(workspace, by)
    people.merge(survivor, duplicate=duplicate, by=by)
    duplicate = StaffMember.objects.get(pk=duplicate.pk)
    acts = {
        "offboard": lambda: people.offboard(duplicate, last_day=None, access_ends="now", by=by),
        "reinstate": lambda: people.reinstate(duplicate, by=by),
        "edit": lambda: people.change(duplicate, name="Another", by=by),
        "set_org_roles": lambda: people.set_org_roles(duplicate, org_roles=[], by=by),
    }
    with pytest.raises(people.Problem, match="was merged into P1 meanwhile"):
        acts[act]()


@pytest.mark.django_db
def test_bulk_change_of_org_roles_is_one_act_and_all_or_nothing(workspace, other_workspace, by):
    one, two = listed(workspace, by)
    role = people.create_org_role(workspace, name="Clerk", by=by)
    foreign = people.create_org_role(other_workspace, name="Clerk", by=by)
    assert people.change_org_roles([one, two], add=[role], by=by) == 2
    instants = Event.objects.filter(kind="staff.roles_changed").values_list("at", flat=True)
    assert len(set(instants)) == 1
    with pytest.raises(people.Problem):
        people.change_org_roles([one, two], add=[foreign], by=by)
    assert set(one.org_roles.all()) == set(two.org_roles.all()) == {role}


def test_changes_of_different_fields_at_once_both_stay(committing, by):
    workspace, _ = admins_of_their_own(1, by)
    (staff,) = listed(workspace, by, 1)
    role = people.create_org_role(workspace, name="Clerk", by=by)
    copies = [StaffMember.objects.get(pk=staff.pk) for _ in range(3)]
    found = together(
        [
            lambda: people.change(copies[0], name="Another", by=by),
            lambda: people.change(copies[1], employment_type="intern", by=by),
            lambda: people.change_org_roles([copies[2]], add=[role], by=by),
        ]
    )
    staff.refresh_from_db()
    assert errors(found) == []
    assert (staff.name, staff.employment_type) == ("Another", "intern")
    assert list(staff.org_roles.all()) == [role]


def test_two_who_take_somebody_back_at_once_begin_one_employment(committing, by):
    workspace, _ = admins_of_their_own(1, by)
    (staff,) = listed(workspace, by, 1)
    people.offboard(staff, last_day=None, access_ends="now", by=by)
    found = together([lambda: people.reinstate(StaffMember.objects.get(pk=staff.pk), by=by)] * 2)
    assert [type(each) for each in errors(found)] == [people.Problem]
    assert EmploymentPeriod.objects.filter(staff=staff).count() == 2


def test_lists_in_opposite_order_edits_and_merges_at_once_all_end(committing, by):
    workspace, _ = admins_of_their_own(1, by)
    staff = listed(workspace, by, 40)
    rows = [{"external_id": f"E-{n}", "on_leave": True} for n in range(30)]
    found = together(
        [
            lambda: people.upsert(workspace, rows, by=TOKEN),
            lambda: people.upsert(
                workspace, [row | {"starts_on": "2020-01-02"} for row in rows[::-1]], by=TOKEN
            ),
            lambda: people.change(StaffMember.objects.get(pk=staff[3].pk), name="Kept", by=by),
            lambda: people.merge(staff[39], duplicate=staff[38], by=by),
        ]
    )
    assert errors(found) == []
    assert StaffMember.objects.filter(on_leave=True).count() == 30
    assert StaffMember.objects.get(pk=staff[3].pk).name == "Kept"
