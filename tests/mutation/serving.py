"""Runs narrow tests in forked copies of one warm process, so that a mutant costs its tests alone.

Nothing of ours is imported before the fork: every copy reads the mutated file anew.
"""

import importlib
import json
import os
import signal
import socket
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.mutation import tables

WARM = ("django.conf", "django.test", "django.http", "django.db.models", "rapidfuzz.process")
WARM_TESTS = (
    "hypothesis.internal.conjecture.engine",
    "_pytest.python",
    "_pytest.unraisableexception",
)
LONGEST = 120  # seconds, after which a copy ends itself; the run's own limit is shorter
OPTIONS = ["-c", "tests/mutation/pytest.ini", "--rootdir", ".", "--assert=plain", "-x", "-q"]
# Targets that need tables: the package, and its modules in an order in which they can be imported.
TABLES = {
    "facts": ("access.facts", ("directory", "gathering", "naming", "stating")),
    "earlier": ("checks.rules", ("earlier",)),
}


def serve(at: Path, ready: threading.Event, target: str) -> None:
    """Answer one list of tests after the other with pytest's exit code; never returns."""
    sys.dont_write_bytecode = True
    _import_from_here()
    os.environ.setdefault("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    for name in (*WARM, *WARM_TESTS):
        importlib.import_module(name)
    settings.register_profile(
        "mutants",
        max_examples=25,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    settings.load_profile("mutants")
    st.emails().validate()  # which reads large tables, once
    if target in TABLES:
        tables.make()
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(at))
        door.listen()
        ready.set()
        while True:
            asked, _ = door.accept()
            with asked:
                _answer(asked, target)


def _import_from_here() -> None:
    """The copy's modules, never those of the tree that the command was started in."""
    started_in = str(Path(__file__).parents[2])
    sys.path[:] = [str(Path.cwd()), *(each for each in sys.path if each not in ("", started_in))]
    for name in [each for each in sys.modules if each.partition(".")[0] == "tests"]:
        del sys.modules[name]


def _answer(asked: socket.socket, target: str) -> None:
    tests = json.loads(asked.recv(65536))
    child = os.fork()
    if child == 0:
        _run(tests, target)
    _, status = os.waitpid(child, 0)
    try:
        asked.sendall(bytes([0 if status == 0 else 1]))
    except OSError:
        return  # whoever asked has given up on this mutant


def _run(tests: list[str], target: str) -> None:
    signal.alarm(LONGEST)
    if "MUTATION_ALOUD" not in os.environ:
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
    kind = ["--noconftest"]
    if target in TABLES:
        try:
            tables.read_anew(*TABLES[target])
        except Exception:
            os._exit(1)  # a mutant that cannot even be imported
        kind = tables.OPTIONS
    os._exit(int(pytest.main([*OPTIONS, *kind, *tests])))
