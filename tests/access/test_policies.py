"""Policies: changed by admins only, recorded, kept as typed when wrong, and for new tasks only."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from access import services as access
from audit import selectors as audit
from checks import selectors as checks
from checks import services as check_services
from checks.facts import Policy
from checks.models import CheckPolicy, Task
from checks.rules import CHECKS
from people import services as people
from people.services import Problem
from tests import given

pytestmark = pytest.mark.django_db
PAGES = ["policies", "calendar", "policy"]


def address(page):
    return reverse(f"access:{page}", args=["user_identified"] if page == "policy" else [])


@pytest.mark.parametrize("page", PAGES)
def test_page_works_refuses_other_methods_and_sends_the_anonymous_away(page, admin_client, client):
    assert admin_client.get(address(page)).status_code == 200
    assert admin_client.delete(address(page)).status_code == 405
    assert client.get(address(page)).status_code == 302


@pytest.mark.parametrize("page", ["calendar", "policy"])
def test_changing_refuses_whoever_is_no_admin(page, auditor_client):
    assert auditor_client.get(address(page)).status_code == 403
    assert auditor_client.post(address(page), {}).status_code == 403


def test_auditor_reads_the_policies_without_buttons_to_change_them(auditor_client):
    text = auditor_client.get(address("policies")).content.decode()
    assert "1 business day" in text
    assert address("policy") not in text


def test_policy_of_a_check_that_does_not_exist_is_absent(admin_client):
    assert admin_client.get(reverse("access:policy", args=["nonsense"])).status_code == 404


@pytest.mark.parametrize(
    "typed",
    [
        {"grace_days": "seven", "window_days": "2", "days": "calendar"},
        {"grace_days": "-1", "window_days": "2", "days": "calendar"},
        {"grace_days": "7", "window_days": "9999", "days": "calendar"},
        {"grace_days": "7", "window_days": "2", "days": "moons"},
        {"grace_days": "7\x00", "window_days": "2", "days": "calendar"},
        {},
    ],
)
def test_bad_figures_are_refused_in_words_and_kept_as_typed(typed, workspace, admin_client):
    response = admin_client.post(address("policy"), typed)
    assert response.status_code == 422
    assert not CheckPolicy.objects.exists()
    text = response.content.decode()
    assert "Nothing was saved yet" in text
    if typed.get("window_days") == "9999":
        assert "9999" in text


def test_bad_holidays_name_the_line_and_are_kept(admin_client):
    typed = {"working_days": ["0"], "holidays": "2027-01-01 New Year\nsomeday"}
    response = admin_client.post(address("calendar"), typed)
    assert response.status_code == 422
    text = response.content.decode()
    assert "Line 2 does not begin with a day" in text
    assert "2027-01-01 New Year" in text


def test_calendar_without_a_working_day_is_refused(workspace, admin, admin_client, by):
    assert admin_client.post(address("calendar"), {"holidays": ""}).status_code == 422
    with pytest.raises(Problem, match="at least one day"):
        check_services.set_calendar(workspace, working_days=[], holidays=[], user=admin, by=by)


def test_calendar_saved_by_an_admin_is_shown_and_counts(workspace, admin_client):
    typed = {"working_days": ["0", "1"], "holidays": "2027-01-01 New Year's Day\n2026-12-25"}
    assert admin_client.post(address("calendar"), typed).status_code == 302
    found = checks.calendar(workspace)
    assert found.working_days == {0, 1}
    assert found.holidays == {date(2027, 1, 1), date(2026, 12, 25)}
    assert found.zone == "Europe/London"
    assert "Monday and Tuesday" in admin_client.get(address("policies")).content.decode()


def test_window_longer_than_the_grace_is_told_as_critical_from_its_start(admin_client):
    told = admin_client.get(address("policies")).content.decode()
    assert told.count("from its start") == 1  # the default of leavers: 1 business day
    assert "The window of 2 business days is longer than the time to fix it." in told
    typed = {"grace_days": "3", "window_days": "4", "days": "calendar"}
    told = admin_client.post(address("policy"), typed, follow=True).content.decode()
    assert "Critical from their start" in told
    assert "The window of 4 days is longer than the time to fix it." in told
    told = admin_client.post(address("policy"), typed | {"window_days": "3"}, follow=True)
    assert "Critical from their start" not in told.content.decode()
    assert "the last 3 days" in told.content.decode()


def test_policy_change_is_recorded_with_before_and_after(workspace, admin_client):
    typed = {"grace_days": "3", "window_days": "1", "days": "business"}
    admin_client.post(address("policy"), typed)
    admin_client.post(address("policy"), typed)  # the same again is no change
    (event,) = audit.history(workspace.id, "policy:user_identified")
    assert event["kind"] == "policy.changed"
    assert event["body"]["before"]["grace_days"] == 7
    assert event["body"]["after"] == {"grace_days": 3, "window_days": 1, "business_days": True}


def test_policy_service_refuses_what_no_form_would_send(workspace, admin, by):
    for check_id, policy in (
        ("nonsense", Policy(1)),
        ("user_identified", Policy(-1)),
        ("user_identified", Policy(366)),
        ("user_identified", Policy(1, window_days=91)),
    ):
        with pytest.raises(Problem):
            check_services.set_policy(
                workspace, check_id=check_id, policy=policy, user=admin, by=by
            )


def test_policies_of_another_workspace_stay_their_own(workspace, other_workspace, admin, by):
    check_services.set_policy(
        workspace, check_id="user_identified", policy=Policy(30), user=admin, by=by
    )
    assert checks.policies(other_workspace)["user_identified"] == CHECKS[0].default_policy


@pytest.fixture
def system(workspace, admin, by):
    books = given.connection(workspace)
    given.read(books, [given.row("Unknown Person", subscriber=True)])
    return access.add_system(workspace, integration="xero", connection=books, user=admin, by=by)


def due(label):
    return Task.objects.get(check_id="user_identified", subject_label=label).due_at


def test_change_of_policy_touches_new_tasks_only(system, workspace, admin, by):
    before = due("Unknown Person")
    check_services.set_policy(
        workspace, check_id="user_identified", policy=Policy(30), user=admin, by=by
    )
    rows = [given.row("Unknown Person", subscriber=True), given.row("Second Unknown")]
    given.read(system.connection, rows)
    assert due("Unknown Person") == before
    assert due("Second Unknown") - before == timedelta(days=23)


def test_change_of_policy_leaves_an_upcoming_leavers_deadline_alone(system, workspace, admin, by):
    leaver = people.add(workspace, name="Leaver", email="leaver@example.test", by=by)
    rows = [
        given.row("Unknown Person", subscriber=True),
        given.row("Leaver", "leaver@example.test"),
    ]
    given.read(system.connection, rows)
    people.offboard(leaver, last_day=date(2030, 1, 4), access_ends="end_of_day", by=by)
    task = Task.objects.get(check_id="offboarded_access_removed")
    check_services.set_policy(
        workspace, check_id="offboarded_access_removed", policy=Policy(20), user=admin, by=by
    )
    given.read(system.connection, [rows[0], given.row("Leaver", "leaver@example.test", "READONLY")])
    again = Task.objects.get(pk=task.pk)
    assert again.updated_at > task.updated_at
    assert (again.began_at, again.due_at) == (task.began_at, task.due_at)
