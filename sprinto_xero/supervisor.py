"""Keeps a few programs running as one: starts, restarts, keeps their output, ends them all."""

import collections
import contextlib
import ctypes
import logging
import logging.handlers
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PR_SET_PDEATHSIG = 1
LONGEST_PAUSE = 30.0  # seconds between two starts of a program that keeps ending
SETTLED = 20.0  # a program that lived so long starts again at once
LOOK = 0.1  # seconds between two looks at the programs
LAST_WORDS = 20  # lines of a program that failed, shown although its output goes to a file
LARGEST_LOG = 5_000_000  # bytes; two older files are kept beside it


@dataclass(frozen=True)
class Program:
    """One program to keep running; `grace` is how many seconds it may take to end by itself.

    Its output goes to the file `log`; without one it is shown, each line behind the name.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    grace: float = 15.0
    ends_first: bool = False
    log: Path | None = None


@dataclass
class Running:
    """A program and its present process, if it has one."""

    program: Program
    process: subprocess.Popen[str] | None = None
    started: float = 0.0
    failures: int = 0
    again_at: float = 0.0
    reader: threading.Thread | None = None
    last_words: collections.deque[str] = field(
        default_factory=lambda: collections.deque(maxlen=LAST_WORDS)
    )


def _die_with_parent() -> Callable[[], None] | None:
    """What a child does before it becomes the program: ask to be ended when its parent dies.

    Only Linux knows this; elsewhere a `kill -9` of the supervisor leaves its programs behind.
    """
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl  # looked up here: a forked child should do very little
    parent = os.getpid()

    def arrange() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died in between
            os._exit(1)

    return arrange


def _say(name: str, line: str) -> None:
    with contextlib.suppress(OSError, ValueError):  # nobody reads any more
        sys.stdout.write(f"{name:<8}| {line}\n")
        sys.stdout.flush()


def _relay(program: Program, output: Iterable[str], last_words: collections.deque[str]) -> None:
    if program.log is None:
        for line in output:
            _say(program.name, line.rstrip("\n"))
        return
    file = logging.handlers.RotatingFileHandler(
        program.log, maxBytes=LARGEST_LOG, backupCount=2, encoding="utf-8", errors="replace"
    )
    with contextlib.closing(file):
        for line in output:
            last_words.append(line.rstrip("\n"))
            file.emit(logging.makeLogRecord({"msg": last_words[-1]}))


def launch(each: Running) -> subprocess.Popen[str]:
    """Start a program in a session of its own, so that Ctrl-C reaches only the supervisor."""
    program = each.program
    process = subprocess.Popen(
        program.argv,
        env=dict(program.env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
        # Two calls into the C library, looked up before the fork: no lock can be in the way.
        preexec_fn=_die_with_parent(),  # noqa: PLW1509
    )
    output = process.stdout or ()
    told = (program, output, each.last_words)
    each.reader = threading.Thread(target=_relay, args=told, daemon=True)
    each.reader.start()
    return process


def _kill_group(process: subprocess.Popen[str]) -> None:
    """End whatever is left of a program's session, without asking."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


@dataclass
class Supervisor:
    """Runs the programs until told to stop; `stop` may be called from a signal handler."""

    programs: Sequence[Program]
    gives_up_after: int = 4  # failures in a row, as long as `established` was not called
    _running: list[Running] = field(default_factory=list)
    _stops: int = 0
    _established: bool = False

    def stop(self, *_signal: object) -> None:
        """Ask for the end; asked twice, nobody is waited for."""
        self._stops += 1

    @property
    def stopping(self) -> bool:
        """Whether the end was asked for."""
        return self._stops > 0

    def established(self) -> None:
        """Say that all is well once: from now on a failing program is tried again for ever."""
        self._established = True

    def run(self) -> int:
        """Keep the programs running; the exit code, 0 after `stop`, 1 if one cannot be started."""
        self._running = [Running(program) for program in self.programs]
        code = 0
        try:
            while not self.stopping and code == 0:
                code = self._look(time.monotonic())
                time.sleep(LOOK)
        finally:
            self._end_all()
        return code

    def _look(self, now: float) -> int:
        for each in self._running:
            if each.process and each.process.poll() is not None:
                _kill_group(each.process)
                self._mourn(each, each.process.returncode, now)
            if each.process is None and now >= each.again_at:
                each.process, each.started = launch(each), now
            if not self._established and each.failures >= self.gives_up_after:
                _say("up", f"{each.program.name} cannot be started; its last words stand above.")
                return 1
        return 0

    def _mourn(self, each: Running, code: int, now: float) -> None:
        """Note that a program ended by itself, and when to start it again."""
        each.failures = 1 if now - each.started > SETTLED else each.failures + 1
        pause = min(LONGEST_PAUSE, 2.0 ** (each.failures - 1) - 1)
        if each.reader:
            each.reader.join(timeout=1)
        while each.last_words:
            _say(each.program.name, each.last_words.popleft())
        _say("up", f"{each.program.name} ended ({code}); again in {pause:.0f} s.")
        each.process, each.again_at = None, now + pause

    def _end_all(self) -> None:
        _say("up", "Ending. What was begun may finish; Ctrl-C again does not wait for it.")
        first = [each for each in self._running if each.program.ends_first]
        rest = [each for each in self._running if not each.program.ends_first]
        for group in (first, rest):
            self._end(group)

    def _end(self, group: Sequence[Running]) -> None:
        living = [(each.program, each.process) for each in group if each.process]
        for _, process in living:
            process.terminate()
        asked = time.monotonic()
        for program, process in living:
            while process.poll() is None and time.monotonic() < asked + program.grace:
                if self._stops > 1:
                    break
                time.sleep(LOOK / 2)
            if process.poll() is None:
                _say("up", f"{program.name} did not end in time and was stopped hard.")
            _kill_group(process)
            process.wait()
