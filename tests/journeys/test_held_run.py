"""A list that loses many people at once is held: looked at, thrown away, read again, accepted."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Hub
from tests.journeys.looking import faults
from tests.journeys.test_main_story import connect, remove_in_xero

pytestmark = pytest.mark.journeys
GONE = ("Demo Sales", "Demo Bookkeeper", "Demo Leaver", "D Contractor")


def sync(admin: Page, connection: str) -> None:
    admin.goto(connection)
    admin.get_by_role("button", name="Sync now").click()
    expect(admin.locator("#now")).not_to_contain_text("Syncing", timeout=30_000)


def test_held_list_is_discarded_and_then_accepted(admin: Page, hub: Hub) -> None:
    connect(admin, hub)
    expect(admin.get_by_text(re.compile("12 (accounts|users)")).first).to_be_visible(timeout=30_000)
    admin.goto(f"{hub.url}/integrations/connected/")
    admin.get_by_role("link", name="Demo Company (Sandbox)", exact=True).click()
    connection = admin.url
    for name in GONE:
        remove_in_xero(hub, name)

    sync(admin, connection)
    held = admin.locator("#now").get_by_role("link").filter(has_text="Look at it")
    expect(held.first).to_be_visible()
    held.first.click()
    for name in GONE:
        expect(admin.get_by_text(name, exact=True).first).to_be_visible()
    assert faults(admin, admin.url) == []
    admin.get_by_label("Reason").fill("Looks like a fault of the reading")
    admin.get_by_role("button", name="Discard").click()
    expect(admin.get_by_text("The list was thrown away.")).to_be_visible()
    accounts = admin.locator("#now dl > div").filter(has_text="Accounts")
    expect(accounts).to_contain_text("12")

    sync(admin, connection)
    expect(accounts).to_contain_text("12")
    held.first.click()
    admin.get_by_label("Reason").fill("These people left with the sold shop")
    admin.get_by_role("button", name="Accept").click()
    expect(admin.get_by_text("The list is the current one now.")).to_be_visible()
    expect(admin.locator("#now")).to_contain_text("Connected")
    expect(accounts).to_contain_text("8")
