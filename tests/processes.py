"""Looking at real processes: which are there, which carry a mark, and waiting for them to go."""

import os
import time
from collections.abc import Callable
from pathlib import Path

MARK = "TEST_MARK"


def marked(mark: str) -> set[int]:
    """The ids of living processes whose environment carries the mark anywhere (Linux)."""
    return {int(e.name) for e in Path("/proc").glob("[0-9]*") if _carries(e, mark.encode())}


def _carries(entry: Path, mark: bytes) -> bool:
    try:
        state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
        return state != "Z" and mark in (entry / "environ").read_bytes()
    except (OSError, IndexError):
        return False


def alive(pid: int) -> bool:
    """Whether a process lives; a dead one that nobody has taken note of does not."""
    try:
        os.kill(pid, 0)
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(condition: Callable[[], object], *, seconds: float, what: str) -> None:
    """Wait for a condition; after `seconds`, an error that says `what` did not happen."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.05)
