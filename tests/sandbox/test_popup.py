"""The connect page in a real browser: what its opener hears, and the way back without one."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.sandbox.client import serving
from tests.sandbox.flow import SECOND, link
from tests.sandbox_process import SandboxProcess

pytestmark = pytest.mark.journeys

# A client as small as can be: it opens the pop-up and keeps the first message from it.
CLIENT = b"""<!doctype html><title>Client</title><button>Connect</button><script>
document.querySelector("button").onclick = () => {
  const address = new URL(new URLSearchParams(location.search).get("open"));
  const popup = window.open(address, "connect", "width=700,height=800");
  addEventListener("message", (event) => {
    if (event.source === popup && event.origin === address.origin) {
      document.title = JSON.stringify(event.data);
      popup.close();
    }
  });
};
</script>"""


@pytest.fixture
def client() -> Iterator[str]:
    with serving({"/": ("text/html", CLIENT)}) as origin:
        yield origin


def open_popup(page: Page, client: str, address: str) -> Page:
    page.goto(f"{client}/?open={address.replace('&', '%26')}")
    with page.expect_popup() as popup:
        page.get_by_role("button", name="Connect").click()
    return popup.value


def heard(page: Page) -> dict[str, Any]:
    page.wait_for_function("document.title.startsWith('{')")
    data: dict[str, Any] = json.loads(page.title())
    return data


def address(sandbox: SandboxProcess, client: str) -> str:
    token = link(sandbox, tenant_id="tenant-one", redirect_uri=f"{client}/return?state=one")
    return f"{sandbox.base_url}/connect-account?link_token={token}&integration=xero"


def test_popup_allowed_tells_the_opener(sandbox: SandboxProcess, page: Page, client: str) -> None:
    popup = open_popup(page, client, address(sandbox, client))

    popup.get_by_role("button", name="Connect").click()
    popup.get_by_label("Organisation").select_option(label=SECOND)
    popup.get_by_role("button", name="Allow access").click()

    message = heard(page)
    made = sandbox.control("GET", "accounts")["accounts"][0]
    assert message["result"] == "success"
    assert message["integrated_account_id"] == made["id"]


def test_popup_cancelled_tells_the_opener(sandbox: SandboxProcess, page: Page, client: str) -> None:
    popup = open_popup(page, client, address(sandbox, client))

    popup.get_by_role("button", name="Connect").click()
    popup.get_by_role("button", name="Cancel").click()

    assert heard(page)["error_type"] == "connection_error"


def test_popup_with_a_spent_token_tells_the_opener(
    sandbox: SandboxProcess, page: Page, client: str
) -> None:
    where = address(sandbox, client)
    token = where.split("link_token=")[1].split("&")[0]
    sandbox.control("POST", "link-tokens/expire", link_token=token)

    open_popup(page, client, where)

    assert heard(page)["error_type"] == "invalid_token"


def test_same_window_goes_back_to_the_return_address(
    sandbox: SandboxProcess, page: Page, client: str
) -> None:
    page.goto(address(sandbox, client))

    page.get_by_role("button", name="Connect").click()
    page.get_by_role("button", name="Allow access").click()

    page.wait_for_url(f"{client}/return?state=one")
