"""A list that loses many people at once is held: looked at, thrown away, read again, accepted."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Hub
from tests.journeys.looking import looks_well
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
    looks_well(admin, "integrations:held")
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
    reconnects_without_a_reload(admin, hub)


def reconnects_without_a_reload(admin: Page, hub: Hub) -> None:
    """Refused by Xero, renewed in the pop-up: state, reading and run log follow by themselves."""
    account = hub.control("GET", "accounts")["accounts"][0]["id"]
    hub.control("POST", f"accounts/{account}/faults", needs_reauth=True)
    admin.get_by_role("button", name="Sync now").click()
    expect(admin.locator("#now")).to_contain_text("Needs reconnect", timeout=30_000)
    hub.control("DELETE", f"accounts/{account}/faults")
    admin.goto(f"{admin.url}#reconnect")
    expect(admin.locator("#reconnect")).to_be_focused()
    with admin.expect_popup() as opened:
        admin.keyboard.press("Enter")
    opened.value.get_by_role("button", name="Connect").click()
    opened.value.get_by_role("button", name="Allow access").click()
    expect(admin.locator("#connect-status")).to_contain_text("Connected again", timeout=30_000)
    expect(admin.locator("#now")).not_to_contain_text("Needs reconnect")
    log = admin.get_by_role("region", name="Runs")
    expect(log.get_by_role("row").nth(1)).to_contain_text("Succeeded", timeout=30_000)
    expect(log).not_to_contain_text(re.compile("Running|Waiting"))
