"""The REST API as other tools meet it: tokens, what they may see, what they never see."""

import uuid
from datetime import timedelta

import pytest
from django.utils.dateparse import parse_datetime
from rest_framework.test import APIClient

from access import services as access
from audit import clock
from checks.models import Task
from tests import given
from tests.access import worlds
from workspaces import services as workspaces
from workspaces.models import ApiToken, Membership
from workspaces.permissions import Role

pytestmark = pytest.mark.django_db


def tool(workspace, user, by):
    _, secret = workspaces.create_token(workspace, name="Test tool", user=user, by=by)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


@pytest.fixture
def system(workspace, admin, by):
    books = given.connection(workspace, connected_by=admin)
    given.read(books, [given.row("Owner Person", subscriber=True), given.row("Second Person")])
    return access.add_system(workspace, integration="xero", connection=books, user=admin, by=by)


@pytest.fixture
def api(workspace, admin, by):
    return tool(workspace, admin, by)


def addresses(system):
    run = system.connection.runs.get()
    task = Task.objects.filter(system_id=system.pk).first()
    return [
        "/api/v1/connections/",
        f"/api/v1/connections/{system.connection_id}/",
        "/api/v1/sync-runs/",
        f"/api/v1/sync-runs/{run.pk}/",
        "/api/v1/systems/",
        f"/api/v1/systems/{system.pk}/",
        f"/api/v1/systems/{system.pk}/accounts/",
        f"/api/v1/systems/{system.pk}/history/",
        "/api/v1/tasks/",
        f"/api/v1/tasks/{task.pk}/",
        f"/api/v1/tasks/{task.pk}/events/",
        f"/api/v1/tasks/{task.pk}/explanation/",
    ]


def test_every_endpoint_answers_a_token(system, api):
    for address in addresses(system):
        assert api.get(address).status_code == 200, address


def test_who_had_access_leaves_out_levels_of_none_and_says_what_it_rests_on(workspace, admin, api):
    read = [given.row("Has Access", subscriber=True), given.row("Was Removed", level="REMOVED")]
    books = worlds.system(workspace, admin, read)
    path = f"/api/v1/systems/{books.pk}/accounts/"
    now = clock.now()

    def answer(at):
        return api.get(path, {"at": at.isoformat()})

    said = answer(now).json()
    assert [row["name"] for row in said["results"]] == ["Has Access"]
    assert said["monitored"] is True
    assert parse_datetime(said["read_at"]) == books.connection.runs.get().read_at

    long_ago = answer(now - timedelta(days=9000)).json()
    assert (long_ago["results"], long_ago["read_at"], long_ago["monitored"]) == ([], None, False)

    ahead = answer(now + timedelta(hours=1))
    assert ahead.status_code == 400
    assert "not ahead" in ahead.json()["errors"]["at"][0]


def test_every_endpoint_refuses_without_a_token(system):
    for address in addresses(system):
        response = APIClient().get(address)
        assert response.status_code == 401, address
        assert response["Content-Type"] == "application/problem+json"


def test_token_for_reading_writes_nothing(system, api):
    for address in addresses(system):
        assert api.post(address, {}).status_code in (403, 405), address


def test_token_of_another_workspace_sees_nothing(system, other_workspace, make_member, by):
    stranger = tool(other_workspace, make_member(other_workspace, Role.ADMIN), by)
    for address in addresses(system):
        response = stranger.get(address)
        if response.status_code == 200:
            assert response.json()["results"] == [], address
        else:
            assert response.status_code == 404, address


def test_foreign_and_random_ids_answer_alike(system, other_workspace, make_member, by):
    stranger = tool(other_workspace, make_member(other_workspace, Role.ADMIN), by)
    foreign = stranger.get(f"/api/v1/systems/{system.pk}/")
    random = stranger.get(f"/api/v1/systems/{uuid.uuid4()}/")
    assert foreign.content == random.content


def test_expired_token_is_refused(system, workspace, admin, by, api):
    ApiToken.objects.update(expiry=ApiToken.objects.get().created - timedelta(days=1))
    assert api.get("/api/v1/tasks/").status_code == 401


def test_token_dies_with_the_membership_of_its_maker(system, api):
    Membership.objects.all().delete()
    assert api.get("/api/v1/tasks/").status_code == 401


def test_card_figures_are_those_of_the_page(system, api):
    body = api.get(f"/api/v1/systems/{system.pk}/").json()
    assert (body["accounts"], body["unidentified"]) == (2, 2)
    assert body["checks"][0]["title"] == "User should be identified"


def test_tasks_filter_by_status_and_check(system, api):
    due = api.get("/api/v1/tasks/?status=Due&check=user_identified").json()["results"]
    assert {task["subject_label"] for task in due} == {"Owner Person", "Second Person"}
    assert api.get("/api/v1/tasks/?status=Passing").json()["results"] == []


def test_unknown_status_is_a_clear_error(system, api):
    response = api.get("/api/v1/tasks/?status=Green")
    assert response.status_code == 400
    assert "status" in response.json()["errors"]


def test_nul_byte_is_refused_at_the_edge(api):
    assert api.get("/api/v1/tasks/?check=%00").status_code == 400


def test_lists_cost_the_same_for_ten_and_a_hundred(system, api, django_assert_max_num_queries):
    rows = [given.row("Owner Person", subscriber=True), *(given.row(f"P {n}") for n in range(90))]
    given.read(system.connection, rows)
    for address in ("/api/v1/tasks/", f"/api/v1/systems/{system.pk}/accounts/"):
        with django_assert_max_num_queries(15):
            assert len(api.get(address).json()["results"]) > 50


def test_schema_describes_every_path(client, system):
    text = client.get("/api/schema/").content.decode()
    for name in ("/api/v1/connections/", "/api/v1/tasks/{id}/events/", "/api/v1/systems/{id}/"):
        assert name in text


def test_made_up_cursor_is_a_clear_error(system, api):
    for address in ("/api/v1/tasks/", "/api/v1/systems/", "/api/v1/sync-runs/"):
        assert api.get(f"{address}?cursor=cD1nYXJiYWdl").status_code == 404


def test_filters_answer_alike_for_foreign_and_random_ids(system, other_workspace, make_member, by):
    stranger = tool(other_workspace, make_member(other_workspace, Role.ADMIN), by)
    for address, own in (
        ("tasks/?system=", system.pk),
        ("sync-runs/?connection=", system.connection_id),
    ):
        foreign = stranger.get(f"/api/v1/{address}{own}")
        random = stranger.get(f"/api/v1/{address}{uuid.uuid4()}")
        assert (foreign.status_code, foreign.content) == (random.status_code, random.content)
