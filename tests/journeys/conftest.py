"""Journeys run in a real Chromium against the whole embedded installation: web, worker, sandbox."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import BrowserContext, Page

from sprinto_xero import embedded
from tests.test_up import Installation

PASSWORD = "a password for journeys"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's Chromium, kept from calling anybody."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    assert chromium, "Chromium is missing: apt-get install -y chromium"
    return {**browser_type_launch_args, "executable_path": chromium, "args": QUIET}


class Hub:
    """A running installation: its address, and the sandbox's remote control."""

    def __init__(self, folder: Path) -> None:
        self.installation = Installation(folder, DEMO_PASSWORD=PASSWORD).ready()
        lines = (folder / embedded.SECRETS_FILE).read_text().splitlines()
        pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
        self._token = dict(pairs)["SANDBOX_API_TOKEN"].strip("'\"")
        printed = next(line for line in self.installation.lines if "The sandbox" in line)
        self.sandbox_url = printed.split()[-1].rstrip("/")
        self.url = self.installation.url

    def control(self, method: str, path: str, **body: Any) -> Any:
        answer = requests.request(
            method,
            f"{self.sandbox_url}/_control/{path}",
            json=body,
            headers={"X-Sandbox-Control": self._token},
            timeout=30,
        )
        assert answer.ok, answer.text
        return answer.json()


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    """A fresh installation for one journey."""
    running = Hub(tmp_path / "data")
    yield running
    assert running.installation.end() == 0


@pytest.fixture
def admin(context: BrowserContext, hub: Hub) -> Iterator[Page]:
    """The demo admin, signed in; any message on the console fails the journey."""
    said: list[str] = []
    context.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    context.on("weberror", lambda error: said.append(f"error: {error.error}"))
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.goto(f"{hub.url}/")
    page.locator("input[name=login]").fill("demo.admin@demo.example")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(f"{hub.url}/access/")
    yield page
    assert said == []
