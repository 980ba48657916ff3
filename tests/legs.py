"""The legs of the test suite: what each needs, how they run side by side, and their summary."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOTHING_SELECTED = 5  # pytest's exit code
NOT_INSTALLED = 3  # bin/services' exit code
# Set outside, these would send a leg to somebody's real database or queue.
NEVER_INHERITED = ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL", "DEPLOYMENT", "DATA_DIR")
SERVICE_NAMES = ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL", "SERVICES")


class LeftOut(Exception):
    """A leg cannot run here; the message names the missing part and how to install it."""


@dataclass(frozen=True)
class Leg:
    """One run of pytest: which tests, and what they are told."""

    name: str
    marks: str
    env: Mapping[str, str]


@dataclass(frozen=True)
class Result:
    """What came of a leg; `seconds` is wall time."""

    leg: Leg
    code: int
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        """Whether nothing went wrong; to have nothing to do is not wrong."""
        return self.code in (0, NOTHING_SELECTED)

    def __str__(self) -> str:
        outcome = "ok" if self.good else f"FAILED (exit {self.code})"
        counts = f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"
        return f"{self.leg.name:<9} {counts} in {self.seconds:.0f} s  {outcome}"


def sqlite() -> Leg:
    """Everything without a browser, on SQLite and the file broker."""
    return Leg("sqlite", "not journeys and not long and not postgres_only", {})


def postgres() -> Leg:
    """Everything without a browser, on a throw-away PostgreSQL and Redis."""
    done = subprocess.run([ROOT / "bin" / "services", "start"], text=True, capture_output=True)
    if done.returncode == NOT_INSTALLED:
        raise LeftOut(done.stderr.strip())
    if done.returncode:
        sys.exit(f"PostgreSQL and Redis did not start:\n{done.stderr}")
    pairs = (line.removeprefix("export ").partition("=") for line in done.stdout.splitlines())
    env = {name: value for name, _, value in pairs if name in SERVICE_NAMES}
    return Leg("postgres", "not journeys and not long and not sqlite_only", env)


def journeys() -> Leg:
    """The browser's journeys, in the system's Chromium."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    browser = next((path for name in names if name and (path := shutil.which(name))), None)
    if not browser:
        raise LeftOut(
            "Not installed: Chromium. Install: apt-get install -y --no-install-recommends "
            "chromium fonts-liberation"
        )
    return Leg("journeys", "journeys and not long", {"CHROMIUM": browser})


LEGS = {"sqlite": sqlite, "postgres": postgres, "journeys": journeys}


def chosen() -> list[str]:
    """The names of the legs asked for by LEGS, else all."""
    names = [name for name in os.environ.get("LEGS", "").split(",") if name] or list(LEGS)
    if unknown := set(names) - set(LEGS):
        sys.exit(f"LEGS names {', '.join(sorted(unknown))}; there are {', '.join(LEGS)}.")
    return names


def gather() -> tuple[list[Leg], list[str]]:
    """The legs that can run here, and a sentence for each that cannot."""
    legs, left_out = [], []
    for name in chosen():
        try:
            legs.append(LEGS[name]())
        except LeftOut as reason:
            left_out.append(f"{name:<9} left out. {reason}")
    return legs, left_out


def split_marks(arguments: Sequence[str]) -> tuple[list[str], str]:
    """Pytest's arguments without `-m`, and its value: a second -m would replace the leg's."""
    rest, marks = list(arguments), ""
    while "-m" in rest[:-1]:
        at = rest.index("-m")
        marks = rest[at + 1]
        del rest[at : at + 2]
    return rest, marks


