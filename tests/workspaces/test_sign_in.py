"""Sign-in: what it tells, what it refuses, what it records; second factor, sessions, rate limits."""

import re

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from audit.models import EventBody
from audit.services import INSTALLATION
from tests.conftest import signed_in
from workspaces import permissions, sign_in
from workspaces.models import User

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"
RESET = "/accounts/password/reset/"
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def fresh_cache():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def recorded(db):
    """The kinds in the installation's chain, oldest first."""
    from audit.models import Event

    start = Event.objects.filter(chain=INSTALLATION).count()
    return lambda: list(
        Event.objects.filter(chain=INSTALLATION).order_by("seq").values_list("kind", flat=True)
    )[start:]


def enter(client, user, password=PASSWORD):
    return client.post(LOGIN, {"login": user.email, "password": password})


def code(secret):
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(secret, counter))


def confirmed(client, path):
    """Open a page that asks for the password once more, and give it."""
    page = client.get(path)
    if page.status_code == 302 and "reauthenticate" in page.url:
        page = client.post(page.url, {"password": PASSWORD})
        assert page.status_code == 302, page.content.decode()
        page = client.get(page.url)
    return page


def test_coming_and_going_enters_the_record(client, admin, recorded):
    assert enter(client, admin).status_code == 302
    client.post("/accounts/logout/")
    assert recorded() == ["sign_in.done", "sign_in.ended"]


def test_wrong_password_enters_the_record_without_what_was_typed(client, admin, recorded):
    enter(client, admin, "canary-of-a-password")
    client.post(LOGIN, {"login": "canary.address@example.test", "password": "canary-again"})
    assert recorded() == ["sign_in.failed", "sign_in.failed"]
    assert not EventBody.objects.filter(text__contains="canary").exists()


def test_flood_of_failures_is_kept_up_to_a_limit_and_hides_nobody(
    client, admin, recorded, monkeypatch, settings
):
    settings.ACCOUNT_RATE_LIMITS = False
    monkeypatch.setattr(sign_in, "FAILURES_KEPT", 3)
    with time_machine.travel("2030-01-01T12:00:00Z", tick=False):
        for number in range(6):
            client.post(LOGIN, {"login": f"nobody.{number}@example.test", "password": "wrong"})
        assert len(recorded()) == 3
        enter(client, admin, "wrong password")
        assert len(recorded()) == 4


def test_answer_is_the_same_for_a_known_and_an_unknown_address(client, admin):
    def shown(address):
        cache.clear()
        page = Client().post(LOGIN, {"login": address, "password": "wrong password 1"})
        return page.status_code, clean(page.content.decode(), address)

    assert shown(admin.email) == shown("nobody.here@example.test")


def clean(html, address):
    html = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", html)
    return html.replace(address, "ADDRESS")


def test_reset_answers_the_same_for_a_known_and_an_unknown_address(
    admin, django_capture_on_commit_callbacks
):
    answers = []
    for address in (admin.email, "nobody.here@example.test"):
        with django_capture_on_commit_callbacks(execute=True):
            answer = Client().post(RESET, {"email": address})
        answers.append((answer.status_code, answer.url))
    assert answers == [(302, f"{RESET}done/")] * 2
    assert [len(each.to) for each in mail.outbox] == [1, 1]


def test_guessing_is_slowed_down_per_account_and_locks_nobody_else_out(client, admin):
    for _ in range(5):
        enter(client, admin, "wrong password")
    blocked = enter(Client(), admin)
    assert blocked.status_code == 200  # the right password does not get in either
    assert "Too many failed login attempts" in blocked.content.decode()
    assert enter(Client(REMOTE_ADDR="192.0.2.7"), admin).status_code == 302


def test_too_many_requests_are_refused_in_words(client, admin):
    answers = [client.post(RESET, {"email": f"a{n}@example.test"}) for n in range(11)]
    assert answers[-1].status_code == 429
    assert "Wait five minutes" in answers[-1].content.decode()


@pytest.mark.parametrize("password", ["elevenchars", "password1234", "qwerty123456"])
def test_weak_password_is_refused(admin_client, password):
    path = "/accounts/password/change/"
    typed = {"oldpassword": PASSWORD, "password1": password, "password2": password}
    page = admin_client.post(path, typed)
    assert page.status_code in (200, 422)
    assert "field-errors" in page.content.decode()


