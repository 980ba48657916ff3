"""Pages of the way in, against the pretend Truto: starting, asking, every ending, the return."""

from html import unescape

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from integrations.models import ConnectAttempt, Connection
from tests.conftest import signed_in
from tests.integrations.conftest import SECOND
from workspaces.permissions import Role

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}


def begin(client, **data):
    url = reverse("integrations:connect", args=["xero"])
    return client.post(url, {"acknowledged": "yes"} | data, headers=JSON)


def ask(client, status, hint=""):
    response = client.post(status, {"hint": hint})
    assert response.status_code == 200
    return unescape(strip_tags(response.content.decode()))


def test_connect_hands_out_a_link_and_where_to_ask(person, admin_client):
    answer = begin(admin_client).json()
    assert "/connect-account?link_token=" in answer["link"]
    assert answer["status"] == reverse(
        "integrations:attempt_status", args=[ConnectAttempt.objects.get().pk]
    )


def test_connect_shows_the_organisation_once_access_was_allowed(person, admin_client):
    answer = begin(admin_client).json()
    person.answer(answer["link"])
    assert "Connected: Demo Company (Sandbox)" in ask(admin_client, answer["status"])


def test_connect_without_the_tick_starts_nothing(person, admin_client):
    response = begin(admin_client, acknowledged="")
    assert response.status_code == 422
    assert "Tick the box" in response.json()["words"]
    assert not ConnectAttempt.objects.exists()


def test_connect_in_the_same_window_is_a_page_with_a_link(person, admin_client):
    url = reverse("integrations:connect", args=["xero"])
    response = admin_client.post(url, {"acknowledged": "yes"})
    assert response.status_code == 200
    assert "/connect-account?link_token=" in unescape(response.content.decode())


def test_connect_without_the_tick_in_the_same_window_says_so(person, admin_client):
    response = admin_client.post(reverse("integrations:connect", args=["xero"]), follow=True)
    assert "Tick the box" in unescape(response.content.decode())


def test_connect_while_the_provider_is_away_says_what_to_do(person, admin_client, settings):
    settings.TRUTO_API_BASE_URL = "http://127.0.0.1:9"
    response = begin(admin_client)
    assert response.status_code == 503
    assert "Nothing was lost" in response.json()["words"]


@pytest.mark.parametrize(
    ("hint", "words"),
    [
        ("closed", "The window was closed before access was allowed"),
        ("denied", "Access was not allowed"),
        ("link", "The link could not be used"),
        ("failed", "The window reported a problem"),
    ],
)
def test_hint_of_the_window_chooses_words_and_changes_nothing(person, admin_client, hint, words):
    answer = begin(admin_client).json()
    assert words in ask(admin_client, answer["status"], hint)
    assert ConnectAttempt.objects.get().state == ConnectAttempt.State.OPEN
    assert not Connection.objects.exists()


@pytest.mark.parametrize("hint", ["", "success", "<script>x</script>", "adopted"])
def test_forged_hint_of_success_connects_nothing(person, admin_client, hint):
    answer = begin(admin_client).json()
    text = ask(admin_client, answer["status"], hint)
    assert "Waiting until you have allowed access" in text
    assert not Connection.objects.exists()


def test_hint_of_closing_gives_way_to_what_the_provider_says(person, admin_client):
    answer = begin(admin_client).json()
    person.answer(answer["link"])
    assert "Connected: Demo Company (Sandbox)" in ask(admin_client, answer["status"], "closed")


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ("validation_error", "The permission check failed"),
        ("post_install_error", "Setting up the connection failed"),
        ("connecting", "still setting it up"),
    ],
)
def test_account_that_is_not_usable_says_why(person, admin_client, outcome, words):
    answer = begin(admin_client).json()
    person.answer(answer["link"], outcome=outcome, seconds=60)
    assert words in ask(admin_client, answer["status"])


