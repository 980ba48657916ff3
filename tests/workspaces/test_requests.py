"""Who acts by a request: one id in log and record, and the address that a trusted proxy saw."""

import json

import pytest
import structlog
from django.test import RequestFactory
from django_structlog.signals import bind_extra_request_finished_metadata

from audit.models import Event, EventBody
from tests.api import Tool
from workspaces.requests import client_ip

pytestmark = pytest.mark.django_db


@pytest.fixture
def logged():
    """The ids that the log's lines of each request carry."""
    seen = []

    def note(**said):
        seen.append(structlog.contextvars.get_contextvars()["request_id"])

    bind_extra_request_finished_metadata.connect(note, weak=False)
    yield seen
    bind_extra_request_finished_metadata.disconnect(note)


def newest(chain):
    event = Event.objects.filter(chain=chain).latest("seq")
    return json.loads(EventBody.objects.get(event_id=event.pk).text)["by"]


def test_page_and_api_record_the_id_of_the_log(logged, admin_client, workspace, admin):
    admin_client.post("/settings/tokens/create/", {"name": "A", "scopes": ["read"], "days": "90"})
    assert newest(workspace.pk)["request_id"] == logged[-1]
    Tool(workspace, admin).post("org-roles/", {"name": "Sales"})
    assert newest(workspace.pk)["kind"] == "token"
    assert newest(workspace.pk)["request_id"] == logged[-1]


@pytest.mark.parametrize(
    ("proxies", "header", "address"),
    [
        (0, "198.51.100.1", "192.0.2.1"),
        (1, "203.0.113.9, 198.51.100.1", "198.51.100.1"),
        (2, "203.0.113.9, 198.51.100.1", "203.0.113.9"),
        (1, "198.51.100.1:4711", "198.51.100.1"),
        (1, None, "192.0.2.1"),
        (1, "", "192.0.2.1"),
        (1, "unknown", "192.0.2.1"),
        (2, "198.51.100.1", "192.0.2.1"),
    ],
)
def test_address_is_what_the_outermost_trusted_proxy_saw(settings, proxies, header, address):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    headers = {} if header is None else {"x-forwarded-for": header}
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR="192.0.2.1")
    assert client_ip(request) == address


def test_sign_in_works_for_a_request_past_the_proxies(client, admin, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2
    typed = {"login": admin.email, "password": "correct horse battery"}
    answer = client.post("/accounts/login/", typed, headers={"x-forwarded-for": "198.51.100.1"})
    assert answer.status_code == 302
