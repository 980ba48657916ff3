"""Pages of one connection: state, run log, "Sync now", a held list and the decision on it."""

import pytest
from django.urls import reverse

from access.models import Account
from integrations.models import Connection, SyncRun
from tests import given
from tests.conftest import signed_in
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


def test_connection_page_is_absent_for_a_stranger(books, stranger_client):
    response = stranger_client.get(reverse("integrations:connection", args=[books.pk]))
    assert response.status_code == 404


def test_sync_now_makes_one_run_however_often_it_is_clicked(books, admin_client):
    for _ in range(3):
        admin_client.post(reverse("integrations:sync", args=[books.pk]))
    assert books.runs.filter(state="pending").count() == 1


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


def test_whoever_started_the_run_cannot_accept_where_another_admin_can(
    held, admin, workspace, make_member, admin_client
):
    SyncRun.objects.filter(pk=held.pk).update(requested_by=admin)
    other = make_member(workspace, Role.ADMIN)
    accept = reverse("integrations:accept", args=[held.pk])
    admin_client.post(accept, {"reason": "My own run"})
    held.refresh_from_db()
    assert held.state == "held"
    signed_in(other).post(accept, {"reason": "Looked at it"})
    held.refresh_from_db()
    assert held.state == "done"


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
