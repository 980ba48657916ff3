"""The workspace's own settings, and the page that says who may do what."""

import pytest

from audit import selectors as record
from tests.conftest import signed_in
from workspaces import permissions, policy_table, services
from workspaces.models import Workspace
from workspaces.permissions import Role

SETTINGS = "/settings/workspace/"
POLICY = "/help/permissions/"


def test_name_and_zone_are_saved_and_recorded(admin_client, workspace):
    typed = {"name": "  New   Name ", "zone": "Australia/Sydney"}
    assert admin_client.post(SETTINGS, typed).status_code == 302
    workspace.refresh_from_db()
    assert (workspace.name, workspace.zone) == ("New Name", "Australia/Sydney")
    newest = record.history(workspace.id, f"workspace:{workspace.id}")[0]
    assert newest["body"]["before"] == {"name": "Example Company", "zone": "Europe/London"}


def test_part_that_is_not_given_stays_as_somebody_else_left_it(workspace, by):
    stale = Workspace.objects.get(pk=workspace.pk)
    services.change_settings(workspace, zone="Australia/Sydney", by=by)
    done = services.change_settings(stale, name="New Name", by=by)
    assert (done.name, done.zone) == ("New Name", "Australia/Sydney")


@pytest.mark.parametrize(
    "typed",
    [
        {"name": "", "zone": "UTC"},
        {"name": "x", "zone": "Moon/Base"},
        {"name": "x", "zone": "../etc/passwd"},
        {"name": "x" * 201, "zone": "UTC"},
    ],
)
def test_settings_that_make_no_sense_are_refused(admin_client, workspace, typed):
    assert admin_client.post(SETTINGS, typed).status_code == 422
    workspace.refresh_from_db()
    assert workspace.name == "Example Company"


def test_settings_are_for_admins(auditor_client, workspace, make_member):
    assert auditor_client.get(SETTINGS).status_code == 403
    assert signed_in(make_member(workspace, Role.EDITOR)).post(SETTINGS).status_code == 403


def test_policy_table_holds_every_route_with_its_need():
    lines = list(policy_table.lines())
    assert len(lines) > 100
    assert [line.path for line in lines if line.needs not in permissions.KNOWN] == []
    assert [line.path for line in lines if line.to_write not in {"", *permissions.KNOWN}] == []


def test_policy_table_says_of_each_role_what_is_enforced():
    table = {line.name: line for line in policy_table.lines()}
    may = {name: dict(table[name].roles) for name in ("workspaces:invite", "workspaces:audit_log")}
    assert may["workspaces:invite"] == {
        "Admin": True,
        "Editor": False,
        "Collaborator": False,
        "Auditor": False,
    }
    assert may["workspaces:audit_log"]["Auditor"]
    assert not may["workspaces:audit_log"]["Collaborator"]


def test_every_line_says_what_it_is_about():
    lines = [line for _, group in policy_table.groups() for line in group]
    needing = [each for each in policy_table.lines() if each.needs not in (permissions.PUBLIC, "")]
    assert sorted(line.path for line in lines) == sorted(each.path for each in needing)
    assert [line.path for line in lines if not line.what.endswith(".")] == []


@pytest.mark.parametrize("role", Role)
def test_policy_page_opens_for_every_member(workspace, make_member, role):
    page = signed_in(make_member(workspace, role)).get(POLICY)
    assert page.status_code == 200
    assert "members.manage" in page.content.decode()
