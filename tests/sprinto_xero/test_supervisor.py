"""The supervisor with real processes: restarts, order of the end, and nothing left behind."""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import MARK, alive, marked, wait_until

pytestmark = pytest.mark.sqlite_only

ROOT = Path(__file__).resolve().parents[2]
# Starts the programs given as "name:code" words and keeps them until a signal comes.
DRIVER = """
import os, signal, sys
from pathlib import Path
from sprinto_xero.supervisor import Program, Supervisor
def program(word):
    name, _, code = word.partition(":")
    first, log = name == "worker", os.environ.get("LOG") and Path(os.environ["LOG"])
    return Program(name, [sys.executable, "-uc", code], dict(os.environ), 3.0, first, log)
supervisor = Supervisor([program(word) for word in sys.argv[1:]])
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, supervisor.stop)
sys.exit(supervisor.run())
"""
SLEEPER = "import time; print('here', flush=True); time.sleep(600)"
POLITE = (
    "import signal, sys, time; signal.signal(15, lambda *_: (print('bye', flush=True), sys.exit(0)));"
    "print('here', flush=True); time.sleep(600)"
)
DEAF = "import signal, time; signal.signal(15, signal.SIG_IGN); print('here', flush=True); time.sleep(600)"


class Driver:
    """A supervisor in a process of its own, with its output and its mark."""

    def __init__(self, *programs: str) -> None:
        self.mark = uuid.uuid4().hex
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-c", DRIVER, *programs],
            cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=os.environ | {MARK: self.mark, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip

    def read_until(self, word: str, times: int = 1) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.strip())
            if sum(word in each for each in self.lines) >= times:
                return
        raise AssertionError(f"{word!r} not in {self.lines}")

    def end(self) -> int:
        output, _ = self.process.communicate(timeout=60)
        self.lines += output.splitlines()
        return self.process.returncode

    def clean(self) -> None:
        for pid in marked(self.mark):
            os.kill(pid, signal.SIGKILL)
        self.process.communicate(timeout=10)


@pytest.fixture
def drive() -> Iterator[type[Driver]]:
    started: list[Driver] = []

    class Noted(Driver):
        def __init__(self, *programs: str) -> None:
            super().__init__(*programs)
            started.append(self)

    yield Noted
    for driver in started:
        driver.clean()


def test_output_is_prefixed_with_the_name(drive: type[Driver]) -> None:
    driver = drive(f"web:{SLEEPER}")
    driver.read_until("here")
    assert driver.lines == ["web     | here"]


def test_output_goes_to_the_log_and_last_words_of_a_failure_are_shown(
    drive: type[Driver], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOG", str(tmp_path / "web.log"))
    driver = drive("web:print('chatter'); raise SystemExit('no database')")
    driver.read_until("web ended (1)")
    assert driver.lines[:2] == ["web     | chatter", "web     | no database"]
    assert (tmp_path / "web.log").read_text().splitlines()[:2] == ["chatter", "no database"]


def test_output_in_a_log_is_not_shown(
    drive: type[Driver], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOG", str(tmp_path / "web.log"))
    driver = drive(f"web:{POLITE}")
    log = tmp_path / "web.log"
    wait_until(lambda: log.exists() and "here" in log.read_text(), seconds=10, what="the line")
    driver.process.send_signal(signal.SIGINT)
    assert driver.end() == 0
    assert [line for line in driver.lines if line.startswith("web")] == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_all_with_exit_code_0(drive: type[Driver], number: int) -> None:
    driver = drive(f"web:{POLITE}", f"sandbox:{POLITE}")
    driver.read_until("here", times=2)
    driver.process.send_signal(number)
    assert driver.end() == 0
    assert sum("bye" in line for line in driver.lines) == 2
    assert marked(driver.mark) == set()


def test_worker_ends_before_the_others(drive: type[Driver]) -> None:
    driver = drive(f"web:{POLITE}", f"worker:{POLITE}")
    driver.read_until("here", times=2)
    driver.process.send_signal(signal.SIGINT)
    driver.end()
    assert next(line for line in driver.lines if "bye" in line).startswith("worker")


def test_deaf_program_is_stopped_hard(drive: type[Driver]) -> None:
    driver = drive(f"web:{DEAF}")
    driver.read_until("here")
    driver.process.send_signal(signal.SIGINT)
    assert driver.end() == 0
    assert any("stopped hard" in line for line in driver.lines)
    assert marked(driver.mark) == set()


def test_second_ctrl_c_does_not_wait(drive: type[Driver]) -> None:
    driver = drive(f"worker:{DEAF}", f"web:{POLITE}")
    driver.read_until("here", times=2)
    driver.process.send_signal(signal.SIGINT)
    driver.read_until("Ending")
    began = time.monotonic()
    driver.process.send_signal(signal.SIGINT)
    assert driver.end() == 0
    assert time.monotonic() - began < 2
    assert marked(driver.mark) == set()


def test_killed_program_is_started_again(drive: type[Driver]) -> None:
    driver = drive(f"web:{SLEEPER}")
    driver.read_until("here")
    (child,) = marked(driver.mark) - {driver.process.pid}
    os.kill(child, signal.SIGKILL)
    driver.read_until("here", times=2)
    assert not alive(child)


def test_grandchild_does_not_outlive_its_program(drive: type[Driver]) -> None:
    fork = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SLEEPER!r}]);"
    driver = drive(f"worker:{fork}{SLEEPER}")
    driver.read_until("here", times=2)
    before = marked(driver.mark) - {driver.process.pid}
    os.kill(min(before), signal.SIGKILL)
    wait_until(lambda: not any(map(alive, before)), seconds=10, what="the whole session is gone")


def test_supervisor_killed_takes_its_programs_along(drive: type[Driver]) -> None:
    driver = drive(f"web:{POLITE}", f"worker:{POLITE}")
    driver.read_until("here", times=2)
    driver.process.kill()
    wait_until(lambda: not marked(driver.mark), seconds=10, what="nothing is left")


def test_program_that_never_starts_ends_all_with_exit_code_1(drive: type[Driver]) -> None:
    driver = drive("web:raise SystemExit('no database')", f"sandbox:{POLITE}")
    assert driver.end() == 1
    assert any("no database" in line for line in driver.lines)
    assert any("web cannot be started" in line for line in driver.lines)
