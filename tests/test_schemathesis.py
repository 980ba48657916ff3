"""Schemathesis reads the API's description and tries to prove it wrong: all checks, all phases."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live import LiveServer
from tests.sandbox_process import ROOT, start_sandbox

# In the leg that has time left: it talks to a server of its own, as the browser does there.
pytestmark = [pytest.mark.journeys, pytest.mark.xdist_group("schemathesis")]

ALL = "examples,coverage,fuzzing,stateful"
# What each role tries in every run: an auditor all readings, an editor Org roles, an administrator
# every operation, but only with the cases that are drawn. By hand follow those that are worked out
# for everything that writes: last, since they end the others' memberships. What a role may not do
# is refused before anything else is looked at; test_api_rights.py holds that.
TRIED = {
    "auditor": ("--include-method", "GET", "--phases", ALL),
    "editor": ("--include-tag", "org-roles", "--phases", ALL),
    "admin": ("--phases", "examples,fuzzing,stateful"),
}
BY_HAND = {
    "editor": ("--include-tag", "staff", "--phases", ALL),
    "admin": ("--phases", "coverage"),
}
CASES = 2_000
tried: dict[str, int] = {}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    folder = tmp_path_factory.mktemp("schemathesis")
    sandbox = start_sandbox(folder / "sandbox")
    where = {"TRUTO_API_BASE_URL": sandbox.base_url, "TRUTO_APP_BASE_URL": sandbox.base_url}
    live = LiveServer(folder, **where, TRUTO_API_TOKEN=sandbox.token)
    yield live
    live.stop()
    sandbox.stop()


def run(server: LiveServer, role: str, options: tuple[str, ...], folder: Path) -> int:
    """How many cases were tried; none of them may have found anything."""
    command = [
        sys.executable, "-m", "schemathesis.cli",
        "--config-file", str(ROOT / "tests" / "schemathesis.toml"),
        "run", f"{server.url}/api/schema/",
        "--header", f"Authorization: Bearer {server.world['tokens'][role]}",
        "--checks", "all", *options, "--max-examples", "1", "--workers", "1",
        "--seed", "20261123", "--continue-on-failure", "--warnings", "off",
    ]  # fmt: skip
    done = subprocess.run(command, cwd=folder, text=True, capture_output=True)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
    (count,) = re.findall(r"([\d,]+) generated", done.stdout)
    return int(count.replace(",", ""))


@pytest.mark.parametrize("role", TRIED)
def test_api_is_as_it_is_described(server: LiveServer, role: str, tmp_path: Path) -> None:
    tried[role] = run(server, role, TRIED[role], tmp_path)


def test_api_was_tried_often_enough() -> None:
    """After the others, whose counts it adds up."""
    print(sum(tried.values()), "cases:", tried)
    assert sum(tried.values()) >= CASES, tried


@pytest.mark.long
@pytest.mark.parametrize("role", BY_HAND)
def test_everything_that_writes_is_as_it_is_described(
    server: LiveServer, role: str, tmp_path: Path
) -> None:
    print(role, run(server, role, BY_HAND[role], tmp_path), "cases")
