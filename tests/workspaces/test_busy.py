"""Tests of workspaces: another act of the company holds on for longer than anybody should wait."""

import threading

import pytest
from django.db import connection
from django.test import Client

from audit import services as audit
from people.models import StaffMember
from tests.committing import admins_of_their_own
from workspaces import services as workspaces
from workspaces.permissions import Scope

IMPATIENT = {
    "postgresql": "SET lock_timeout = '100ms'",
    "sqlite": "PRAGMA busy_timeout = 100",
}
PERSON = {"name": "Somebody New", "email": "somebody.new@example.test"}


@pytest.fixture
def busy(committing, by):
    """An admin of a workspace in which an act of somebody else's does not end."""
    workspace, (member,) = admins_of_their_own(1, by)
    client = Client()
    client.force_login(member.user)
    _, secret = workspaces.create_token(
        workspace, name="HR", user=member.user, scopes=[Scope.WRITE_PEOPLE], by=by
    )
    client.get("/people/")  # what a first visit writes is written
    begun, over = threading.Event(), threading.Event()

    def hold():
        with audit.act(workspace, by=by):
            begun.set()
            over.wait(20)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    begun.wait(20)
    with connection.cursor() as cursor:
        cursor.execute(IMPATIENT[connection.vendor])
    yield client, secret
    over.set()
    thread.join()


def test_page_says_that_nothing_was_saved_and_to_send_it_again(busy):
    client, _ = busy
    page = client.post("/people/add/", PERSON | {"employment_type": "employee"})
    assert page.status_code == 503
    assert "Send it again in a minute" in page.content.decode()
    assert not StaffMember.objects.exists()


def test_endpoint_says_so_too_and_when_to_come_back(busy):
    client, secret = busy
    said = client.post(
        "/api/v1/staff/",
        PERSON,
        content_type="application/json",
        headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": "one"},
    )
    assert (said.status_code, said["Content-Type"]) == (503, "application/problem+json")
    assert said["Retry-After"] == "10"
    assert "Nothing was changed" in said.json()["detail"]
    assert not StaffMember.objects.exists()
