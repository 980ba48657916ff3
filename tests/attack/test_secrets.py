"""Secrets on their way through a whole run, failures included: none where it does not belong.

Everything that leaves the process or stays behind is kept: each line of the logs as production
writes it, each answer, each message to a worker, and the database as text.
"""

import hashlib
import hmac
import json
import logging
import re
from io import StringIO

import pytest
import responses
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from celery.signals import before_task_publish
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client

from audit import services as audit
from integrations import services as integrations
from integrations.models import ConnectAttempt
from sprinto_xero import logs
from tests import given
from tests.attack import routes
from workspaces.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only]

PASSWORD, CHANGED = "canary horse battery staple", "canary second password of hers"
PROVIDER = "http://127.0.0.1:9"
# Where each secret has to be seen once by whoever it is for.
SHOWN = {
    "API token": "/settings/tokens/create/",
    "TOTP secret": "/accounts/2fa/totp/activate/",
    "recovery code": "/accounts/2fa/recovery-codes/",
    "link token": "/integrations/xero/connect/",
    "invitation": "/join/",
    "reset key": "/accounts/password/reset/key/",
    "e-mail key": "/accounts/confirm-email/",
    "password in the wrong box": "/accounts/login/",  # to whoever typed it, in the same answer
}
# What the database has to know as it is: who holds a session, which attempt an answer belongs to.
KEPT = {"session", "second session", "nonce"}
NO_PAGE = re.compile(r"account_logout|mfa_download_recovery_codes|api_.*")


class Kept:
    """What leaves or stays: logs, answers, messages; and what was secret all along."""

    def __init__(self) -> None:
        self.secrets: dict[str, str] = {}
        self.logs, self.messages = StringIO(), list[str]()
        self.answers: list[tuple[str, str]] = []

    def found(self) -> list[str]:
        """Every secret that stands where it does not belong, and where."""
        dump = "\n".join(connection.connection.iterdump())  # type: ignore[union-attr]
        said = []
        for name, secret in self.secrets.items():
            said += [f"{name} in the logs"] * (secret in self.logs.getvalue())
            said += [f"{name} in a message"] * any(secret in each for each in self.messages)
            said += [f"{name} in the database"] * (secret in dump and name not in KEPT)
            said += [
                f"{name} in {path}"
                for path, text in self.answers
                if secret in text and not path.startswith(SHOWN.get(name, "nowhere"))
            ]
        return said


@pytest.fixture
def kept(settings):
    """Secrets of the installation are canaries; whatever is written is kept, at the lowest level."""
    kept = Kept()
    kept.secrets |= {
        "provider's token": "canary-of-the-providers-token",
        "webhook secret": "canary-of-the-webhooks",
        "older webhook secret": "canary-of-the-older-webhooks",
        "secret key": "canary-of-the-secret-key-0123456789-0123456789-0123456789",
        "seal key": "canary-of-the-seal-key-0123456789",
        "mail password": "canary-of-the-mail-server",
    }
    settings.TRUTO_API_TOKEN = kept.secrets["provider's token"]
    settings.TRUTO_API_BASE_URL = PROVIDER
    settings.TRUTO_WEBHOOK_SECRETS = [
        kept.secrets["webhook secret"],
        kept.secrets["older webhook secret"],
    ]
    settings.SECRET_KEY = kept.secrets["secret key"]
    settings.AUDIT_SEAL_KEYS = {"k1": kept.secrets["seal key"]}
    settings.EMAIL_HOST_PASSWORD = kept.secrets["mail password"]
    handler = logging.StreamHandler(kept.logs)
    made = logs.lines(embedded=False, level="DEBUG")["formatters"]["lines"]
    handler.setFormatter(made.pop("()")(**made))
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)

    def published(body=None, headers=None, **_):
        kept.messages.append(f"{body} {headers}")

    before_task_publish.connect(published)
    cache.clear()
    yield kept
    before_task_publish.disconnect(published)
    root.setLevel(level)
    root.removeHandler(handler)


@pytest.fixture
def visitor(kept, django_capture_on_commit_callbacks):
    """visitor(client)(method, path, ...) asks, keeps the answer, and lets mails go."""

    def of(client):
        client.raise_request_exception = False

        def ask(method, path, data=None, **more):
            with django_capture_on_commit_callbacks(execute=True):
                answer = getattr(client, method)(path, data, **more)
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            headers = {k: v for k, v in answer.headers.items() if k != "Set-Cookie"}
            kept.answers.append((path, f"{headers} {body.decode('utf-8', 'replace')}"))
            return answer

        return ask

    return of


def link(pattern: str) -> str:
    """The last secret of this form that was mailed."""
    found = [re.search(pattern, each.body) for each in mail.outbox]
    return [each for each in found if each][-1][1]


def sign_in(kept, ask, client, admin):
    """Wrong, in the wrong box, right; then another password."""
    kept.secrets |= {"password": PASSWORD, "wrong password": "canary of a wrong password"}
    kept.secrets["password in the wrong box"] = "canary.of.the.wrong.box"
    login = "/accounts/login/"
    ask("post", login, {"login": admin.email, "password": kept.secrets["wrong password"]})
    box = kept.secrets["password in the wrong box"]
    ask("post", login, {"login": box, "password": "x"})
    assert ask("post", login, {"login": admin.email, "password": PASSWORD}).status_code == 302
    kept.secrets["session"] = client.session.session_key
    kept.secrets["changed password"] = CHANGED
    typed = {"oldpassword": PASSWORD, "password1": CHANGED, "password2": CHANGED}
    assert ask("post", "/accounts/password/change/", typed).status_code == 302
    kept.secrets["second session"] = client.session.session_key


