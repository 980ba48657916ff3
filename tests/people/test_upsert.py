"""Tests of people: bulk staff upsert from tools."""

import pytest

from audit import clock
from audit.models import Event
from audit.services import Actor
from people import selectors
from people import services as people
from people.models import StaffMember

pytestmark = pytest.mark.django_db

TOKEN = Actor(kind="token", label="HR tool")


def row(number, **more):
    return {"name": f"Person {number}", "external_id": f"E-{number}"} | more


def actions(done):
    return [each.action for each in done.results]


def test_upsert_adds_changes_and_leaves_the_rest(workspace):
    people.upsert(workspace, [row(1), row(2)], by=TOKEN)
    done = people.upsert(workspace, [row(1), row(2, name="Changed"), row(3)], by=TOKEN)
    assert actions(done) == ["same", "change", "add"]
    assert StaffMember.objects.get(external_id="E-2").name == "Changed"
    assert done.results[2].staff_id == StaffMember.objects.get(external_id="E-3").pk


def test_upsert_tells_problems_by_row_and_writes_the_others(workspace):
    done = people.upsert(
        workspace, [row(1), row(2, email="nobody"), row(1), {"name": "Nobody"}], by=TOKEN
    )
    assert actions(done) == ["add", "problem", "problem", "problem"]
    assert [each.problems[0].column for each in done.results[1:]] == [
        "email",
        "external_id",
        "email",
    ]
    assert StaffMember.objects.count() == 1


def test_upsert_takes_as_many_queries_for_ten_as_for_a_thousand(
    workspace, django_assert_max_num_queries
):
    counts = []
    for number in (10, 1_000):
        rows = [row(f"{number}.{n}", email=f"p{n}.of.{number}@example.test") for n in range(number)]
        with django_assert_max_num_queries(120) as queries:
            people.upsert(workspace, rows, by=TOKEN)
        counts.append(len(queries))
    assert counts[1] - counts[0] < 80  # statements hold a bounded number of values
    # Ten people are recorded one by one, a thousand in two events beside the one for the list.
    assert Event.objects.filter(kind="staff.added").count() == 10
    assert Event.objects.filter(kind="staff.imported").count() == 1 + 3


def test_upsert_of_a_complete_list_makes_leavers(workspace):
    rows = [row(n) for n in range(20)]
    people.upsert(workspace, rows, complete=True, by=TOKEN)
    done = people.upsert(workspace, rows[1:], complete=True, by=TOKEN)
    assert (len(done.left), done.complete) == (1, True)
    with pytest.raises(people.Problem, match="Nothing was saved"):
        people.upsert(workspace, rows[:5], complete=True, by=TOKEN)
    now = clock.now()
    assert selectors.directory(workspace, status="upcoming", now=now).count() == 1


@pytest.mark.parametrize("number", [1, 2])
def test_complete_list_that_nobody_here_is_in_is_held_however_few_they_are(workspace, number):
    people.upsert(workspace, [row(n) for n in range(number)], complete=True, by=TOKEN)
    for nobody in ([], [row(9)]):
        with pytest.raises(people.Problem, match="Nobody of those who are here would stay"):
            people.upsert(workspace, nobody, complete=True, by=TOKEN)
    assert StaffMember.objects.count() == number
    done = people.upsert(workspace, [], complete=True, accept_shrinking=True, by=TOKEN)
    assert len(done.left) == number
    assert people.upsert(workspace, [], complete=True, by=TOKEN).left == ()


def test_fields_of_a_source_change_only_there(workspace, admin_client, by):
    people.upsert(workspace, [row(1, email="one@example.test")], by=TOKEN)
    staff = StaffMember.objects.get()
    same = {
        "email": "one@example.test",
        "external_id": "E-1",
        "employment_type": "employee",
        "org_roles": [],
        "manager": None,
        "starts_on": None,
    }
    with pytest.raises(people.Problem, match="REST API"):
        people.edit(staff, name="By Hand", **same, by=by)
    people.edit(staff, name="By Token", **same, by=TOKEN)
    page = admin_client.get(f"/people/{staff.pk}/edit/").content.decode()
    assert "read-only here" in page


def test_new_record_with_a_former_persons_address_waits_for_a_choice(workspace, by):
    left = people.add(workspace, name="Former", email="a@example.test", by=by)
    people.offboard(left, last_day=None, access_ends="now", by=by)
    new = row(1, email="a@example.test")
    assert actions(people.upsert(workspace, [new], by=TOKEN)) == ["choice"]
    assert StaffMember.objects.count() == 1
    done = people.upsert(workspace, [new | {"same_person": True}], by=TOKEN)
    assert (actions(done), done.results[0].staff_id) == (["change"], left.pk)


def test_return_that_lies_ahead_is_a_problem_of_its_row(workspace, by):
    left = people.add(workspace, name="Former", email="a@example.test", by=by)
    people.offboard(left, last_day=None, access_ends="now", by=by)
    ahead = {"same_person": True, "starts_on": "2099-01-01"}
    done = people.upsert(workspace, [row(1, email="a@example.test") | ahead], by=TOKEN)
    assert actions(done) == ["problem"]
    assert "from 1 January 2099 on" in done.results[0].problems[0].words
    assert left.periods.count() == 1


@pytest.mark.parametrize("rows", [[{"robot": "1"}], [{"name": "x"}] * 5_001])
def test_upsert_of_unknown_keys_or_too_many_rows_is_refused(workspace, rows):
    with pytest.raises(people.Problem):
        people.upsert(workspace, rows, by=TOKEN)
    assert StaffMember.objects.count() == 0


def test_complete_list_without_somebody_who_has_not_started_is_taken(workspace):
    rows = [row(n) for n in range(5)]
    people.upsert(workspace, [*rows, row(9, starts_on="2099-04-01")], complete=True, by=TOKEN)
    done = people.upsert(workspace, rows, complete=True, by=TOKEN)
    assert (len(done.left), done.complete) == (1, True)
