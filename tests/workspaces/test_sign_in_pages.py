"""Sign-in and its neighbours: in our frame, with nothing inline, and saying what to do next."""

import re

import pytest
from django.core import mail
from django.template.loader import get_template
from django.test import Client

from workspaces.models import User

OURS = [
    "login",
    "logout",
    "signup_closed",
    "account_inactive",
    "password_reset",
    "password_reset_done",
    "password_reset_from_key",
    "password_reset_from_key_done",
    "password_set",
    "reauthenticate",
    "verification_sent",
    "email_confirm",
]
INSIDE = ["account/password_change", "account/email_change", "mfa/index", "mfa/totp/activate_form"]


@pytest.mark.parametrize("name", OURS)
def test_account_page_is_ours(name):
    source = get_template(f"account/{name}.html").template.source
    assert 'extends "bare.html"' in source
    assert not re.search(r"\sstyle=|<style|<script", source)


@pytest.mark.parametrize("name", INSIDE)
def test_page_of_the_own_account_is_ours(name):
    source = get_template(f"{name}.html").template.source
    assert 'extends "account/base.html"' in source
    assert not re.search(r"\sstyle=|<style|<script", source)


def test_sign_in_asks_for_address_and_password(client: Client, db):
    html = client.get("/accounts/login/").content.decode()
    assert "<h1>Sign in</h1>" in html
    assert 'name="login"' in html
    assert 'name="password"' in html
    assert 'class="field"' in html
    assert not re.search(r"\sstyle=|<style|<script(?![^>]*\bsrc=)", html)


def test_sign_in_with_a_wrong_password_says_so(client: Client, db):
    page = client.post("/accounts/login/", {"login": "alex.one@example.test", "password": "wrong"})
    assert page.status_code == 200
    assert "note-bad" in page.content.decode()


def test_reset_of_password_by_the_link_in_the_mail(
    client: Client, db, django_capture_on_commit_callbacks
):
    user = User.objects.create_user("alex.one@example.test", "correct horse battery")
    with django_capture_on_commit_callbacks(execute=True):
        page = client.post("/accounts/password/reset/", {"email": user.email}, follow=True)
    assert "Look into your mail" in page.content.decode()
    link = re.search(r"https?://[^/]+(/\S+)", mail.outbox[0].body).group(1)
    form = client.get(link, follow=True)
    assert "Choose a new password" in form.content.decode()
    new = "another long password"
    done = client.post(form.request["PATH_INFO"], {"password1": new, "password2": new}, follow=True)
    assert "Your password is changed" in done.content.decode()
    user.refresh_from_db()
    assert user.check_password(new)


def test_reset_link_that_was_made_up_says_what_to_do(client: Client, db):
    page = client.get("/accounts/password/reset/key/1-made-up/")
    assert "This link does not work any more" in page.content.decode()


def test_sign_out_asks_first(admin_client: Client):
    assert "Sign out?" in admin_client.get("/accounts/logout/").content.decode()


def test_form_sent_after_the_session_ended_says_that_it_was_not_saved(client: Client, db):
    answer = client.post("/people/add/", {"name": "Somebody"}, follow=True)
    assert answer.redirect_chain[0][0] == "/accounts/login/?next=/people/add/"
    assert "what you sent was not saved" in answer.content.decode()
    assert "not saved" not in client.get("/people/add/", follow=True).content.decode()
