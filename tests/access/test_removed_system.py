"""A removed system: its tasks are nobody's work any more, its rule stands still, and all say so."""

import pytest
from django.urls import reverse

from access import services as access
from checks.models import Task
from tests import api, given
from tests.access.worlds import system

pytestmark = pytest.mark.django_db


@pytest.fixture
def removed(workspace, admin, by):
    made = system(workspace, admin, [given.row("Nobody Known")])
    access.remove_system(made, reason="Sold", by=by)
    return made


def test_its_tasks_leave_the_list_of_what_is_to_do(removed, admin_client):
    assert Task.objects.filter(resolved_at__isnull=True).exists()
    address = reverse("access:monitoring")
    assert b"Nobody Known" not in admin_client.get(address).content
    apart = admin_client.get(address, {"show": "unmonitored"}).content.decode()
    assert "Nobody Known" in apart
    assert "Not monitored" in apart
    assert "Fix it" not in apart


def test_its_card_offers_nothing_to_fix(removed, admin_client):
    page = admin_client.get(reverse("access:system", args=[removed.pk])).content.decode()
    assert page.count("Not monitored") >= 4
    assert "View &amp; fix" not in page
    assert "Configure now" not in page
    assert "Add again" in page


def test_its_rule_is_not_edited(removed, admin_client):
    response = admin_client.get(reverse("access:rule", args=[removed.pk]))
    assert response.status_code == 302


def test_its_task_says_that_nobody_judges_it(removed, admin_client):
    task = Task.objects.filter(subject_label="Nobody Known").first()
    page = admin_client.get(reverse("access:task", args=[task.pk])).content.decode()
    assert "Not monitored" in page
    assert "Ask for a special case" not in page


def test_the_api_says_that_nobody_judges_its_tasks(removed, workspace, admin):
    tool = api.Tool(workspace, admin)
    every = tool.get("tasks/").json()["results"]
    assert every
    assert {each["monitored"] for each in every} == {False}
    assert tool.get("tasks/?monitored=true").json()["results"] == []
    refused = tool.send("PUT", f"systems/{removed.pk}/rule/", {"mode": "all_staff"})
    assert api.is_problem(refused, 422)
    assert "removed" in refused.json()["detail"]
