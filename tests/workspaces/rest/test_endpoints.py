"""What every endpoint has: pages in an order, 304 for who has the answer, limits, repeated requests."""

from datetime import timedelta

import pytest
import time_machine

from audit import clock
from audit.models import Event
from people import services as people
from people.models import OrgRole, StaffMember
from sprinto_xero.api import rendered
from tests.api import Tool, is_problem
from workspaces.models import RememberedAnswer
from workspaces.permissions import Scope
from workspaces.rest.fields import Instant
from workspaces.tasks import forget_answers

pytestmark = pytest.mark.django_db
SOMEBODY = {"name": "New Starter", "email": "starter@example.test"}


@pytest.fixture
def api(workspace, admin):
    return Tool(workspace, admin)


@pytest.fixture
def roles(workspace):
    now = clock.now()
    OrgRole.objects.bulk_create(
        OrgRole(workspace=workspace, name=f"Role {n:02}", created_at=now) for n in range(7)
    )


def walked(api, path, link="next"):
    """All rows of a list from a page on."""
    rows = []
    while path:
        body = api.get(path.removeprefix("http://testserver")).json()
        rows += [row["name"] for row in body["results"]]
        path = body[link]
    return rows


@pytest.mark.parametrize("order", ["name", "-name"])
def test_list_walks_over_every_row_once_in_either_order(api, roles, order):
    expected = [f"Role {n:02}" for n in range(7)]
    found = walked(api, f"/api/v1/org-roles/?limit=3&ordering={order}")
    assert found == (expected if order == "name" else expected[::-1])


def test_list_leads_back(api, roles):
    second = api.get("org-roles/?limit=3").json()["next"]
    body = api.get(second.removeprefix("http://testserver")).json()
    back = api.get(body["previous"].removeprefix("http://testserver")).json()
    assert [row["name"] for row in back["results"]] == ["Role 00", "Role 01", "Role 02"]


def test_cursor_of_another_order_is_refused(api, roles):
    cursor = api.get("org-roles/?limit=3").json()["next"].partition("cursor=")[2].partition("&")[0]
    assert is_problem(api.get(f"org-roles/?limit=3&ordering=-name&cursor={cursor}"), 404)


def test_list_whose_rows_were_made_at_once_ends(api, workspace):
    """Thousands of rows share an instant: pages by offset would turn in circles there."""
    now = clock.now()
    StaffMember.objects.bulk_create(
        StaffMember(workspace=workspace, name=f"P {n}", external_id=str(n), created_at=now)
        for n in range(1200)
    )
    found = walked(api, "/api/v1/staff/?ordering=created_at&limit=500")
    assert len(found) == len(set(found)) == 1200


