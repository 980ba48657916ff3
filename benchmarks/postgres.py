"""A throw-away PostgreSQL for lines that need one."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.measure import ROOT


@contextmanager
def database() -> Iterator[str | None]:
    """Its DATABASE_URL while the block runs; None, with the reason told, where none is installed."""
    services = ROOT / "bin" / "services"
    started = subprocess.run([services, "start"], text=True, capture_output=True, check=False)
    if started.returncode:
        print(f"PostgreSQL: left out. {started.stderr.strip()}", file=sys.stderr)
        yield None
        return
    words = (part.removeprefix("export ") for part in shlex.split(started.stdout))
    found = dict(word.split("=", 1) for word in words if "=" in word)
    try:
        yield found["DATABASE_URL"]
    finally:
        subprocess.run([services, "stop", found["SERVICES"]], check=True)


def figures(module: str, size: int, database: str) -> Any:
    """What a module of measurements prints when it runs by itself against that database."""
    code = [sys.executable, "-m", module, str(size)]
    env = os.environ | {"DATABASE_URL": database}
    done = subprocess.run(code, cwd=ROOT, env=env, text=True, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout.splitlines()[-1])
