"""The plug pulled at every SQL statement, commit and HTTP call of connect, sync and import: nothing is lost or doubled."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.legs import both_databases
from tests.sandbox_process import ROOT, SandboxProcess, start_sandbox

PARTS = 2
LONG = pytest.mark.long


def environment(sandbox: SandboxProcess, folder: Path, organisation: str) -> dict[str, str]:
    folder.mkdir()
    own = {
        "DATA_DIR": str(folder),
        "DATABASE_URL": os.environ.get("DATABASE_URL") or f"sqlite:///{folder}/none.sqlite3",
        "DJANGO_SETTINGS_MODULE": "sprinto_xero.settings",
        "TRUTO_API_BASE_URL": sandbox.base_url,
        "TRUTO_APP_BASE_URL": sandbox.base_url,
        "TRUTO_API_TOKEN": sandbox.token,
        "TRUTO_ENVIRONMENT_ID": "",
        "REDIS_URL": "",
        "CELERY_BROKER_URL": "memory://",
        "ORGANISATION": organisation,
    }
    return os.environ | own


ONE_LEG = pytest.mark.postgres_only if both_databases() else pytest.mark.sqlite_only
# Each scenario on one database in every run, on the other by hand: a sweep takes minutes.
SWEEPS = [
    pytest.param("connect", 1, marks=pytest.mark.sqlite_only, id="connect"),
    pytest.param("sync", 1, marks=pytest.mark.postgres_only, id="sync"),
    pytest.param("connect", 1, marks=[pytest.mark.postgres_only, LONG], id="connect, too"),
    pytest.param("sync", 1, marks=[pytest.mark.sqlite_only, LONG], id="sync, too"),
    pytest.param("import", 20, marks=ONE_LEG, id="import, every 20th point"),
    pytest.param("import", 1, marks=LONG, id="import"),
]


@pytest.mark.parametrize(("scenario", "every"), SWEEPS)
def test_crash_at_any_point_loses_and_doubles_nothing(
    scenario: str, every: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parts, limit = (PARTS, 3_600) if every == 1 else (1, 500)  # seconds
    sandbox = start_sandbox(tmp_path / "sandbox", SANDBOX_RATE_LIMITS="off")

    def part(number: int) -> dict[str, Any]:
        name = f"Books {number}"
        sandbox.control("POST", "organisations", name=name, generate=6)
        step = str(parts * every)
        argv = [sys.executable, "-m", "tests.faults.crashing", scenario, str(number), step]
        env = environment(sandbox, tmp_path / str(number), name)
        done = subprocess.run(
            argv, cwd=ROOT, env=env, text=True, capture_output=True, timeout=limit, check=False
        )
        assert done.returncode == 0, done.stderr
        result: dict[str, Any] = json.loads(done.stdout)
        return result

    try:
        with ThreadPoolExecutor(parts) as pool:
            results = list(pool.map(part, range(0, parts * every, every)))
    finally:
        sandbox.stop()
    points = sorted(point for result in results for point in result["points"])
    with capsys.disabled():
        print(f"\n{scenario}: killed at {len(points)} of {results[0]['operations']} points")
    assert points == list(range(1, results[0]["operations"] + 1, every))
    assert [result["differing"] for result in results] == [{}] * parts