def test_etag_saves_sending_the_same_answer_again(api, roles):
    first = api.get("org-roles/")
    again = api.get("org-roles/", If_None_Match=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    OrgRole.objects.filter(name="Role 00").update(name="Role zero")
    assert api.get("org-roles/", If_None_Match=first["ETag"]).status_code == 200


def test_etag_of_a_page_among_many_stays_the_same_later(api, roles):
    first = api.get("org-roles/?limit=3")
    assert first.json()["next"]
    with time_machine.travel(clock.now() + timedelta(minutes=5)):
        again = api.get("org-roles/?limit=3", If_None_Match=first["ETag"])
    assert again.status_code == 304


def test_answers_are_kept_by_no_cache(api):
    assert api.get("tasks/")["Cache-Control"] == "no-store, private"


@pytest.fixture
def one_minute():
    """The limit counts by the minute of the clock: none ends within the test."""
    with time_machine.travel(clock.now().replace(second=5, microsecond=0), tick=False):
        yield


@pytest.mark.usefixtures("one_minute")
def test_limit_counts_reads_and_writes_of_each_token_apart(api, workspace, admin, settings):
    settings.API_REQUESTS_A_MINUTE = {"read": 2, "write": 1}
    assert api.get("tasks/")["RateLimit-Remaining"] == "1"
    assert api.get("tasks/").status_code == 200
    refused = api.get("tasks/")
    assert is_problem(refused, 429)
    assert 0 < int(refused["Retry-After"]) <= 60
    assert refused["RateLimit-Limit"] == "2"
    assert api.post("org-roles/", {"name": "Accountant"}).status_code == 201
    assert Tool(workspace, admin).get("tasks/").status_code == 200


@pytest.mark.usefixtures("one_minute")
def test_refused_request_counts_too(workspace, admin, settings):
    settings.API_REQUESTS_A_MINUTE = {"read": 1, "write": 1}
    reader = Tool(workspace, admin, scopes=(Scope.READ,))
    answers = [reader.post("org-roles/", {"name": "Accountant"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [403, 429]


def test_description_is_made_once(client):
    first, again = client.get("/api/schema/"), client.get("/api/schema/")
    assert first.status_code == again.status_code == 200
    assert first.content == again.content
    assert rendered.cache_info().hits
    assert first["Content-Type"].startswith("application/vnd.oai.openapi")
    as_json = client.get("/api/schema/", headers={"Accept": "application/json"})
    assert as_json.json()["openapi"].startswith("3.")


def test_repeated_request_has_one_effect_and_the_same_answer(api):
    first = api.post("staff/", SOMEBODY, Idempotency_Key="starter-1")
    events = Event.objects.count()
    again = api.post("staff/", SOMEBODY, Idempotency_Key="starter-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again["Idempotency-Replayed"] == "true"
    assert (StaffMember.objects.count(), Event.objects.count()) == (1, events)


def test_repeated_act_without_an_answer_is_answered_alike(api, roles):
    pk = OrgRole.objects.get(name="Role 00").pk
    first = api.send("DELETE", f"org-roles/{pk}/", Idempotency_Key="gone-1")
    again = api.send("DELETE", f"org-roles/{pk}/", Idempotency_Key="gone-1")
    assert (first.status_code, again.status_code, again.content) == (204, 204, b"")
    assert again["Idempotency-Replayed"] == "true"


def test_key_of_another_request_is_refused(api):
    api.post("staff/", SOMEBODY, Idempotency_Key="starter-1")
    other = SOMEBODY | {"email": "other@example.test"}
    assert is_problem(api.post("staff/", other, Idempotency_Key="starter-1"), 422)
    assert is_problem(api.post("org-roles/", {"name": "A"}, Idempotency_Key="starter-1"), 422)
    assert StaffMember.objects.count() == 1


def test_key_belongs_to_its_token(api, workspace, admin):
    api.post("org-roles/", {"name": "Accountant"}, Idempotency_Key="one")
    other = Tool(workspace, admin).post("org-roles/", {"name": "Lead"}, Idempotency_Key="one")
    assert other.status_code == 201


def test_refused_request_leaves_its_key_free(api):
    assert api.post("staff/", {"name": "A"}, Idempotency_Key="k").status_code == 422
    assert not RememberedAnswer.objects.exists()
    assert api.post("staff/", SOMEBODY, Idempotency_Key="k").status_code == 201


def test_repeated_request_whose_body_is_valid_no_more_gets_the_first_answer(api):
    pks = [
        api.post("staff/", {"name": name, "email": f"{n}@example.test"}).json()["id"]
        for n, name in enumerate(("Kept Person", "Kept Person"))
    ]
    send = {"path": f"staff/{pks[0]}/merge/", "body": {"duplicate": pks[1]}}
    first = api.post(**send, Idempotency_Key="merge-1")
    again = api.post(**send, Idempotency_Key="merge-1")
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.content == first.content


@pytest.mark.parametrize("key", ["", "a b", "x" * 201, "é"])
def test_key_that_cannot_be_one_is_refused(api, key):
    assert is_problem(api.post("staff/", SOMEBODY, Idempotency_Key=key), 400)


def test_key_is_forgotten_after_a_day(api):
    api.post("staff/", SOMEBODY, Idempotency_Key="k")
    forget_answers()
    assert RememberedAnswer.objects.count() == 1
    RememberedAnswer.objects.update(created_at=clock.now() - timedelta(hours=24))
    forget_answers()
    assert not RememberedAnswer.objects.exists()


def test_key_older_than_a_day_is_free_before_it_is_forgotten(api):
    api.post("org-roles/", {"name": "Accountant"}, Idempotency_Key="k")
    RememberedAnswer.objects.update(created_at=clock.now() - timedelta(hours=25))
    assert api.post("org-roles/", {"name": "Lead"}, Idempotency_Key="k").status_code == 201


# Which writing endpoint wants which scope; a token with another one is refused.
WANTED = {
    ("POST", "staff/"): Scope.WRITE_PEOPLE,
    ("POST", "org-roles/"): Scope.WRITE_PEOPLE,
    ("POST", "systems/"): Scope.WRITE_ACCESS,
    ("POST", "connections/"): Scope.CONNECT,
}


@pytest.mark.parametrize("scope", Scope.values)
def test_scope_allows_exactly_its_endpoints(workspace, admin, scope):
    tool = Tool(workspace, admin, (scope,))
    for (method, path), wanted in WANTED.items():
        refused = tool.send(method, path, {}).status_code == 403
        assert refused == (scope != wanted), (path, scope)
        assert (tool.get(path).status_code == 200) == (scope == Scope.READ)


def test_person_of_another_workspace_cannot_be_named(api, other_workspace, by):
    theirs = people.add(other_workspace, name="Theirs", email="theirs@example.test", by=by)
    foreign = api.post("staff/", SOMEBODY | {"manager": str(theirs.pk)})
    random = api.post("staff/", SOMEBODY | {"manager": "00000000-0000-4000-8000-000000000000"})
    assert is_problem(foreign, 422)
    assert foreign.content == random.content


@pytest.mark.parametrize(
    ("text", "year"), [("0001-01-01T00:00:00+23:59", 1), ("9999-12-31T23:59:59-23:59", 9999)]
)
def test_instant_beyond_the_calendar_is_its_nearest_end(text, year):
    assert Instant().run_validation(text).year == year