def test_same_organisation_twice_is_refused_with_words(person, connected, admin_client):
    answer = begin(admin_client).json()
    person.answer(answer["link"])
    assert "This organisation is connected already" in ask(admin_client, answer["status"])
    assert Connection.objects.count() == 1


def test_reconnect_to_another_organisation_says_so(person, connected, admin_client):
    url = reverse("integrations:reconnect", args=[connected.connection_id])
    answer = admin_client.post(url, headers=JSON).json()
    person.answer(answer["link"], SECOND)
    text = ask(admin_client, answer["status"])
    assert "That was another organisation" in text
    assert SECOND in text


def test_status_read_asks_nobody_and_changes_nothing(person, admin_client):
    answer = begin(admin_client).json()
    person.answer(answer["link"])
    assert admin_client.get(answer["status"]).status_code == 200
    assert not Connection.objects.exists()


def test_return_leads_back_to_the_page_of_the_attempt(person, admin_client):
    begin(admin_client)
    attempt = ConnectAttempt.objects.get()
    response = admin_client.get(reverse("integrations:return_", args=[attempt.pk]))
    assert f"/integrations/xero/?attempt={attempt.pk}" in response.content.decode()
    assert response["Cross-Origin-Opener-Policy"] == "unsafe-none"


def test_return_ignores_what_the_address_claims(person, admin_client):
    begin(admin_client)
    url = reverse("integrations:return_", args=[ConnectAttempt.objects.get().pk])
    admin_client.get(url, {"integrated_account_id": "any", "result": "success"})
    assert not Connection.objects.exists()


def test_page_with_an_attempt_of_another_workspace_shows_none(
    person, admin_client, stranger_client
):
    begin(admin_client)
    attempt = ConnectAttempt.objects.get()
    url = reverse("integrations:integration", args=["xero"])
    assert str(attempt.pk) in admin_client.get(url, {"attempt": attempt.pk}).content.decode()
    assert str(attempt.pk) not in stranger_client.get(url, {"attempt": attempt.pk}).content.decode()
    assert admin_client.get(url, {"attempt": "no-uuid"}).status_code == 200


def test_attempt_of_another_workspace_is_absent(person, admin_client, stranger_client):
    begin(admin_client)
    attempt = ConnectAttempt.objects.get()
    for name in ("attempt_status", "return_"):
        url = reverse(f"integrations:{name}", args=[attempt.pk])
        assert stranger_client.get(url).status_code == 404


@pytest.mark.parametrize("name", ["reconnect", "disconnect"])
def test_connection_of_another_workspace_is_absent(connected, stranger_client, name):
    url = reverse(f"integrations:{name}", args=[connected.connection_id])
    assert stranger_client.post(url).status_code == 404


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.EDITOR])
def test_only_an_admin_may_connect_or_disconnect(workspace, connected, make_member, role):
    client = signed_in(make_member(workspace, role))
    assert begin(client).status_code == 403
    for name in ("reconnect", "disconnect"):
        url = reverse(f"integrations:{name}", args=[connected.connection_id])
        assert client.post(url).status_code == 403


@pytest.mark.parametrize("name", ["reconnect", "disconnect"])
def test_acts_on_a_connection_need_a_post(connected, admin_client, name):
    url = reverse(f"integrations:{name}", args=[connected.connection_id])
    assert admin_client.get(url).status_code == 405


def test_disconnect_stops_and_says_what_else_to_do(connected, admin_client):
    url = reverse("integrations:disconnect", args=[connected.connection_id])
    response = admin_client.post(url, follow=True)
    assert "Connected apps" in unescape(response.content.decode())
    assert Connection.objects.get().authorisation == Connection.Authorisation.DISCONNECTED


def test_waiting_window_keeps_its_opener(admin_client):
    response = admin_client.get(reverse("integrations:waiting"))
    assert response["Cross-Origin-Opener-Policy"] == "unsafe-none"
