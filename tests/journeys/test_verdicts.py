"""Verdicts in a browser: a change of policy, and a special case that needs two people."""

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import PASSWORD, Hub
from tests.journeys.test_main_story import connect, row, sync

pytestmark = pytest.mark.journeys
IDENTIFIED = "User should be identified"


@pytest.fixture
def system(admin: Page, hub: Hub) -> str:
    """Connected, read, under control; the address of the system's page."""
    connect(admin, hub)
    expect(admin.get_by_text(re.compile("12 (accounts|users)")).first).to_be_visible(timeout=30_000)
    admin.goto(f"{hub.url}/access/add/")
    admin.get_by_role("button", name="Add System").click()
    expect(admin.get_by_role("heading", name="Xero · Demo Company (Sandbox)").first).to_be_visible()
    return admin.url


def make_admin(admin: Page, hub: Hub, email: str) -> None:
    """Give a member the role Admin on the page of the members."""
    admin.goto(f"{hub.url}/settings/members/")
    row(admin, email).get_by_role("link", name="Change").click()
    admin.locator("input[name=role][value=admin]").check()
    admin.get_by_role("main").locator("button[type=submit]").click()
    expect(row(admin, email)).to_contain_text("Admin")


def add_in_xero(hub: Hub, name: str) -> None:
    """Somebody gets an account in the sandbox's organisation."""
    organisations = hub.control("GET", "organisations")["organisations"]
    demo = next(each for each in organisations if each["name"].startswith("Demo Company"))
    user = {"first_name": "Demo", "last_name": name, "email": f"{name.lower()}@demo.example"}
    path = f"organisations/{demo['id']}/users"
    hub.control("POST", path, users=[user | {"role": "STANDARD"}], replace=False)


def sign_in(browser: Browser, hub: Hub, email: str) -> Page:
    page = browser.new_context().new_page()
    page.goto(f"{hub.url}/")
    page.locator("input[name=login]").fill(email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(f"{hub.url}/access/")
    return page


def test_policy_change_counts_for_new_tasks_and_stands_in_words(
    admin: Page, hub: Hub, system: str
) -> None:
    admin.goto(f"{hub.url}/access/monitoring/user_identified/")
    expect(row(admin, "Accounts Mailbox")).to_contain_text("due in 7 days")

    admin.get_by_role("link", name="Checks", exact=True).click()
    row(admin, IDENTIFIED).get_by_role("link", name="Change").click()
    admin.locator("input[name=grace_days]").fill("21")
    admin.locator("input[name=days][value=business]").check()
    admin.get_by_role("button", name="Save").click()
    expect(row(admin, IDENTIFIED)).to_contain_text("21 business days")

    add_in_xero(hub, "Newcomer")
    sync(admin, hub)
    admin.goto(f"{hub.url}/access/monitoring/user_identified/")
    expect(row(admin, "Accounts Mailbox")).to_contain_text("due in 7 days")
    expect(row(admin, "Demo Newcomer")).to_contain_text(re.compile(r"due in (29|3\d) days"))


def test_special_case_needs_a_second_person(
    admin: Page, hub: Hub, system: str, browser: Browser
) -> None:
    make_admin(admin, hub, "demo.auditor@demo.example")
    admin.goto(f"{hub.url}/access/monitoring/user_identified/")
    admin.get_by_role("link", name="Accounts Mailbox", exact=True).click()
    task = admin.url
    admin.get_by_role("link", name="Ask for a special case").click()
    admin.locator("select[name=reason]").select_option(label="Handover in progress")
    admin.locator("textarea[name=note]").fill("The mailbox goes at the end of the month.")
    admin.locator("input[name=ends_on]").fill((date.today() + timedelta(days=20)).isoformat())
    admin.locator("input[name=file]").set_input_files(
        {"name": "approval.txt", "mimeType": "text/plain", "buffer": b"Agreed by phone."}
    )
    admin.get_by_role("button", name="Ask for approval").click()
    expect(admin.get_by_text("Waiting for approval").first).to_be_visible()
    case = admin.url
    expect(admin.get_by_text("an admin other than you has to decide")).to_be_visible()
    expect(admin.get_by_role("button", name="Approve")).to_have_count(0)

    admin.get_by_role("button", name="Withdraw the request").wait_for()
    admin.goto(task)
    expect(admin.get_by_text("A special case waits for approval.")).to_be_visible()
    expect(admin.locator("section.card").first).to_contain_text("Due")

    second = sign_in(browser, hub, "demo.auditor@demo.example")
    second.goto(case)
    with second.expect_download() as saved:
        second.get_by_role("link", name="approval.txt").click()
    assert saved.value.path().read_bytes() == b"Agreed by phone."
    second.get_by_role("button", name="Approve").click()
    expect(second.get_by_text("In force").first).to_be_visible()
    second.context.close()

    admin.goto(task)
    expect(admin.locator("section.card").first).to_contain_text("Special case")
    admin.goto(system)
    expect(admin.get_by_role("listitem").filter(has_text=IDENTIFIED)).to_contain_text(
        "1 special case"
    )
    admin.goto(case)
    admin.get_by_role("button", name="End now").click()
    admin.goto(task)
    expect(admin.locator("section.card").first).to_contain_text("Due")
