"""Pages of one connection: state, run log, "Sync now", a held list and the decision on it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from access.models import Account
from audit import clock
from integrations import selectors
from integrations.models import Connection, SyncRun
from tests import given
from tests.conftest import signed_in
from workspaces import services as workspaces
from workspaces.permissions import Role

pytestmark = pytest.mark.django_db
ROWS = [given.row("Owner Person", subscriber=True), *(given.row(f"Guest {n}") for n in range(6))]


@pytest.fixture
def books(workspace, admin):
    books = given.connection(workspace, connected_by=admin)
    given.read(books, ROWS)
    return books


@pytest.fixture
def held(books):
    return given.read(books, ROWS[:1])


def test_connection_page_shows_state_and_run_log(books, admin_client):
    response = admin_client.get(reverse("integrations:connection", args=[books.pk]))
    assert response.status_code == 200
    assert "Succeeded" in response.content.decode()
    assert response["Cross-Origin-Opener-Policy"] == "same-origin-allow-popups"


def test_run_log_says_of_a_list_that_was_not_taken_what_would_go(held, admin_client):
    page = reverse("integrations:connection", args=[held.connection_id])
    text = admin_client.get(page).content.decode()
    assert "6 would go" in text
    assert "removed" not in text
    admin_client.post(reverse("integrations:accept", args=[held.pk]), {"reason": "They left"})
    assert "6 removed" in admin_client.get(page).content.decode()


def test_run_log_says_who_decided_about_a_held_list_and_counts_no_waiting(
    held, admin, admin_client
):
    admin_client.post(reverse("integrations:accept", args=[held.pk]), {"reason": "They left"})
    page = reverse("integrations:connection", args=[held.connection_id])
    text = admin_client.get(page).content.decode()
    assert f"Accepted by <bdi>{admin.label}</bdi>: <bdi>They left</bdi>" in text
    held.refresh_from_db()
    assert held.finished_at is not None
    assert held.seconds is None


def state_told(client, connection):
    page = client.get(reverse("integrations:connection", args=[connection.pk])).content.decode()
    return page.partition('id="now"')[2].partition("</section>")[0]


@pytest.mark.parametrize("authorisation", ["connected", "needs_reconnect"])
def test_trouble_is_told_once(books, admin_client, authorisation):
    words = "The source answered with rubbish."
    SyncRun.objects.filter(connection=books).update(state="failed", error=words)
    fields = {"authorisation": authorisation, "failures": 1, "trouble": words}
    Connection.objects.filter(pk=books.pk).update(**fields)
    assert state_told(admin_client, books).count(words) == 1


def test_other_organisation_is_told_once(books, admin_client):
    words = "Xero answered for “Other Books” instead of “Example Books”."
    SyncRun.objects.filter(connection=books).update(state="failed", error=words)
    fields = {"authorisation": "needs_reconnect", "failures": 1, "trouble": words}
    Connection.objects.filter(pk=books.pk).update(wrong_organisation="Other Books", **fields)
    assert state_told(admin_client, books).count("Other Books") == 1


def test_held_page_offers_the_safe_answer_first_and_prints_no_address_twice(
    books, admin, admin_client
):
    nameless = given.row("", "nameless@example.test")
    given.read(books, [*ROWS, nameless])
    held = given.read(books, ROWS[:1])
    text = admin_client.get(reverse("integrations:held", args=[held.pk])).content.decode()
    assert text.index(">Discard</button>") < text.index(">Accept</button>")
    assert f'action="{reverse("integrations:discard", args=[held.pk])}"' in text
    assert text.count("nameless<wbr>@example<wbr>.test") == 1


@pytest.mark.parametrize("where", ["connection", "held", "api"])
def test_list_itself_is_not_read_for_what_is_said_of_a_run(where, held, admin_client, admin, by):
    pages = {
        "connection": reverse("integrations:connection", args=[held.connection_id]),
        "held": reverse("integrations:held", args=[held.pk]),
        "api": "/api/v1/sync-runs/",
    }
    _, secret = workspaces.create_token(held.workspace, name="Tool", user=admin, by=by)
    selectors.snapshot_rows(held.snapshot)  # the two lists that a held one is compared by
    selectors.snapshot_rows(held.connection.snapshot)
    bearer = {"Authorization": f"Bearer {secret}"} if where == "api" else {}
    with CaptureQueriesContext(connection) as asked:
        assert admin_client.get(pages[where], headers=bearer).status_code == 200
    assert not [each["sql"] for each in asked if '"content"' in each["sql"]]


def test_connection_page_is_absent_for_a_stranger(books, stranger_client):
    response = stranger_client.get(reverse("integrations:connection", args=[books.pk]))
    assert response.status_code == 404


def test_sync_now_makes_one_run_however_often_it_is_clicked(books, admin_client):
    for _ in range(3):
        admin_client.post(reverse("integrations:sync", args=[books.pk]))
    assert books.runs.filter(state="pending").count() == 1


def test_sync_now_leads_back_to_the_page_that_it_was_pressed_on(books, admin_client):
    url = reverse("integrations:sync", args=[books.pk])
    assert admin_client.post(url, {"next": "/access/?q=1"}).headers["Location"] == "/access/?q=1"
    for elsewhere in ("https://elsewhere.example/", "//elsewhere.example", "javascript:1"):
        answer = admin_client.post(url, {"next": elsewhere})
        assert answer.headers["Location"] == reverse("integrations:connection", args=[books.pk])


def test_sync_now_is_refused_for_an_auditor(books, auditor_client):
    assert auditor_client.post(reverse("integrations:sync", args=[books.pk])).status_code == 403


def test_sync_now_needs_a_connection_that_reads(books, admin_client):
    Connection.objects.update(authorisation=Connection.Authorisation.NEEDS_RECONNECT)
    admin_client.post(reverse("integrations:sync", args=[books.pk]))
    assert not books.runs.filter(state="pending").exists()


def test_held_page_names_who_would_vanish(held, admin_client):
    text = admin_client.get(reverse("integrations:held", args=[held.pk])).content.decode()
    assert "Guest 3" in text
    assert "Accept" in text


def test_held_page_offers_no_decision_to_an_auditor(held, auditor_client):
    text = auditor_client.get(reverse("integrations:held", args=[held.pk])).content.decode()
    assert "Accept" not in text
    response = auditor_client.post(reverse("integrations:accept", args=[held.pk]))
    assert response.status_code == 403


@pytest.mark.parametrize("reason", [" ", "a\x00b", "x" * 501])
@pytest.mark.parametrize("route", ["accept", "discard"])
def test_decision_with_an_unfit_reason_changes_nothing(held, admin_client, route, reason):
    answer = admin_client.post(reverse(f"integrations:{route}", args=[held.pk]), {"reason": reason})
    assert answer.status_code == 422
    assert "Guest 3" in answer.content.decode()
    held.refresh_from_db()
    assert held.state == "held"
    assert Account.objects.filter(present=True).count() == 7


def test_accept_with_a_reason_makes_the_list_current(held, books, admin_client):
    admin_client.post(reverse("integrations:accept", args=[held.pk]), {"reason": "Team sold"})
    books.refresh_from_db()
    assert books.snapshot_id == held.snapshot_id
    assert Account.objects.filter(present=True).count() == 1


def accepts(held, client, reason="Looked at it"):
    client.post(reverse("integrations:accept", args=[held.pk]), {"reason": reason})
    held.refresh_from_db()
    return held.state == "done"


@pytest.fixture
def other(workspace, make_member):
    return make_member(workspace, Role.ADMIN)


def test_whoever_started_the_run_cannot_accept_where_another_admin_can(
    books, admin, other, admin_client
):
    held = given.read(books, ROWS[:1], user=admin)
    page = reverse("integrations:held", args=[held.pk])
    assert ">Accept</button>" not in admin_client.get(page).content.decode()
    assert ">Accept</button>" in signed_in(other).get(page).content.decode()
    assert not accepts(held, admin_client)
    assert accepts(held, signed_in(other))


def test_sole_admin_may_accept_what_they_started(books, admin, admin_client):
    held = given.read(books, ROWS[:1], user=admin)
    page = admin_client.get(reverse("integrations:held", args=[held.pk])).content.decode()
    assert ">Accept</button>" in page
    assert accepts(held, admin_client)


def test_a_later_run_does_not_forget_who_started_the_held_one(books, admin, other, admin_client):
    given.read(books, ROWS[:1], user=admin)
    later = given.read(books, ROWS[:2])
    assert not accepts(later, admin_client)
    assert accepts(later, signed_in(other))


def test_whoever_joined_a_run_that_waited_started_it_too(books, admin, other, admin_client):
    given.request(books)
    held = given.read(books, ROWS[:1], user=admin)
    assert held.requested_by is None
    assert not accepts(held, admin_client)


def test_whoever_reconnected_cannot_accept_the_first_list_after_it(
    books, admin, other, admin_client
):
    Connection.objects.filter(pk=books.pk).update(connected_at=clock.now())
    assert not accepts(given.read(books, ROWS[:1]), admin_client)


def test_discard_keeps_the_list_before(held, books, admin_client):
    admin_client.post(reverse("integrations:discard", args=[held.pk]), {"reason": "A fault"})
    books.refresh_from_db()
    assert books.snapshot_id != held.snapshot_id
    assert Account.objects.filter(present=True).count() == 7


def test_later_list_that_does_not_trip_ends_the_hold(held, books):
    given.read(books, ROWS)
    held.refresh_from_db()
    assert (held.state, held.decision) == ("failed", "replaced")


def test_decision_on_a_replaced_list_is_refused(held, books, admin_client):
    given.read(books, ROWS)
    admin_client.post(reverse("integrations:accept", args=[held.pk]), {"reason": "Too late"})
    books.refresh_from_db()
    assert books.snapshot_id != held.snapshot_id