def test_long_simple_password_is_fine_and_ends_other_sessions(admin, recorded):
    here, there = signed_in(admin), signed_in(admin)
    new = "aaaa bbbb cccc dddd"
    typed = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert here.post("/accounts/password/change/", typed).status_code == 302
    assert "password.changed" in recorded()
    assert here.get("/people/").status_code == 200
    assert there.get("/people/").status_code == 302


def test_session_gets_a_new_key_at_sign_in(client, admin):
    client.get(LOGIN)
    client.session["x"] = 1
    client.session.save()
    before = client.session.session_key
    enter(client, admin)
    assert client.session.session_key != before


@pytest.mark.parametrize("by_code", [False, True])
def test_session_gets_a_new_key_when_somebody_proves_again_who_they_are(client, admin, by_code):
    enter(client, admin)
    path, typed = "/accounts/reauthenticate/", {"password": PASSWORD}
    if by_code:
        turn_on(client)
        codes = client.get("/accounts/2fa/recovery-codes/").context["unused_codes"]
        path, typed = "/accounts/2fa/reauthenticate/", {"code": codes[0]}
    thief, before = Client(), client.session.session_key
    thief.cookies[settings.SESSION_COOKIE_NAME] = before
    assert client.post(path, dict.fromkeys(typed, "wrong")).status_code == 200
    assert client.session.session_key == before
    assert thief.get("/people/").status_code == 200
    assert client.post(path, typed).status_code == 302
    assert client.session.session_key != before
    assert [client.get("/people/").status_code, thief.get("/people/").status_code] == [200, 302]
    (listed,) = client.get("/accounts/sessions/").context["sessions"]
    assert listed.session_key == client.session.session_key


def turn_on(client):
    page = confirmed(client, "/accounts/2fa/totp/activate/")
    secret = page.context["form"].secret
    done = client.post("/accounts/2fa/totp/activate/", {"code": code(secret)})
    assert done.status_code == 302, done.content.decode()
    return secret


def test_second_factor_is_asked_for_after_the_password(client, admin, recorded):
    enter(client, admin)
    secret = turn_on(client)
    assert "second_factor.added" in recorded()
    other = Client()
    assert enter(other, admin).url == "/accounts/2fa/authenticate/"
    assert other.get("/people/").status_code == 302
    wrong = other.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert wrong.status_code == 200
    cache.clear()  # a code is good once; in a test the same half minute lasts
    assert other.post("/accounts/2fa/authenticate/", {"code": code(secret)}).status_code == 302
    assert other.get("/people/").status_code == 200


def test_secret_of_the_second_factor_is_encrypted(client, admin):
    enter(client, admin)
    secret = turn_on(client)
    assert secret not in str(list(Authenticator.objects.values_list("data", flat=True)))


def test_second_factor_survives_a_change_of_the_secret_key(client, admin, settings):
    enter(client, admin)
    secret = turn_on(client)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another " * 9, [settings.SECRET_KEY]
    cache.clear()
    other = Client()
    enter(other, admin)
    assert other.post("/accounts/2fa/authenticate/", {"code": code(secret)}).status_code == 302


def test_second_factor_whose_key_is_gone_is_told_in_words(client, admin, settings):
    enter(client, admin)
    secret = turn_on(client)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another " * 9, []
    other = Client()
    enter(other, admin)
    answer = other.post("/accounts/2fa/authenticate/", {"code": code(secret)})
    assert answer.status_code == 200
    assert "ask whoever runs it" in answer.content.decode()


def test_recovery_codes_whose_key_is_gone_lead_back_with_words(client, admin):
    enter(client, admin)
    turn_on(client)
    Authenticator.objects.update(data={"seed": "of another key", "used_mask": 0})
    for what in ("", "generate/", "download/"):
        page = client.get(f"/accounts/2fa/recovery-codes/{what}", follow=True)
        assert page.redirect_chain == [("/accounts/2fa/", 302)]
        assert "ask whoever runs it" in page.content.decode()


