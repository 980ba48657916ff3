"""A list of staff from another tool: what became of every row, and what is refused whole."""

import pytest

from people.models import StaffMember
from tests.api import Tool, is_problem

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(workspace, admin):
    return Tool(workspace, admin)


def test_import_adds_and_changes_and_tells_of_each_row(api):
    first = {"name": "Pushed Person", "external_id": "7", "org_roles": ["Accountant"]}
    body = {"staff": [first, {"name": "Nobody To Know"}], "create_roles": True}
    results = api.post("staff/import/", body).json()["results"]
    assert [each["action"] for each in results] == ["add", "problem"]
    again = api.post("staff/import/", {"staff": [first | {"email": "pushed@example.test"}]})
    assert again.json()["results"][0]["action"] == "change"
    assert StaffMember.objects.get().name == "Pushed Person"


def test_import_of_a_complete_list_makes_leavers_of_the_missing(api):
    everybody = [{"name": f"P {n}", "external_id": str(n)} for n in range(12)]
    api.post("staff/import/", {"staff": everybody})
    answer = api.post("staff/import/", {"staff": everybody[1:], "complete": True}).json()
    gone = StaffMember.objects.get(external_id="0")
    assert (answer["left"], answer["complete"]) == ([str(gone.pk)], True)


@pytest.mark.parametrize(
    "body",
    [{}, {"staff": {}}, {"staff": [1]}, {"staff": [{"name": 1}]}, {"staff": [{"nickname": "A"}]},
     {"staff": [{"name": "A", "starts_on": "1.4."}]}, {"staff": [], "complete": "yes"}],
)  # fmt: skip
def test_import_that_does_not_fit_is_refused_whole(api, body):
    assert is_problem(api.post("staff/import/", body), 422)
    assert not StaffMember.objects.exists()