def second_factor(kept, ask):
    ask("post", "/accounts/reauthenticate/", {"password": CHANGED})
    page = ask("get", "/accounts/2fa/totp/activate/")
    secret = page.context["form"].secret
    kept.secrets["TOTP secret"] = secret
    assert ask("post", "/accounts/2fa/totp/activate/", {"code": "000000"}).status_code == 200
    counter = next(iter(yield_hotp_counters_from_time()))
    code = format_hotp_value(hotp_value(secret, counter))
    assert ask("post", "/accounts/2fa/totp/activate/", {"code": code}).status_code == 302
    codes = ask("get", "/accounts/2fa/recovery-codes/").context["unused_codes"]
    kept.secrets["recovery code"] = codes[0]


def doors(kept, ask, admin, visitor):
    """A token, an invitation, a reset link, another address."""
    made = ask("post", "/settings/tokens/create/", {"name": "Tool", "scopes": "read", "days": "30"})
    kept.secrets["API token"] = made.context["secret"]
    kept.secrets["token that is none"] = "canary" + "0" * 58
    tool = visitor(Client())
    for secret in (kept.secrets["API token"], kept.secrets["token that is none"]):
        for path in ("/api/v1/staff/", "/api/v1/audit-events/", "/api/v1/nothing/"):
            tool("get", path, headers={"Authorization": f"Bearer {secret}"})
    assert ask("post", "/settings/members/invite/", {"email": "new@example.test", "role": "editor"})
    kept.secrets["invitation"] = link(r"/join/([^/\s]+)/")
    stranger = visitor(Client())
    stranger("get", f"/join/{kept.secrets['invitation']}/")
    stranger("post", f"/join/{kept.secrets['invitation']}/", {"name": "N", "password": "short"})
    stranger("post", "/accounts/password/reset/", {"email": admin.email})
    path = link(r"https?://[^/]+(/accounts/password/reset/key/\S+)")
    kept.secrets["reset key"] = path.rstrip("/").rpartition("/")[2].partition("-")[2]
    stranger("get", path, follow=True)
    ask("post", "/accounts/email/", {"action_add": "", "email": "other.admin@example.test"})
    path = link(r"https?://[^/]+(/accounts/confirm-email/\S+)")
    kept.secrets["e-mail key"] = path.rstrip("/").rpartition("/")[2]
    stranger("get", path)


def provider(kept, ask, workspace, admin):
    """Connecting, a provider that fails and says our own token back, webhooks true and false."""
    kept.secrets["link token"] = "canary-of-a-link-token"
    token = kept.secrets["provider's token"]
    with responses.RequestsMock(assert_all_requests_are_fired=False) as said:
        found = {"result": [], "next_cursor": None, "link_token": kept.secrets["link token"]}
        for method in ("GET", "POST"):
            said.add(method, re.compile(PROVIDER), json=found)
        ask("post", "/integrations/xero/connect/", {"acknowledged": "yes"})
    attempt = ConnectAttempt.objects.get()
    kept.secrets["nonce"] = attempt.nonce
    with responses.RequestsMock(assert_all_requests_are_fired=False) as said:
        for status, words in ((401, f"bad token {token}"), (400, f"Bearer {token}"), (200, token)):
            run = given.request(given.connection(workspace, f"Books {status}", connected_by=admin))
            said.reset()
            said.add("GET", re.compile(PROVIDER), body=words, status=status)
            integrations.run(str(run.pk))
            run.refresh_from_db()
            assert run.error, "the run was to fail"
    body = json.dumps({"id": "1", "event": "integrated_account:active"}).encode()
    for secret in (kept.secrets["webhook secret"], "none"):
        signed = f"format=sha256,v={hmac.digest(secret.encode(), body, hashlib.sha256).hex()}"
        ask(
            "post", "/webhooks/truto/", body, content_type="application/json",
            headers={"x-truto-signature": signed},
        )  # fmt: skip


def look_around(kept, ask, monkeypatch):
    """Every page and export that needs no id; then a page that breaks."""
    looked = 0
    for route in routes.routes():
        plain = not route.kind and ("GET" in route.methods or "any" in route.methods)
        if plain and not NO_PAGE.fullmatch(route.name):
            looked += ask("get", route.path("")).status_code == 200
    monkeypatch.setattr("access.selectors.for_workspace", lambda *_: 1 / 0)
    assert ask("get", "/access/").status_code == 500
    assert looked > 35


def test_no_secret_is_where_it_does_not_belong(
    kept, client, visitor, workspace, make_member, monkeypatch
):
    admin = make_member(workspace, "admin", "admin@example.test")
    admin.set_password(PASSWORD)
    admin.save()
    ask = visitor(client)
    sign_in(kept, ask, client, admin)
    second_factor(kept, ask)
    doors(kept, ask, admin, visitor)
    provider(kept, ask, workspace, admin)
    look_around(kept, ask, monkeypatch)
    counted = (
        f"{len(kept.secrets)} secrets, {len(kept.answers)} answers, {len(kept.messages)} messages"
    )
    print(counted, f"{len(kept.logs.getvalue())} characters of logs")
    assert len(kept.secrets) >= 20
    assert kept.messages
    assert "ZeroDivisionError" in kept.logs.getvalue()
    assert kept.found() == []


@pytest.mark.parametrize("where", ["logs", "a message", "the database", "/people/"])
def test_planted_leak_is_seen(kept, where, workspace, client, visitor):
    kept.secrets["planted"] = secret = "canary-that-was-planted"
    if where == "logs":
        logging.getLogger("planted").debug("with %s", secret)
    elif where == "a message":
        kept.messages.append(secret)
    elif where == "the database":
        with audit.act(workspace, by=given.BY):
            audit.record("planted", password=secret)
    else:
        kept.answers.append((where, f"<p>{secret}"))
    assert any(where in each for each in kept.found())
    assert User.objects.count() == 0