def test_reset_by_command_takes_the_factor_away_and_is_recorded(client, admin, recorded):
    enter(client, admin)
    turn_on(client)
    call_command("reset_second_factor", admin.email.upper())
    assert recorded()[-3:] == ["second_factor.removed"] * 2 + ["second_factor.reset"]
    assert enter(Client(), admin).url == "/"
    for nobody in (admin.email, "nobody.here@example.test"):
        with pytest.raises(CommandError):
            call_command("reset_second_factor", nobody)


def test_recovery_code_opens_the_door_once(client, admin, recorded):
    enter(client, admin)
    turn_on(client)
    page = client.get("/accounts/2fa/recovery-codes/")
    one = page.context["unused_codes"][0]
    for works in (True, False):
        other = Client()
        enter(other, admin)
        answer = other.post("/accounts/2fa/authenticate/", {"code": one})
        assert (answer.status_code == 302) is works
    assert recorded().count("second_factor.recovery_code_used") == 1


def test_reset_of_the_password_does_not_drop_the_second_factor(
    client, admin, django_capture_on_commit_callbacks
):
    enter(client, admin)
    turn_on(client)
    with django_capture_on_commit_callbacks(execute=True):
        Client().post(RESET, {"email": admin.email})
    link = re.search(r"https?://[^/]+(/accounts/password/\S+)", mail.outbox[-1].body).group(1)
    other = Client()
    form = other.get(link, follow=True)
    new = "another long password"
    other.post(form.request["PATH_INFO"], {"password1": new, "password2": new})
    assert other.get("/people/").status_code == 302
    assert enter(other, admin, new).url == "/accounts/2fa/authenticate/"


def test_sensitive_change_asks_for_the_password_again(admin_client):
    activate = admin_client.get("/accounts/2fa/totp/activate/")
    change = admin_client.post("/accounts/email/", {"action_add": "", "email": "n@example.test"})
    for answer in (activate, change):
        assert answer.status_code == 302
        assert answer.url.startswith("/accounts/reauthenticate/")


def test_sessions_are_listed_and_ended_elsewhere(admin, recorded):
    here, there = Client(), Client(HTTP_USER_AGENT="Another Browser")
    enter(here, admin), enter(there, admin)
    page = here.get("/accounts/sessions/")
    assert "Another Browser" in page.content.decode()
    here.post("/accounts/sessions/")
    assert there.get("/people/").status_code == 302
    assert here.get("/people/").status_code == 200
    assert "sessions.ended_elsewhere" in recorded()


def test_change_of_address_counts_when_the_link_is_opened(
    client, admin, recorded, django_capture_on_commit_callbacks
):
    old, new = admin.email, "renamed.admin@example.test"
    enter(client, admin)
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/accounts/email/", {"action_add": "", "email": new})
        client.post(answer.url, {"password": PASSWORD})  # goes on where it was interrupted
    admin.refresh_from_db()
    assert admin.email == old
    link = next(
        found.group(1)
        for each in mail.outbox
        if (found := re.search(r"https?://[^/]+(/accounts/confirm-email/\S+)", each.body))
    )
    client.post(link)
    admin.refresh_from_db()
    assert admin.email == new
    assert "email.changed" in recorded()


def test_every_routed_page_of_the_library_opens_or_refuses_in_words(admin_client):
    arguments = {
        "account_reset_password_from_key": {"uidb36": "1", "key": "x-y"},
        "account_confirm_email": {"key": "made-up"},
    }
    for name in permissions.LIBRARY_ROUTES:
        path = reverse(name, kwargs=arguments.get(name))
        for visitor in (Client(raise_request_exception=False), admin_client):
            for method in ("get", "post", "put"):
                answer = getattr(visitor, method)(path)
                assert answer.status_code < 500, (name, method)


@pytest.mark.parametrize(
    "path", ["/accounts/login/code/", "/accounts/2fa/webauthn/", "/accounts/3rdparty/"]
)
def test_page_of_the_library_that_we_do_not_offer_is_absent(client, path):
    assert client.get(path).status_code == 404


def test_sign_up_says_that_people_come_by_invitation(client):
    assert "by invitation" in client.get("/accounts/signup/").content.decode()
    typed = {"email": "x@example.test", "password1": PASSWORD, "password2": PASSWORD}
    client.post("/accounts/signup/", typed)
    assert not User.objects.filter(email="x@example.test").exists()
