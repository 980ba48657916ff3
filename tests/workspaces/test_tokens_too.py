"""API tokens when a password changes or sessions end: offered to be revoked, never silently."""

import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

from audit.models import EventBody
from tests.conftest import signed_in
from workspaces import services as workspaces
from workspaces.models import ApiToken, User
from workspaces.permissions import Role

PASSWORD, NEW = "correct horse battery", "another long password"
CHANGE, SESSIONS = "/accounts/password/change/", "/accounts/sessions/"
RESET = "/accounts/password/reset/"
TICK = {"tokens_too": "on"}


@pytest.fixture(autouse=True)
def fresh_cache():
    cache.clear()


@pytest.fixture
def tokens(workspace, other_workspace, admin, make_member, by):
    """Two tokens of one person in two workspaces, and one of somebody else."""
    workspaces.add_member(other_workspace, user=admin, role=Role.EDITOR, by=by)
    for place in (workspace, other_workspace):
        workspaces.create_token(place, name=f"Tool of {place}", user=admin, by=by)
    workspaces.create_token(workspace, name="Theirs", user=make_member(workspace), by=by)


def left():
    return sorted(ApiToken.objects.values_list("name", flat=True))


def everything():
    return ["Theirs", "Tool of Example Company", "Tool of Other Company"]


@pytest.fixture
def sent(django_capture_on_commit_callbacks):
    def send(client, path, typed):
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(path, typed)

    return send


@pytest.mark.parametrize("ticked", [True, False])
def test_change_of_the_password_revokes_tokens_where_it_is_ticked(tokens, admin, sent, ticked):
    client = signed_in(admin)
    assert "Revoke my 2 API tokens too" in client.get(CHANGE).content.decode()
    typed = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW} | (TICK if ticked else {})
    assert sent(client, CHANGE, typed).status_code == 302
    assert left() == (["Theirs"] if ticked else everything())


def test_change_that_is_refused_revokes_nothing_and_keeps_the_tick(tokens, admin, sent):
    typed = {"oldpassword": "wrong", "password1": NEW, "password2": NEW}
    page = sent(signed_in(admin), CHANGE, typed | TICK).content.decode()
    assert re.search(r'name="tokens_too"[^>]*checked', page)
    assert left() == everything()


@pytest.mark.parametrize("ticked", [True, False])
def test_signing_out_everywhere_else_revokes_tokens_where_it_is_ticked(tokens, admin, sent, ticked):
    client = signed_in(admin)
    assert "Revoke my 2 API tokens too" in client.get(SESSIONS).content.decode()
    assert sent(client, SESSIONS, TICK if ticked else {}).status_code == 302
    assert left() == (["Theirs"] if ticked else everything())
    assert client.get("/people/").status_code == 200


@pytest.mark.parametrize("ticked", [True, False])
def test_reset_of_the_password_revokes_tokens_where_it_is_ticked(tokens, admin, sent, ticked):
    sent(Client(), RESET, {"email": admin.email})
    link = re.search(r"https?://[^/]+(/accounts/password/\S+)", mail.outbox[-1].body).group(1)
    client = Client()
    page = client.get(link, follow=True)
    assert "Revoke my 2 API tokens too" in page.content.decode()
    typed = {"password1": NEW, "password2": NEW} | (TICK if ticked else {})
    assert sent(client, page.request["PATH_INFO"], typed).status_code == 302
    assert left() == (["Theirs"] if ticked else everything())


def test_each_workspace_records_its_tokens_with_who_revoked_them(
    tokens, admin, workspace, other_workspace, sent
):
    sent(signed_in(admin), SESSIONS, TICK)
    for place in (workspace, other_workspace):
        rows = EventBody.objects.filter(chain=place.pk, text__contains=f'"Tool of {place}"')
        assert sum(f'"id":"{admin.pk}"' in row.text for row in rows) == 1


def test_person_is_told_on_the_page_that_follows(committing, by):
    place = workspaces.found("Example Company", by=by)
    user = User.objects.create_user("alone@example.test", PASSWORD)
    workspaces.add_member(place, user=user, role=Role.ADMIN, by=by)
    workspaces.create_token(place, name="Tool", user=user, by=by)
    page = signed_in(user).post(SESSIONS, TICK, follow=True).content.decode()
    assert "Your API token is revoked" in page
    assert not ApiToken.objects.exists()


def test_who_has_no_tokens_is_asked_nothing(admin):
    for path in (CHANGE, SESSIONS):
        assert "tokens_too" not in signed_in(admin).get(path).content.decode()
