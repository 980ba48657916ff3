"""Starts the sandbox as a real process for a test, and speaks to its remote control."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).resolve().parent.parent
TOKEN = "sandbox-token-for-tests"
START_SECONDS = 30
CONFIG = """
bind = "127.0.0.1:{port}"
worker_class = "gthread"
workers = 1
threads = 8
graceful_timeout = 1
control_socket_disable = True
"""


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


class SandboxProcess:
    """A running sandbox: `base_url` and `token` for the client, `control` for the test."""

    def __init__(self, process: subprocess.Popen[bytes], base_url: str, log: Path) -> None:
        self.process, self.base_url, self.log = process, base_url, log
        self.token = TOKEN
        self._session = requests.Session()

    def api(self, method: str, path: str, **kwargs: Any) -> requests.Response:
        """Make a call as a client of Truto would; `path` begins with a slash."""
        headers = {"Authorization": f"Bearer {self.token}", **kwargs.pop("headers", {})}
        url = self.base_url + path
        return self._session.request(method, url, headers=headers, timeout=30, **kwargs)

    def control(self, method: str, path: str, **body: Any) -> Any:
        """Send a command, such as `control("POST", "approve", link_token=..., ...)`."""
        answer = self._session.request(
            method,
            f"{self.base_url}/_control/{path}",
            json=body,
            headers={"X-Sandbox-Control": self.token},
            timeout=60,
        )
        assert answer.ok, f"{answer.status_code}: {answer.text}"
        return answer.json()

    def stop(self) -> None:
        """End the process and wait for it."""
        self._session.close()
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start_sandbox(tmp_dir: Path, *, port: int | None = None, **env: str) -> SandboxProcess:
    """Start a sandbox with its data in `tmp_dir`; `env` adds to its environment.

    Raises RuntimeError with the log when it does not answer within 30 seconds.
    """
    port = port or free_port()
    tmp_dir.mkdir(parents=True, exist_ok=True)
    config = tmp_dir / "gunicorn.conf.py"
    config.write_text(CONFIG.format(port=port))
    log = tmp_dir / "sandbox.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", str(config), "sandbox.wsgi:application"],
            cwd=ROOT,
            env=environment(tmp_dir, **env),
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    started = SandboxProcess(process, f"http://127.0.0.1:{port}", log)
    _wait(started)
    return started


def environment(tmp_dir: Path, **env: str) -> dict[str, str]:
    """Give the environment of a sandbox, without this process's Django settings."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("SANDBOX", "DJANGO_"))}
    return {
        **inherited,
        "SANDBOX": "on",
        "SANDBOX_DATA_DIR": str(tmp_dir),
        "SANDBOX_API_TOKEN": TOKEN,
        "SANDBOX_SECRET_KEY": "not-a-secret-in-tests",
        "SANDBOX_WEBHOOK_BACKOFF": "0.05",
        **env,
    }


def _wait(started: SandboxProcess) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and started.process.poll() is None:
        try:
            if started.api("GET", "/ping").ok:
                return
        except requests.ConnectionError:
            time.sleep(0.05)
    started.stop()
    raise RuntimeError("The sandbox did not start:\n" + started.log.read_text())
