"""What pages tell of the past, told by the API: days of a check, a verdict's facts, a system's history."""

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from access import services as access
from checks.models import Task
from tests import given
from tests.access.worlds import system as a_system
from tests.api import Tool, is_problem

pytestmark = pytest.mark.django_db
IDENTIFIED = "user_identified"


@pytest.fixture
def system(workspace, admin):
    rows = [given.row("First Unknown", subscriber=True), given.row("Second Unknown")]
    return a_system(workspace, admin, rows)


@pytest.fixture
def api(workspace, auditor):
    return Tool(workspace, auditor, ("read",))


@pytest.fixture
def task(system):
    return Task.objects.get(check_id=IDENTIFIED, subject_label__startswith="First")


def good(answer):
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_days_are_those_of_the_page(system, api, auditor_client):
    days = good(api.get(f"checks/{IDENTIFIED}/days/"))["results"]
    page = auditor_client.get(reverse("access:check", args=[IDENTIFIED]))
    shown = [each["day"] for each in page.context["chart"]["bars"]]
    assert [each["day"] for each in days] == [each.day.isoformat() for each in shown]
    assert [each["monitored"] for each in days] == [each.monitored for each in shown]
    assert days[0] == {
        "day": shown[0].day.isoformat(), "monitored": False, "status": None, "counts": [],
    }  # fmt: skip
    assert (days[-1]["status"], days[-1]["counts"]) == ("Due", [{"status": "Due", "tasks": 2}])


def test_days_of_one_system_leave_out_the_others(system, workspace, admin, api):
    other = a_system(workspace, admin, [given.row("Third", subscriber=True)], name="Other Books")
    for of, tasks in ((system, 2), (other, 1)):
        days = good(api.get(f"checks/{IDENTIFIED}/days/?system={of.pk}"))["results"]
        assert days[-1]["counts"] == [{"status": "Due", "tasks": tasks}]


def test_days_of_what_does_not_exist_are_absent(system, api):
    nobody = "00000000-0000-4000-8000-000000000000"
    for path in ("checks/made_up/days/", f"checks/{IDENTIFIED}/days/?system={nobody}"):
        assert is_problem(api.get(path), 404), path
    assert is_problem(api.get(f"checks/{IDENTIFIED}/days/?system=1"), 400)


def test_explanation_names_facts_rules_run_and_what_would_change_it(task, system, api):
    said = good(api.get(f"tasks/{task.pk}/explanation/?replay=true"))
    assert said["evaluation"]["facts_digest"] == task.evaluation.facts.digest
    assert (said["outcome"], said["why"]) == ("fail", task.why)
    assert [said[word] for word in ("is_present", "same_rules", "reproduced")] == [True] * 3
    assert said["sync_run"] == str(system.connection.runs.get().pk)
    facts = {each["label"]: each["value"] for group in said["facts"] for each in group["facts"]}
    assert facts["E-mail"] == "first.unknown@example.test"
    assert [each["kind"] for each in said["would_change"]] == ["remedy", "critical", "failing"]
    assert [each["id"] for each in said["evaluations"]] == [str(task.evaluation_id)]


def test_explanation_of_an_earlier_verdict_has_the_facts_of_then(task, system, api):
    books, second = system.connection, given.row("Second Unknown", subscriber=True)
    given.read(books, [second])
    given.read(books, [second, given.row("First Unknown", "another@example.test")])
    address = f"tasks/{task.pk}/explanation/"
    present = good(api.get(address))
    gone = present["evaluations"][1]["id"]
    earlier = good(api.get(f"{address}?evaluation={gone}"))
    assert (earlier["is_present"], present["is_present"]) == (False, True)
    assert (earlier["outcome"], earlier["why"], earlier["reproduced"]) == (None, "", None)
    assert "another@example.test" not in str(earlier["facts"])
    assert "another@example.test" in str(present["facts"])


def test_explanation_of_an_evaluation_that_is_not_the_tasks_is_absent(task, api):
    nobody = "00000000-0000-4000-8000-000000000000"
    assert is_problem(api.get(f"tasks/{task.pk}/explanation/?evaluation={nobody}"), 404)


def test_history_tells_of_accounts_and_of_times_when_nobody_looked(system, admin, api, by):
    raised = given.row("First Unknown", level="FINANCIALADVISER", subscriber=True)
    given.read(system.connection, [raised])
    access.remove_system(system, reason="Not used for now", by=by)
    access.add_system(
        system.workspace, integration="xero", connection=system.connection, user=admin, by=by
    )
    lines = good(api.get(f"systems/{system.pk}/history/"))["results"]
    assert [each["kind"] for each in lines[:2]] == ["resumed", "stopped"]
    assert (lines[1]["gap"]["cause"], lines[1]["gap"]["reason"]) == ("removed", "Not used for now")
    assert {each["kind"] for each in lines[2:4]} == {"changed", "went"}
    (changed,) = [each for each in lines if each["kind"] == "changed"]
    assert (changed["raised"], changed["changes"][0]["what"]) == (True, "Xero role")
    assert [each["kind"] for each in lines[4:]] == ["came", "came"]


def test_history_is_paged_and_a_made_up_cursor_is_refused(system, api):
    address = f"systems/{system.pk}/history/?limit=1"
    first = good(api.get(address))
    second = good(api.get(first["next"].removeprefix("http://testserver")))
    assert {first["results"][0]["name"], second["results"][0]["name"]} == {
        "First Unknown", "Second Unknown",
    }  # fmt: skip
    assert second["next"] is None
    assert is_problem(api.get(f"{address}&cursor=made-up"), 404)


@pytest.mark.parametrize("path", ["checks/user_identified/days/", "systems/{}/history/"])
def test_readings_that_are_polled_are_answered_with_304(path, system, api):
    address = path.format(system.pk)
    etag = api.get(address)["ETag"]
    assert api.get(address, If_None_Match=etag).status_code == 304


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("checks/user_identified/days/", 25),
        ("systems/{0}/history/", 15),
        ("tasks/{1}/explanation/", 20),
    ],
)
def test_readings_of_the_past_ask_as_little_of_more(path, most, system, task, api, admin):
    def asked():
        with CaptureQueriesContext(database) as queries:
            good(api.get(path.format(system.pk, task.pk)))
        return len(queries)

    before = asked()
    crowd = [given.row(f"Person {number}") for number in range(20)]
    given.read(system.connection, [given.row("First Unknown", subscriber=True), *crowd])
    a_system(system.workspace, admin, [given.row("Third", subscriber=True)], name="Other Books")
    assert asked() <= before <= most
