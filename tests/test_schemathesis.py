"""Schemathesis reads the API's description and tries to prove it wrong: all checks, all phases."""

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live import LiveServer
from tests.sandbox_process import ROOT, start_sandbox

# In the leg that has time left: it talks to a server of its own, as the browser does there.
pytestmark = [pytest.mark.journeys, pytest.mark.xdist_group("schemathesis")]

ALL = "examples,coverage,fuzzing,stateful"
WRITING = ("POST", "PUT", "PATCH", "DELETE")


def share(*tags: str, without: tuple[str, ...] = ()) -> tuple[str, ...]:
    """A part of the operations, in all phases."""
    chosen = [word for tag in tags for word in ("--include-tag", tag)]
    left_out = [word for method in without for word in ("--exclude-method", method)]
    return (*chosen, *left_out, "--phases", ALL)


# What each role tries in every run, in all phases: its share of the operations, and an administrator
# all of them; the cases that are worked out for an operation are many, so an administrator has them
# for COVERED only. By hand follow the others for everything that writes: last, since they end the
# others' memberships. A reader is an administrator's token that may only read.
TRIED = {
    "anonymous": share("members", "invitations", "tokens", "workspace"),
    "collaborator": share("tasks"),
    "reader": share("calendar", "check-policies", "org-roles"),
    "auditor": share("systems", "checks", "sync-runs", "audit-events", without=WRITING),
    "editor": share("org-roles"),
    "admin": share(),
}
COVERED = ["calendar", "check-policies"]
BY_HAND = {
    "editor": ("--include-tag", "staff", "--phases", ALL),
    "admin": ("--phases", "coverage"),
}
CASES = 2_000
tried: dict[str, Counter[str]] = {}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    folder = tmp_path_factory.mktemp("schemathesis")
    sandbox = start_sandbox(folder / "sandbox")
    where = {"TRUTO_API_BASE_URL": sandbox.base_url, "TRUTO_APP_BASE_URL": sandbox.base_url}
    live = LiveServer(folder, **where, TRUTO_API_TOKEN=sandbox.token)
    yield live
    live.stop()
    sandbox.stop()


def config(folder: Path, covered: list[str]) -> Path:
    """The settings; with `covered` only operations of these tags have cases worked out."""
    text = (ROOT / "tests" / "schemathesis.toml").read_text()
    if covered:
        text += f"\n[[operations]]\nexclude-tag = {covered}\nphases.coverage.enabled = false\n"
    made = folder / "schemathesis.toml"
    made.write_text(text)
    return made


def run(
    server: LiveServer,
    role: str,
    options: tuple[str, ...],
    folder: Path,
    covered: list[str] | None = None,
) -> Counter[str]:
    """How many cases each phase tried; none of them may have found anything."""
    token = server.world["tokens"].get(role)
    command = [
        sys.executable, "-m", "schemathesis.cli",
        "--config-file", str(config(folder, covered or [])),
        "run", f"{server.url}/api/schema/",
        *(["--header", f"Authorization: Bearer {token}"] if token else []),
        "--report", "ndjson", "--report-ndjson-path", str(folder / "events"),
        "--checks", "all", *options, "--max-examples", "1", "--workers", "1",
        "--seed", "20261123", "--continue-on-failure", "--warnings", "off",
    ]  # fmt: skip
    done = subprocess.run(command, cwd=folder, text=True, capture_output=True)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
    (told,) = re.findall(r"([\d,]+) generated", done.stdout)
    found = cases(folder / "events")
    assert sum(found.values()) == int(told.replace(",", ""))
    return found


def cases(events: Path) -> Counter[str]:
    """How many cases each phase tried, as a run wrote them down."""
    found: Counter[str] = Counter()
    with events.open() as lines:
        for line in lines:
            if said := json.loads(line).get("ScenarioFinished"):
                found[said["phase"]] += len(said["recorder"].get("cases", ()))
    return found


@pytest.mark.parametrize("role", TRIED)
def test_api_is_as_it_is_described(server: LiveServer, role: str, tmp_path: Path) -> None:
    covered = COVERED if role == "admin" else None
    tried[role] = run(server, role, TRIED[role], tmp_path, covered)


def test_api_was_tried_often_enough() -> None:
    """After the others, whose counts it adds up."""
    number = sum(found.total() for found in tried.values())
    told = [f"{role} {found.total()} {dict(found)}" for role, found in tried.items()]
    print(number, "cases:", *told, sep="\n")
    assert number >= CASES, told
    assert all(found[phase] for found in tried.values() for phase in ALL.split(",")), told


@pytest.mark.long
@pytest.mark.parametrize("role", BY_HAND)
def test_everything_that_writes_is_as_it_is_described(
    server: LiveServer, role: str, tmp_path: Path
) -> None:
    print(role, run(server, role, BY_HAND[role], tmp_path), "cases")
