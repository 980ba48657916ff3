"""People over the API, many at once: Org roles, addresses, the list as a whole."""

import pytest
from django.urls import reverse

from people import services as people
from tests.api import Tool, is_problem

pytestmark = pytest.mark.django_db
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def api(workspace, admin):
    return Tool(workspace, admin)


@pytest.fixture
def staff(workspace, by):
    return [
        people.add(workspace, name=f"Person {n}", email=f"person.{n}@example.test", by=by)
        for n in range(3)
    ]


def test_org_roles_are_given_to_several_people_and_taken_away(api, workspace, staff, by):
    old, new = (people.create_org_role(workspace, name=name, by=by) for name in ("Old", "New"))
    body = {"staff": [str(each.pk) for each in staff], "add": [str(new.pk)]}
    assert api.post("staff/change-roles/", body).json() == {"changed": 3}
    swap = body | {"add": [str(old.pk)], "remove": [str(new.pk)]}
    assert api.post("staff/change-roles/", swap).json() == {"changed": 3}
    assert {role.name for each in staff for role in each.org_roles.all()} == {"Old"}
    assert is_problem(api.post("staff/change-roles/", body | {"staff": [NOBODY]}), 422)


def test_many_people_cost_no_more_questions(
    api, workspace, staff, by, django_assert_max_num_queries
):
    """Looking them up, that is: each one's roles are changed by themselves."""
    body = {"staff": [str(each.pk) for each in staff] * 100, "add": []}
    api.post("staff/change-roles/", body)
    with django_assert_max_num_queries(30):
        assert api.post("staff/change-roles/", body).json() == {"changed": 0}


def test_alias_is_noted_listed_and_ended(api, staff):
    path, alias = f"staff/{staff[0].pk}/addresses/", {"address": "alias@example.test"}
    assert api.post(path, alias).json()["kind"] == "alias"
    assert is_problem(api.post(path, alias), 422)
    assert is_problem(api.post(path, {"address": "none"}), 422)
    assert api.post(f"{path}end/", alias).status_code == 204
    rows = {each["address"]: each["until"] for each in api.get(path).json()["results"]}
    assert rows["person.0@example.test"] is None
    assert rows["alias@example.test"] is not None
    assert is_problem(api.post(f"{path}end/", alias), 422)
    assert is_problem(api.post(f"staff/{NOBODY}/addresses/", alias), 404)


def test_list_is_confirmed_complete(api):
    assert api.post("staff/confirm-complete/").json()["confirmed_by"] == "Test tool"


@pytest.fixture
def starter(api):
    body = {"name": "New Starter", "email": "starter@example.test", "starts_on": "2199-01-01"}
    return api.post("staff/", body).json()


def named(answer):
    assert answer.status_code == 200, answer.content
    return {each["name"] for each in answer.json()["results"]}


def test_person_whose_first_day_is_ahead_is_starting(api, staff, starter):
    assert starter["status"] == "starting"
    assert api.get(f"staff/{starter['id']}/").json()["status"] == "starting"
    assert named(api.get("staff/?status=starting")) == {"New Starter"}
    assert named(api.get("staff/?status=current")) == {each.name for each in staff}


def test_leaver_whose_first_day_is_ahead_is_an_upcoming_leaver(api, starter):
    path = f"staff/{starter['id']}/offboard/"
    assert api.post(path, {"last_day": "2199-01-05"}).json()["status"] == "upcoming"
    assert named(api.get("staff/?status=starting")) == set()


def test_person_pushed_by_a_tool_comes_from_the_api(api, admin_client, staff, starter):
    assert starter["source"] == "api"
    assert named(api.get("staff/?source=api")) == {"New Starter"}
    shown = admin_client.get(reverse("people:directory"), {"source": "api"}).content.decode()
    assert "New Starter" in shown
    assert staff[0].name not in shown
