"""The edge: headers and cookies on every route, sizes, NUL bytes, broken Unicode, secrets in logs."""

import json
import os
import subprocess
import sys
import uuid

import pytest
from django.test import Client
from django.urls import reverse

from people.services import LARGEST
from sprinto_xero.logs import scrub
from workspaces import policy_table

FILLED = {"<uuid:pk>": str(uuid.uuid4()), "<str:secret>": "made-up"}
OPENERS = {"same-origin", "same-origin-allow-popups", "unsafe-none"}


def paths():
    """Every route once, with made-up values; routes written as expressions are tested elsewhere."""
    for line in policy_table.lines():
        path = line.path
        for name, value in FILLED.items():
            path = path.replace(name, value)
        for kind in ("uuid", "str", "slug", "int"):
            while f"<{kind}:" in path:
                start = path.index(f"<{kind}:")
                value = {"uuid": FILLED["<uuid:pk>"], "int": "1"}.get(kind, "xero")
                path = path[:start] + value + path[path.index(">", start) + 1 :]
        if "(?P" not in path and "^" not in path:
            yield f"/{path}"


def faults(path, response):
    headers = response.headers
    csp = headers.get("Content-Security-Policy", "")
    wanted = {
        "default-src 'none'": "default-src 'none'" in csp,
        "frame-ancestors 'none'": "frame-ancestors 'none'" in csp,
        "no inline": "unsafe" not in csp,
        "nosniff": headers.get("X-Content-Type-Options") == "nosniff",
        "referrer": headers.get("Referrer-Policy") == "same-origin",
        "opener": headers.get("Cross-Origin-Opener-Policy") in OPENERS,
        "resource": headers.get("Cross-Origin-Resource-Policy") == "same-origin",
        "cache": "no-store" in headers.get("Cache-Control", "") or response.status_code == 304,
        "below 500": response.status_code < 500,
    }
    for cookie in response.cookies.values():
        wanted[f"cookie {cookie.key}"] = cookie["samesite"] == "Lax" and cookie["path"] == "/"
        wanted[f"script {cookie.key}"] = bool(cookie["httponly"]) or "csrf" in cookie.key
    return [f"{path}: {name}" for name, fine in wanted.items() if not fine]


@pytest.mark.parametrize("visitor", ["stranger", "admin"])
def test_every_route_answers_with_the_headers_that_protect(visitor, client, admin_client):
    who = admin_client if visitor == "admin" else client
    who.raise_request_exception = False
    found = [fault for path in paths() for fault in faults(path, who.get(path))]
    assert len(list(paths())) > 100
    assert found == []


@pytest.mark.parametrize(
    "path",
    [
        "/people/?q=%00",
        "/people/?q=%ff%fe",
        "/people/%00/",
        "/join/%00/",
        "/api/v1/tasks/?q=%00",
        "/accounts/login/?next=%00",
    ],
)
def test_address_that_is_no_text_is_refused_in_words(admin_client, path):
    answer = admin_client.get(path)
    assert answer.status_code == 400
    assert "Nothing was changed" in answer.content.decode() or "problem" in answer["Content-Type"]


def test_charset_in_which_an_address_could_hide_a_nul_byte_is_refused(admin_client):
    answer = admin_client.get("/people/?q=%2BAAA-", CONTENT_TYPE="text/plain; charset=utf-7")
    assert answer.status_code == 400


