"""Connecting Xero as a person does: a real pop-up, and every way that it can end."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Hub

pytestmark = [pytest.mark.journeys, pytest.mark.sqlite_only]

FIRST, SECOND = "Demo Company (Sandbox)", "Second Demo Company (Sandbox)"
ACKNOWLEDGE = "I understand that Truto.one"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """One installation for all of these: each story leaves the next one what it needs."""
    running = Hub(tmp_path_factory.mktemp("hub") / "data")
    yield running
    assert running.installation.end() == 0


def open_page(page: Page, hub: Hub) -> None:
    page.goto(f"{hub.url}/integrations/")
    page.get_by_role("link", name="Connect Xero").click()
    expect(page.get_by_role("heading", name="Xero", exact=True)).to_be_visible()


def start(page: Page) -> Page:
    """Tick, press "Connect to Xero", and give the pop-up at Truto's connect page."""
    page.get_by_label(ACKNOWLEDGE).check()
    with page.expect_popup() as popup:
        page.get_by_role("button", name="Connect to Xero").click()
    popup.value.get_by_role("heading", name="Connect Xero").wait_for()
    return popup.value


def consent(window: Page, organisation: str = FIRST, *, answer: str = "Allow access") -> None:
    window.get_by_role("button", name="Connect").click()
    window.get_by_label("Organisation").select_option(label=organisation)
    window.get_by_role("button", name=answer).click()


def status(page: Page, words: str) -> None:
    """The page says so in its own place, without having been loaded again."""
    expect(page.locator("#connect-status")).to_contain_text(words)
    assert page.evaluate("window.notReloaded") is True


@pytest.fixture
def here(admin: Page, hub: Hub) -> Page:
    """Xero's page, marked so that a reload would show."""
    open_page(admin, hub)
    admin.evaluate("window.notReloaded = true")
    return admin


def test_connect_without_the_tick_opens_nothing(here: Page) -> None:
    here.get_by_role("button", name="Connect to Xero").click()
    assert len(here.context.pages) == 1
    expect(here.locator("#connect-status")).to_be_empty()


def test_connect_denied_says_so(here: Page) -> None:
    consent(start(here), answer="Cancel")
    status(here, "Access was not allowed")


def test_connect_closed_half_way_says_so(here: Page) -> None:
    start(here).close()
    status(here, "The window was closed before access was allowed")


def test_connect_not_valid_says_why(here: Page) -> None:
    window = start(here)
    window.get_by_role("button", name="Connect").click()
    window.get_by_text("For developers").click()
    window.get_by_label("Ending").select_option("validation_error")
    window.get_by_role("button", name="Allow access").click()
    status(here, "The permission check failed")


def test_connect_with_pop_ups_blocked_goes_on_in_this_window(here: Page, hub: Hub) -> None:
    here.evaluate("window.open = () => null")
    here.get_by_label(ACKNOWLEDGE).check()
    here.get_by_role("button", name="Connect to Xero").click()
    status(here, "Your browser blocked the pop-up")
    here.get_by_role("button", name="Go on in this window").click()
    here.get_by_role("link", name="Go on to Truto.one").click()
    consent(here, SECOND)
    here.wait_for_url(f"{hub.url}/integrations/xero/**")
    expect(here.locator("#connect-status")).to_contain_text(f"Connected: {SECOND}")


def test_connect_in_the_pop_up_reads_the_first_list(here: Page) -> None:
    window = start(here)
    consent(window)
    status(here, f"Connected: {FIRST}")
    status(here, "12 accounts read")
    assert window.is_closed()


def test_connect_the_same_organisation_again_is_refused(here: Page) -> None:
    """Builds on the connection that the test before made."""
    consent(start(here))
    status(here, "This organisation is connected already")


def test_messages_of_other_windows_and_origins_change_nothing(here: Page) -> None:
    start(here)
    forged = '{"is_truto": true, "result": "success", "integrated_account_id": "x"}'
    here.evaluate(f"window.postMessage({forged}, '*')")
    status(here, "Waiting until you have allowed access")
    expect(here.locator("#connect-status")).not_to_contain_text("Connected")


def test_page_loaded_anew_goes_on_with_the_attempt_and_closes_its_window(
    here: Page, hub: Hub
) -> None:
    window = start(here)
    here.reload()
    expect(here.locator("#connect-status")).to_contain_text("allowed access in the other window")
    with window.expect_event("close"):
        consent(window)
    expect(here.locator("#connect-status")).to_contain_text("connected already")
