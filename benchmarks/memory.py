"""The most memory that a worker holds while it reads and judges a first list."""

import subprocess
import sys

from benchmarks import world
from benchmarks.measure import ROOT, Line
from benchmarks.world import Setting

BUDGET = 250  # MB


def memory(setting: Setting) -> list[Line]:
    """A first sync in a process of its own; its peak counts everything, the interpreter too."""
    made = world.make(setting, setting.accounts)
    run = made.waiting_run()
    asked = [sys.executable, "-m", "benchmarks.peak", str(run.pk)]
    done = subprocess.run(asked, cwd=ROOT, text=True, capture_output=True, check=True)
    world.expect_done(run)
    return [Line("memory peak of a first sync", float(done.stdout.split()[-1]), BUDGET, "MB")]