@pytest.mark.parametrize("value", ["a%00b", "%ff", "%ED%A0%80", "%C3%28"])
def test_form_that_is_no_text_is_refused_in_words(admin_client, workspace, value):
    body = f"name={value}&zone=UTC"
    answer = admin_client.post(
        "/settings/workspace/", body, content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 400
    assert "could not be read" in answer.content.decode()


def test_multipart_field_with_a_nul_byte_is_refused(admin_client):
    answer = admin_client.post("/settings/workspace/", {"name": "a\x00b", "zone": "UTC"})
    assert answer.status_code == 422


def test_header_with_a_nul_byte_is_refused(admin_client):
    assert admin_client.get("/people/", headers={"x-request-id": "a\x00"}).status_code == 400


def test_form_above_its_limit_is_refused_in_words(admin_client):
    body = "name=" + "x" * (1 << 20)
    answer = admin_client.post(
        "/settings/workspace/", body, content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 413
    assert "larger than this page takes" in answer.content.decode()


def test_multipart_text_above_its_limit_is_refused_in_words(admin_client):
    answer = admin_client.post("/settings/workspace/", {"name": "x" * (1 << 21)})
    assert answer.status_code == 413


def test_body_above_all_limits_is_refused_unread(admin_client, settings):
    answer = admin_client.get("/people/", CONTENT_LENGTH=str(settings.LARGEST_BODY + 1))
    assert answer.status_code == 413


def test_list_of_people_may_be_as_large_as_its_page_promises(admin_client):
    length = LARGEST + (1 << 20)
    assert admin_client.get("/people/imports/", CONTENT_LENGTH=str(length)).status_code == 200
    assert admin_client.get("/people/imports/", CONTENT_LENGTH=str(2 * length)).status_code == 413


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/password/reset/"])
def test_sign_in_without_the_cache_says_so(client, admin, settings, path):
    redis = "django.core.cache.backends.redis.RedisCache"
    settings.CACHES = {"default": {"BACKEND": redis, "LOCATION": "redis://127.0.0.1:1/1"}}
    client.raise_request_exception = False
    typed = {"login": admin.email, "email": admin.email, "password": "correct horse battery"}
    answer = client.post(path, typed)
    assert answer.status_code == 503
    assert "Nothing was changed" in answer.content.decode()


@pytest.mark.parametrize("length", ["", "-1", "x", "9" * 50])
def test_length_that_is_no_number_does_no_harm(client, db, length):
    assert client.get("/accounts/login/", CONTENT_LENGTH=length).status_code < 500
    form = {"content_type": "application/x-www-form-urlencoded", "CONTENT_LENGTH": length}
    assert client.post("/accounts/login/", "login=a", **form).status_code < 500


def test_production_has_host_cookies_and_demands_https():
    wanted = [
        "SESSION_COOKIE_NAME",
        "CSRF_COOKIE_NAME",
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
        "SECURE_HSTS_SECONDS",
        "SECURE_HSTS_INCLUDE_SUBDOMAINS",
        "SECURE_SSL_REDIRECT",
        "DEBUG",
    ]
    code = (
        "import django, json; django.setup(); from django.conf import settings;"
        f"print(json.dumps({{n: getattr(settings, n) for n in {wanted!r}}}))"
    )
    environment = {
        name: value for name, value in os.environ.items() if name not in ("SANDBOX", "DEBUG")
    } | {
        "DJANGO_SETTINGS_MODULE": "sprinto_xero.settings",
        "DEPLOYMENT": "production",
        "ALLOWED_HOSTS": "example.test",
        "DATABASE_URL": "postgres://app@127.0.0.1:1/app",
        "REDIS_URL": "redis://127.0.0.1:1/1",
        "CELERY_BROKER_URL": "redis://127.0.0.1:1/0",
        "EMAIL_URL": "smtp://127.0.0.1:1",
        "DEFAULT_FROM_EMAIL": "hub@example.test",
    }
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    said = json.loads(done.stdout)
    assert said["SESSION_COOKIE_NAME"].startswith("__Host-")
    assert said["CSRF_COOKIE_NAME"].startswith("__Host-")
    assert said["SECURE_HSTS_SECONDS"] >= 31536000
    assert not said.pop("DEBUG")
    assert all(said.values())


@pytest.mark.parametrize(
    "text",
    [
        "GET /join/canary-of-a-link/",
        "Not Found: /accounts/password/reset/key/1-canary-of-a-link/",
        "/accounts/confirm-email/canary:of:a:link/",
        "/accounts/login/?next=%2Fjoin%2Fcanary-of-a-link%2F",
    ],
)
def test_secret_of_an_address_does_not_reach_the_logs(text):
    assert "canary" not in scrub(None, "info", {"event": text})["event"]


def test_home_leads_a_collaborator_to_their_tasks(client, workspace, make_member, admin_client):
    client.force_login(make_member(workspace, "collaborator"))
    assert client.get("/").url == reverse("access:work")
    assert admin_client.get("/").url == reverse("access:systems")
    assert Client().get("/").url.startswith("/accounts/login/")
