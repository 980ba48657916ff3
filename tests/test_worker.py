"""A real Celery worker on a real broker does what the rows ask for."""

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest

from tests.processes import wait_until
from tests.sandbox_process import SandboxProcess, start_sandbox

ROOT = Path(__file__).resolve().parents[1]


def other_database(url: str, name: str) -> str:
    """The same server's address with the name or number of another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


@pytest.fixture
def database() -> Iterator[dict[str, str]]:
    """A database that exists for this test alone: others roll back, this one commits."""
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        yield {}
        return
    name = f"worker_{uuid.uuid4().hex}"
    server = psycopg2.connect(url)
    server.autocommit = True
    server.cursor().execute(f'CREATE DATABASE "{name}"')
    redis = os.environ["CELERY_BROKER_URL"]
    yield {
        "DATABASE_URL": other_database(url, name),
        "CELERY_BROKER_URL": other_database(redis, "7"),
    }
    server.cursor().execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    server.close()


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxProcess]:
    started = start_sandbox(tmp_path / "sandbox")
    yield started
    started.stop()


@pytest.fixture
def env(tmp_path: Path, database: dict[str, str], sandbox: SandboxProcess) -> dict[str, str]:
    (tmp_path / "data").mkdir()
    own = {
        "DATA_DIR": str(tmp_path / "data"),
        "TRUTO_API_BASE_URL": sandbox.base_url,
        "TRUTO_APP_BASE_URL": sandbox.base_url,
        "TRUTO_API_TOKEN": sandbox.token,
        "TRUTO_ENVIRONMENT_ID": "",
        "DJANGO_SETTINGS_MODULE": "sprinto_xero.settings",
    }
    # Of the tests' broker nothing is left: without one in `database`, files in the data folder.
    outer = {name: value for name, value in os.environ.items() if name != "CELERY_BROKER_URL"}
    return outer | own | database


def tell(env: dict[str, str], *words: str) -> str:
    done = subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=env, text=True, capture_output=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def worker(env: dict[str, str], tmp_path: Path) -> Iterator[Path]:
    """A worker in a process of its own; its log."""
    tell(env, "manage.py", "migrate", "--verbosity", "0")
    log = tmp_path / "worker.log"
    # Embedded it is threads; elsewhere processes, the kind that compose starts.
    pool = "prefork" if "DATABASE_URL" in env else "threads"
    argv = [sys.executable, "-m", "celery", "-A", "sprinto_xero", "worker", "-P", pool]
    argv += ["-c", "2", "--without-gossip", "--without-mingle", "--loglevel", "INFO"]
    with log.open("wb") as out:
        process = subprocess.Popen(argv, cwd=ROOT, env=env, stdout=out, stderr=subprocess.STDOUT)
    wait_until(lambda: "ready." in log.read_text(), seconds=90, what="the worker is ready")
    yield log
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 0


def test_worker_reads_what_was_connected_and_what_was_asked_for(
    env: dict[str, str], worker: Path, sandbox: SandboxProcess
) -> None:
    told = tell(env, "-m", "tests.worker_story").splitlines()
    listed = [line.split()[:2] for line in told]
    assert listed == [["connected", "done"], ["button", "done"]], (told, worker.read_text())
    assert int(told[0].split()[2]) == int(told[1].split()[2]) > 0
    assert "whole" in tell(env, "manage.py", "verify_audit").lower()
