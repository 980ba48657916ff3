"""The whole story: connect in the pop-up, first sync, system, rule, identify, offboard, all passing."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Hub

pytestmark = pytest.mark.journeys
OFFBOARDED = "Xero access should be removed for offboarded user"
VALID = "User access to Critical System should be valid"
IDENTIFIED = "User should be identified"


def connect(admin: Page, hub: Hub, organisation: str = "Demo Company (Sandbox)") -> None:
    """Acknowledge, open the pop-up, allow access there."""
    admin.goto(f"{hub.url}/integrations/xero/")
    admin.get_by_role("checkbox").check()
    with admin.expect_popup() as opened:
        admin.get_by_role("button", name="Connect to Xero").click()
    popup = opened.value
    popup.get_by_role("button", name="Connect").click()
    popup.get_by_label(re.compile("organisation", re.I)).first.select_option(label=organisation)
    popup.get_by_role("button", name="Allow access").click()


def sync(admin: Page, hub: Hub) -> None:
    """Press "Sync now" and wait until the list is read."""
    admin.goto(f"{hub.url}/integrations/connected/")
    admin.get_by_role("link", name="Demo Company (Sandbox)", exact=True).click()
    admin.get_by_role("button", name="Sync now").click()
    expect(admin.locator("#now")).not_to_contain_text("Syncing", timeout=30_000)


def row(admin: Page, name: str):
    return admin.get_by_role("row").filter(has_text=name)


def identify_as_staff(admin: Page, users: str, account: str, person: str) -> None:
    admin.goto(users)
    row(admin, account).get_by_role("link", name="Identify").click()
    admin.locator("input[value=existing_staff][type=radio]").check()
    admin.get_by_label("Person", exact=True).fill(person)
    admin.get_by_role("button", name="Record decision").click()


def identify_as_not_staff(admin: Page, users: str, account: str, kind: str, ends: str) -> None:
    admin.goto(users)
    row(admin, account).get_by_role("link", name="Identify").click()
    admin.locator("input[value=not_staff][type=radio]").check()
    admin.locator("select[name=not_staff_kind]").select_option(label=kind)
    admin.get_by_label("Accountable owner").fill("Demo Finance Lead")
    if kind == "Shared":
        admin.get_by_label("Who uses it").fill("Demo Finance Lead")
    admin.locator("textarea[name=reason]").fill("Looked at and accepted")
    admin.locator("input[name=ends_on]").fill(ends)
    admin.get_by_role("button", name="Record decision").click()


def tick_roles(admin: Page, *roles: str) -> None:
    for role in roles:
        admin.get_by_label(role, exact=True).check()
    admin.get_by_role("button", name="Save rule").click()


def remove_in_xero(hub: Hub, name: str) -> None:
    """What a person does in the sandbox's user administration."""
    organisations = hub.control("GET", "organisations")["organisations"]
    demo = next(each for each in organisations if each["name"].startswith("Demo Company"))
    users = hub.control("GET", f"organisations/{demo['id']}/users")["users"]
    for user in users:
        shown = f"{user['first_name']} {user['last_name']}".strip()
        if name in (shown, user["email"]):
            hub.control("DELETE", f"users/{user['user_id']}")
            return
    raise AssertionError(f"{name} is not in {users}")


def test_story_from_sign_in_to_all_passing(admin: Page, hub: Hub) -> None:
    connect(admin, hub)
    expect(admin.get_by_text("Demo Company (Sandbox)").first).to_be_visible(timeout=30_000)
    expect(admin.get_by_text(re.compile("12 (accounts|users)")).first).to_be_visible(timeout=30_000)

    admin.goto(f"{hub.url}/access/")
    admin.get_by_role("link", name="Add a critical system").first.click()
    expect(admin.get_by_role("heading", name="Add a Critical Access System")).to_be_visible()
    admin.get_by_role("button", name="Add System").click()
    expect(admin.get_by_role("heading", name="Xero · Demo Company (Sandbox)").first).to_be_visible()
    summary = admin.url
    users = f"{summary}users/"

    admin.get_by_role("link", name="Configure now").first.click()
    tick_roles(admin, "Bookkeeper", "Finance lead", "Operations", "Sales")

    identify_as_staff(admin, users, "D Contractor", "Demo Contractor")
    identify_as_not_staff(admin, users, "Accounts Mailbox", "Shared", "2027-06-30")
    identify_as_not_staff(admin, users, "External Adviser", "External", "2027-06-30")
    remove_in_xero(hub, "no.name@demo.example")

    # An Org role that the rule does not list: invalid, and valid at once when it is added here.
    admin.goto(users)
    expect(row(admin, "Demo Accountant")).to_contain_text("Revoke")
    row(admin, "Demo Accountant").get_by_role("button", name="Add role").click()
    expect(row(admin, "Demo Accountant")).to_contain_text("Passing")

    # Somebody leaves now: the task is there in the same request.
    admin.goto(users)
    row(admin, "Demo Sales").locator("td[data-label='Identified as'] a").click()
    admin.get_by_role("link", name="Offboard", exact=True).click()
    admin.locator("input[name=access_ends][value=now]").check()
    admin.get_by_role("button", name="Record the leaving").click()
    expect(admin.get_by_role("link", name=OFFBOARDED)).to_be_visible()

    # Removed in Xero and read again: the tasks pass by themselves.
    remove_in_xero(hub, "Demo Sales")
    admin.get_by_role("link", name=OFFBOARDED).click()
    admin.get_by_role("button", name="Sync now").click()
    verdict = admin.locator("section.card").first
    expect(verdict).to_contain_text("Passing", timeout=30_000)  # without being loaded again
    remove_in_xero(hub, "Demo Leaver")
    admin.goto(summary)
    card = admin.locator("section.card").first
    admin.get_by_role("button", name="Sync now").first.click()
    for title in (
        IDENTIFIED,
        OFFBOARDED,
        "Critical system access control should be configured",
        VALID,
    ):
        line = card.get_by_role("listitem").filter(has_text=title)
        expect(line).to_contain_text("Passing", timeout=30_000)  # without being loaded again
