"""A real server with a database of its own, for tests that speak to it as other tools do."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import requests

from tests.sandbox_process import ROOT, free_port

START_SECONDS = 180  # a busy machine takes its time


class LiveServer:
    """gunicorn on a fresh SQLite file; `world` holds tokens and ids of `tests.live_world`."""

    module = "tests.live_world"

    def __init__(self, folder: Path, **env: str) -> None:
        self.port, self.folder, self.log = free_port(), folder, folder / "server.log"
        self.url = f"http://127.0.0.1:{self.port}"
        own = {"DATA_DIR": str(folder), "API_READS_A_MINUTE": "1000000"}
        own |= {"API_WRITES_A_MINUTE": "1000000", "TRUTO_API_BASE_URL": "http://127.0.0.1:9"}
        outer = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL")}
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.module, str(self.port)],
                cwd=ROOT, env=outer | own | env, stdout=out, stderr=subprocess.STDOUT,
            )  # fmt: skip
        self._wait()
        self.world: dict[str, Any] = json.loads((folder / "world.json").read_text())

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if requests.get(f"{self.url}/healthz", timeout=30).ok:
                    return
            except requests.RequestException:
                time.sleep(0.1)
        self.stop()
        raise RuntimeError("The server did not start:\n" + self.log.read_text())

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
