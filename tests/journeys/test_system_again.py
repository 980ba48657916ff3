"""A system removed and added again: the old record goes on, and the gap shows wherever it matters."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Hub
from tests.journeys.looking import faults
from tests.journeys.test_main_story import connect

pytestmark = pytest.mark.journeys
NAME = "Xero · Demo Company (Sandbox)"
CONFIGURED = "Critical system access control should be configured"


def add(admin: Page, hub: Hub) -> None:
    admin.goto(f"{hub.url}/access/add/")
    admin.get_by_role("button", name="Add System").click()
    expect(admin.get_by_role("heading", name=NAME).first).to_be_visible()


def save_rule_after_a_look(admin: Page) -> None:
    """Choose an Org role, narrow it, and see who changes before anything is saved."""
    admin.get_by_role("link", name="Configure now").first.click()
    admin.get_by_label("Bookkeeper", exact=True).check()
    admin.get_by_label("Xero roles for Bookkeeper").select_option("Up to Standard")
    expect(admin.locator("#preview")).to_contain_text("would change", timeout=10_000)
    admin.get_by_role("button", name="Save rule").click()
    expect(admin.get_by_text("Up to Standard")).to_be_visible()


def test_system_removed_and_added_again_goes_on_with_its_record(admin: Page, hub: Hub) -> None:
    connect(admin, hub)
    expect(admin.get_by_text("12 accounts").first).to_be_visible(timeout=30_000)
    add(admin, hub)
    summary = admin.url
    save_rule_after_a_look(admin)

    # A reason is asked for and kept.
    admin.get_by_role("link", name="Remove this system").click()
    assert faults(admin, admin.url) == []
    admin.get_by_label("Why is it no longer critical?").fill("Books move elsewhere")
    admin.get_by_role("button", name="Remove system").click()
    expect(admin.get_by_role("heading", name="Removed systems")).to_be_visible()
    expect(admin.get_by_text("Books move elsewhere").first).to_be_visible()

    # Removed it shows no green, and its open tasks are listed still, apart.
    assert faults(admin, summary) == []
    expect(admin.locator("section.card").first).not_to_contain_text("Passing")
    admin.goto(f"{hub.url}/access/monitoring/?show=unmonitored")
    expect(admin.get_by_role("row").nth(1)).to_contain_text("Not monitored")

    # Added again: the same page, the same rule, and the gap.
    admin.goto(summary)
    admin.get_by_role("button", name="Add again").click()
    expect(admin).to_have_url(summary)
    expect(admin.get_by_text("Up to Standard")).to_be_visible()
    line = admin.locator("section.card").first.get_by_role("listitem").filter(has_text=CONFIGURED)
    expect(line).to_contain_text("Passing")
    gap = "the system was removed: Books move elsewhere"
    expect(admin.get_by_text(gap)).to_be_visible()
    admin.get_by_role("link", name="History").click()
    expect(admin.get_by_text("Monitoring goes on")).to_be_visible()
    admin.goto(f"{hub.url}/access/monitoring/user_identified/")
    admin.get_by_role("row").nth(1).get_by_role("link").first.click()
    expect(admin.get_by_text("Not monitored").first).to_be_visible()
