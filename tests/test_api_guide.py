"""docs/api.md as its readers use it: every block is run with curl against a real server."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from access.management.commands import seed_demo
from tests.live import LiveServer
from tests.sandbox_process import ROOT

pytestmark = [pytest.mark.sqlite_only, pytest.mark.xdist_group("api_guide")]
MARK = "=== end of block"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    live = LiveServer(tmp_path_factory.mktemp("guide"))
    yield live
    live.stop()


def blocks() -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```$", (ROOT / "docs" / "api.md").read_text(), re.M | re.S)


def run(server: LiveServer, folder: Path, lines: list[str]) -> list[str]:
    """What each block prints; they share one shell, as they do for a reader."""
    script = f"\necho '{MARK}'\n".join(["set -eu -o pipefail\n", *lines, ""])
    env = {"PATH": os.environ["PATH"], "HUB": server.url, "TOKEN": server.world["tokens"]["admin"]}
    done = subprocess.run(
        ["bash", "-c", script], cwd=folder, env=env, text=True, capture_output=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.split(MARK)[1:-1]


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_every_block_of_the_guide_does_what_it_says(server: LiveServer, tmp_path: Path) -> None:
    _, added, changed, left, failing, polled, access, past = run(server, tmp_path, blocks())
    assert '"name":"New Starter"' in added
    assert '"employment_type":"contractor"' in changed
    assert '"status":"offboarded"' in left
    assert "Xero access should be removed for offboarded user" in left
    assert "Former Bookkeeper" in failing
    assert polled.split() == ["pending", "304"]
    assert '"identified_as":"existing_staff"' in access
    assert '"name":"Unknown Person"' in access
    for words in ('"same_rules":true', '"status":"Failing"', '"kind":"came"'):
        assert words in past


def test_guide_names_somebody_whom_the_demo_has() -> None:
    text = (ROOT / "docs" / "api.md").read_text()
    (name,) = re.findall(r"search=([\w%]+)", text)
    assert unquote(name) in {each[0] for each in seed_demo.PEOPLE}


def test_guide_shows_no_block_that_is_not_run() -> None:
    text = (ROOT / "docs" / "api.md").read_text()
    assert text.count("\n```sh") == len(blocks()) == 8
    assert re.findall(r"^```(\w+)$", text, re.M).count("text") == 1
