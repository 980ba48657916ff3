"""Schemathesis reads the API's description and tries to prove it wrong: all checks, all phases."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live import LiveServer
from tests.sandbox_process import ROOT, start_sandbox

pytestmark = [
    pytest.mark.sqlite_only,
    pytest.mark.long,
    pytest.mark.xdist_group("schemathesis"),
]

# What each role tries: an auditor what they may do, an editor the directory, an administrator all,
# and last, since that includes ending the others' memberships. What the first two may not do is
# refused before anything else is looked at; test_api_rights.py holds that.
TRIED = {"auditor": ("--include-method", "GET"), "editor": ("--include-tag", "staff"), "admin": ()}
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


@pytest.mark.parametrize("role", TRIED)
def test_api_is_as_it_is_described(server: LiveServer, role: str, tmp_path: Path) -> None:
    command = [
        sys.executable, "-m", "schemathesis.cli",
        "--config-file", str(ROOT / "tests" / "schemathesis.toml"),
        "run", f"{server.url}/api/schema/",
        "--header", f"Authorization: Bearer {server.world['tokens'][role]}",
        "--checks", "all", "--phases", "examples,coverage,fuzzing,stateful",
        *TRIED[role], "--max-examples", "1", "--workers", "2", "--seed", "20261123",
        "--continue-on-failure", "--warnings", "off",
    ]  # fmt: skip
    done = subprocess.run(command, cwd=tmp_path, text=True, capture_output=True)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
    (count,) = re.findall(r"([\d,]+) generated", done.stdout)
    tried[role] = int(count.replace(",", ""))


def test_api_was_tried_often_enough() -> None:
    """After the others, whose counts it adds up."""
    assert sum(tried.values()) >= CASES, tried
