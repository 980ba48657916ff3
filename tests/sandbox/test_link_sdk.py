"""Truto's published browser library, unchanged, against the sandbox's connect page."""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.sandbox.client import serving
from tests.sandbox.flow import SECOND, link
from tests.sandbox_process import SandboxProcess

pytestmark = pytest.mark.journeys
RELEASE = "@truto/truto-link-sdk@1.1.30"
SHA512 = "E4R+QCX7Uu2tuU/Q7BOPGJidWJcB213OHp9u1LKvqAXjDnpzUjRtCEisHWOiu//6anWnkgn1FFJfzOWx8Vv+bQ=="

# What a customer's page would hold: the library's own call, and the promise's outcome as the title.
CLIENT = b"""<!doctype html><title>Client</title><button>Connect</button><script type="module">
import authenticate from "/link-sdk.js";
const asked = new URLSearchParams(location.search);
document.querySelector("button").onclick = () =>
  authenticate(asked.get("token"), {
    baseUrl: asked.get("base"), integration: "xero", iframe: false,
  }).then(
    (told) => { document.title = JSON.stringify(told); },
    (why) => { document.title = JSON.stringify({ refused: why.error_type ?? why }); },
  );
document.body.dataset.ready = "";
</script>"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The library's bundle, as its makers published it."""
    npm = shutil.which("npm")
    if not npm and not os.environ.get("CI"):
        pytest.skip("npm is not installed (apt-get install -y nodejs npm)")
    folder = tmp_path_factory.mktemp("link-sdk")
    subprocess.run([npm or "npm", "pack", RELEASE], cwd=folder, check=True, capture_output=True)
    (packed,) = folder.glob("*.tgz")
    assert base64.b64encode(hashlib.sha512(packed.read_bytes()).digest()).decode() == SHA512
    with tarfile.open(packed) as archive:
        archive.extractall(folder, filter="data")
    return (Path(folder) / "package" / "dist" / "main.js").read_bytes()


@pytest.fixture
def client(library: bytes) -> Iterator[str]:
    files = {"/": ("text/html", CLIENT), "/link-sdk.js": ("text/javascript", library)}
    with serving(files) as origin:
        yield origin


def open_popup(page: Page, client: str, sandbox: SandboxProcess, token: str) -> Page:
    page.goto(f"{client}/?base={sandbox.base_url}&token={token}")
    page.wait_for_selector("body[data-ready]")
    with page.expect_popup() as popup:
        page.get_by_role("button", name="Connect").click()
    return popup.value


def outcome(page: Page) -> dict[str, Any]:
    page.wait_for_function("document.title.startsWith('{')")
    told: dict[str, Any] = json.loads(page.title())
    return told


def test_library_resolves_with_the_connected_account(
    sandbox: SandboxProcess, page: Page, client: str
) -> None:
    popup = open_popup(page, client, sandbox, link(sandbox))

    popup.get_by_role("button", name="Connect").click()
    popup.get_by_label("Organisation").select_option(label=SECOND)
    popup.get_by_role("button", name="Allow access").click()

    told = outcome(page)
    made = sandbox.control("GET", "accounts")["accounts"][0]
    assert (told["result"], told["integrated_account_id"]) == ("success", made["id"])
    assert popup.is_closed()


def test_library_rejects_when_the_person_refuses(
    sandbox: SandboxProcess, page: Page, client: str
) -> None:
    popup = open_popup(page, client, sandbox, link(sandbox))

    popup.get_by_role("button", name="Connect").click()
    popup.get_by_role("button", name="Cancel").click()

    assert outcome(page) == {"refused": "connection_error"}


def test_library_rejects_a_spent_link_token(
    sandbox: SandboxProcess, page: Page, client: str
) -> None:
    token = link(sandbox)
    sandbox.control("POST", "link-tokens/expire", link_token=token)

    open_popup(page, client, sandbox, token)

    assert outcome(page) == {"refused": "invalid_token"}


def test_library_notices_a_window_closed_half_way(
    sandbox: SandboxProcess, page: Page, client: str
) -> None:
    popup = open_popup(page, client, sandbox, link(sandbox))

    popup.close()

    assert outcome(page) == {"refused": "closed"}
