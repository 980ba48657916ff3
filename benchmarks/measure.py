"""Timing, medians of paired rounds, and the table that a measurement ends in."""

import platform
import sqlite3
import statistics
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
HEADINGS = ("line", "floor", "measured", "figure", "budget", "verdict")


@dataclass(frozen=True)
class Line:
    """One row of the table: what was measured beside which floor, and what it may be.

    `floor` and `measured` are seconds; `figure` is compared with `budget`, both in `unit`. A line
    without a budget is there to be read.
    """

    name: str
    figure: float
    budget: float | None
    unit: str = "x"
    floor: float | None = None
    measured: float | None = None

    @property
    def held(self) -> bool:
        """Whether the figure is within its budget."""
        return self.budget is None or self.figure <= self.budget

    def cells(self) -> tuple[str, ...]:
        """The row as it is printed."""
        figure = f"{self.figure:.3g} {self.unit}"
        budget = "" if self.budget is None else f"<= {self.budget:.4g} {self.unit}"
        verdict = "" if self.budget is None else "held" if self.held else "broken"
        return (self.name, _ms(self.floor), _ms(self.measured), figure, budget, verdict)


def seconds(work: Callable[[], Any]) -> float:
    """Wall time of one call."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def peak_memory() -> float:
    """The most memory that this process has held so far, in MB.

    Linux keeps it in kB for each program; that of `getrusage` would count the parent's too.
    """
    said = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(said["VmHWM"].split()[0]) / 1024


def ratio(name: str, pairs: Sequence[tuple[float, float]], budget: float) -> Line:
    """A line from pairs of (floor, measured): the median of the ratios of each pair."""
    floors, measured = zip(*pairs, strict=True)
    figure = statistics.median(after / before for before, after in pairs)
    return Line(
        name,
        figure,
        budget,
        floor=statistics.median(floors),
        measured=statistics.median(measured),
    )


def plain(name: str, rounds: Sequence[float], budget: float | None = None) -> Line:
    """A line without a floor: the median of the rounds, in milliseconds."""
    return Line(name, statistics.median(rounds) * 1000, budget, "ms")


def table(lines: Iterable[Line]) -> str:
    """The lines as text, its columns in step."""
    rows = [HEADINGS, *(line.cells() for line in lines)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(HEADINGS))]
    ruled = [rows[0], tuple("-" * width for width in widths), *rows[1:]]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in ruled
    )


def heading(*, accounts: int, rounds: int, seed: int) -> str:
    """Where and on what the figures were taken."""
    return (
        f"commit {_commit()}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version},"
        f" {accounts:,} accounts, medians of {rounds} paired rounds, seed {seed}"
    )


def _commit() -> str:
    asked = ["git", "describe", "--always", "--dirty"]
    done = subprocess.run(asked, cwd=ROOT, text=True, capture_output=True, check=False)
    return done.stdout.strip() or "unknown"


def _ms(value: float | None) -> str:
    return "" if value is None else f"{value * 1000:,.0f} ms"
