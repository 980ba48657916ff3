"""A tool pushes a leaver with the token that an admin made for it; the task is there for the admin."""

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Hub
from tests.journeys.looking import faults
from tests.journeys.test_main_story import OFFBOARDED, connect, row
from tests.journeys.test_system_again import add

pytestmark = pytest.mark.journeys
LEAVER = "Demo Sales"


def make_token(admin: Page, hub: Hub, name: str, *scopes: str) -> str:
    """What the one page that ever shows it says."""
    admin.goto(f"{hub.url}/settings/tokens/")
    admin.get_by_role("link", name="Create a token").first.click()
    admin.get_by_label("Name").fill(name)
    for scope in scopes:
        admin.locator(f"input[name=scopes][value='{scope}']").check()
    admin.get_by_role("button", name="Create").click()
    expect(admin.get_by_role("heading", name="Copy your new token now")).to_be_visible()
    secret = admin.locator(".copy code").inner_text()
    admin.get_by_role("link", name="I have copied it").click()
    expect(row(admin, name)).to_contain_text("Never")
    return secret


def test_tool_pushes_a_leaver_and_the_task_appears(admin: Page, hub: Hub) -> None:
    connect(admin, hub)
    expect(admin.get_by_text("12 accounts").first).to_be_visible(timeout=30_000)
    add(admin, hub)
    summary = admin.url
    admin.goto(f"{hub.url}/access/tasks/")
    expect(row(admin, LEAVER).filter(has_text=OFFBOARDED)).to_have_count(0)
    api, tool = f"{hub.url}/api/v1", requests.Session()
    tool.headers["Authorization"] = f"Bearer {make_token(admin, hub, 'HR export', 'people:write')}"

    # The tool finds the person and says that access ended, as the guide tells it to.
    found = tool.get(f"{api}/staff/", params={"search": LEAVER}, timeout=30)
    (leaver,) = found.json()["results"]
    said = {"Idempotency-Key": "leaver-1"}
    offboard = f"{api}/staff/{leaver['id']}/offboard/"
    told = tool.post(offboard, json={"access_ends": "now"}, headers=said, timeout=30)
    assert told.ok, told.text

    # The task is there, says what to do in Xero, and the record says which token it was.
    admin.goto(f"{hub.url}/access/tasks/")
    row(admin, LEAVER).filter(has_text=OFFBOARDED).get_by_role("link").first.click()
    expect(admin.get_by_role("heading", level=1)).to_contain_text(LEAVER)
    expect(admin.get_by_text(OFFBOARDED).first).to_be_visible()
    expect(admin.locator("#how-to-fix")).to_contain_text("choose “Remove access”")
    assert faults(admin, admin.url) == []
    admin.goto(f"{hub.url}/settings/audit-log/")
    expect(admin.get_by_text("HR export").first).to_be_visible()
    admin.goto(f"{hub.url}/settings/tokens/")
    expect(row(admin, "HR export")).not_to_contain_text("Never")

    # Revoked, it ends at the tool's next request; what it pushed stays.
    row(admin, "HR export").get_by_role("link", name="Revoke").click()
    admin.get_by_role("button", name="Revoke").click()
    assert tool.get(f"{api}/staff/", timeout=30).status_code == 401
    admin.goto(summary)
    line = admin.locator("section.card").first.get_by_role("listitem").filter(has_text=OFFBOARDED)
    expect(line).not_to_contain_text("Passing")
