"""The demo workspace: what is seeded, that repeating adds nothing, and where it is refused."""

import pytest
from django.core.management import CommandError, call_command

from audit import clock
from audit.models import Event
from people import selectors as people
from workspaces.models import Membership, User, Workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(monkeypatch):
    monkeypatch.setenv("DEMO_PASSWORD", "a long demo password")
    call_command("seed_demo")
    return Workspace.objects.get(name="Demo Company")


def test_seed_demo_makes_people_of_every_standing(demo):
    now = clock.now()
    by_status = {
        status: {row.name for row in people.directory(demo, status=status, now=now)}
        for status in ("current", "upcoming", "offboarded")
    }
    assert by_status["upcoming"] == {"Demo Upcoming Leaver"}
    assert by_status["offboarded"] == {"Demo Leaver", "Demo Former"}
    assert len(by_status["current"]) == 7
    assert [role.people > 0 for role in people.org_roles(demo, now=now)] == [True] * 5


def test_seed_demo_twice_changes_nothing(demo):
    def counts():
        return Event.objects.count(), User.objects.count(), people.for_workspace(demo).count()

    before = counts()
    call_command("seed_demo")
    assert counts() == before


def test_seed_demo_lets_the_demo_admin_in(demo, client):
    assert client.login(email="demo.admin@demo.example", password="a long demo password")
    assert client.get("/people/").status_code == 200


def test_seed_demo_adds_the_membership_that_a_broken_start_left_out(demo, client):
    Membership.objects.filter(user__email="demo.admin@demo.example").delete()
    call_command("seed_demo")
    assert client.login(email="demo.admin@demo.example", password="a long demo password")
    assert client.get("/people/").status_code == 200


def test_seed_demo_leaves_an_ended_membership_ended(demo):
    rows = Membership.objects.filter(user__email="demo.auditor@demo.example")
    rows.update(ends_at=clock.now())
    call_command("seed_demo")
    assert rows.get().ends_at <= clock.now()


def test_seed_demo_outside_the_sandbox_is_refused(db, settings, monkeypatch):
    monkeypatch.setenv("DEMO_PASSWORD", "a long demo password")
    settings.SANDBOX = False
    with pytest.raises(CommandError, match="SANDBOX"):
        call_command("seed_demo")
    assert not Workspace.objects.exists()


def test_seed_demo_without_a_password_is_refused(db, monkeypatch):
    monkeypatch.delenv("DEMO_PASSWORD", raising=False)
    with pytest.raises(CommandError, match="DEMO_PASSWORD"):
        call_command("seed_demo")