def processes(number_of_legs: int) -> int:
    """How many processes a leg gets, so that all legs together fill the cores and no more."""
    return max(1, (os.cpu_count() or 1) // max(1, number_of_legs))


def command(leg: Leg, arguments: Sequence[str], report: Path, share: int) -> list[str]:
    """The pytest command of a leg."""
    rest, marks = split_marks(arguments)
    expression = f"({leg.marks}) and ({marks})" if marks else leg.marks
    argv = [sys.executable, "-m", "pytest", "-q", "-m", expression, f"--junitxml={report}"]
    argv += ["--durations=20", "--durations-min=2"]
    if share > 1 and not any(word.startswith("-n") for word in rest):
        argv += ["-n", str(share), "--dist", "loadgroup"]
    return [*argv, *rest]


def environment(leg: Leg, together: Iterable[str] = ()) -> dict[str, str]:
    """What a leg's processes are told; `together` are the names of all legs of the run."""
    outer = {k: v for k, v in os.environ.items() if k not in NEVER_INHERITED}
    return outer | {"LEG": leg.name, "LEGS_TOGETHER": ",".join(together), **leg.env}


def both_databases() -> bool:
    """Whether this process is one leg of a run that has both databases."""
    return {"sqlite", "postgres"} <= set(os.environ.get("LEGS_TOGETHER", "").split(","))


def count(report: Path) -> tuple[int, int, int]:
    """Passed, failed and skipped, from pytest's own report; an error counts as failed."""
    if not report.exists():
        return 0, 0, 0
    suites = list(ET.parse(report).getroot().iter("testsuite"))
    total, failures, errors, skipped = (
        sum(int(suite.get(name, 0)) for suite in suites)
        for name in ("tests", "failures", "errors", "skipped")
    )
    failed = failures + errors
    return max(0, total - failed - skipped), failed, skipped


def run(legs: Sequence[Leg], arguments: Sequence[str], folder: Path) -> list[Result]:
    """Run the legs side by side; each one's output is shown whole as soon as it is done."""
    share, began, running = processes(len(legs)), time.monotonic(), {}
    names = [leg.name for leg in legs]
    for leg in legs:
        argv = command(leg, arguments, folder / f"{leg.name}.xml", share)
        output = (folder / f"{leg.name}.log").open("wb")
        told = {"cwd": ROOT, "env": environment(leg, names), "stderr": subprocess.STDOUT}
        running[leg.name] = (leg, subprocess.Popen(argv, stdout=output, **told))
    results = []
    try:
        while running:
            for name, (leg, process) in list(running.items()):
                if process.poll() is not None:
                    del running[name]
                    seconds = time.monotonic() - began
                    results.append(finish(leg, process.returncode, folder, seconds))
            time.sleep(0.1)
    finally:
        end([process for _, process in running.values()])
    return results


def end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """Interrupt what still runs, as Ctrl-C would, so that it tidies up behind itself."""
    for process in processes:
        process.send_signal(signal.SIGINT)
    for process in processes:
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()


def finish(leg: Leg, code: int, folder: Path, seconds: float) -> Result:
    """Show a finished leg's output and count it."""
    print(f"\n===== {leg.name} =====", flush=True)
    sys.stdout.write((folder / f"{leg.name}.log").read_text(errors="replace"))
    return Result(leg, code, *count(folder / f"{leg.name}.xml"), seconds)


def stop_services(legs: Sequence[Leg]) -> None:
    """End what `postgres` started."""
    for leg in legs:
        if "SERVICES" in leg.env:
            subprocess.run([ROOT / "bin" / "services", "stop", leg.env["SERVICES"]])


def summary(results: Sequence[Result], left_out: Sequence[str]) -> int:
    """Print one line a leg and the closing line; the exit code."""
    strict = os.environ.get("CI", "").lower() in ("1", "true", "yes")
    nothing = not results or all(each.code == NOTHING_SELECTED for each in results)
    print("\n===== summary =====", *results, *left_out, sep="\n")
    if left_out and strict:
        print("With CI=true, a leg left out is a failure.")
    if nothing:
        print("No test was run.")
    broken = sum(1 for each in results if not each.good and not each.failed)
    failed = sum(each.failed for each in results) + broken + len(left_out) * strict + nothing
    passed, skipped = sum(r.passed for r in results), sum(r.skipped for r in results)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


def main(arguments: Sequence[str]) -> int:
    """Run what can be run; the exit code is 0 only if all of it is well."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    legs, left_out = gather()
    try:
        with tempfile.TemporaryDirectory(prefix="legs-") as folder:
            results = run(legs, arguments, Path(folder))
    except KeyboardInterrupt:
        return 130
    finally:
        stop_services(legs)
    return summary(results, left_out)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
