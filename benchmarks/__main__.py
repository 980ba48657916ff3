"""Starts a sandbox and an empty database, measures the chosen lines, and prints the table."""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from random import Random

from benchmarks import measure
from tests import environment
from tests.sandbox_process import SandboxProcess, start_sandbox

NAMES = (
    "first_sync",
    "resync",
    "rule_change",
    "judging",
    "matching",
    "lists",
    "fleet",
    "memory",
    "import",
)
OTHER_PLACES = ("DATABASE_URL", "REDIS_URL", "DEPLOYMENT", "CELERY_BROKER_URL")


def arguments(words: Sequence[str]) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    parser.add_argument("lines", nargs="*", metavar="LINE", help=f"of {', '.join(NAMES)}")
    parser.add_argument("--accounts", type=int, default=10_000, help="default 10,000")
    parser.add_argument("--rounds", type=int, default=3, help="paired rounds a line, default 3")
    parser.add_argument("--seed", type=int, default=1, help="chooses who changes, default 1")
    given = parser.parse_args(words)
    if unknown := set(given.lines) - set(NAMES):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    return given


def prepare(folder: Path, sandbox: SandboxProcess) -> None:
    """Point the settings at a new SQLite database and at the sandbox, and migrate."""
    for name in OTHER_PLACES:
        os.environ.pop(name, None)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "sprinto_xero.settings",
        "DATA_DIR": str(folder),
        "TRUTO_API_BASE_URL": sandbox.base_url,
        "TRUTO_APP_BASE_URL": sandbox.base_url,
        "TRUTO_API_TOKEN": sandbox.token,
        "TRUTO_ENVIRONMENT_ID": "",
        "DEBUG": "off",
    }
    environment.prepare()
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(migrate, cwd=measure.ROOT, check=True)


def run(given: argparse.Namespace, folder: Path, sandbox: SandboxProcess) -> list[measure.Line]:
    """Measure; Django is set up first, for the modules of the lines import its models."""
    import django
    from django.test.utils import setup_test_environment

    django.setup()
    setup_test_environment()
    from benchmarks import fleets, imports, judging, lists, matching, memory, rules, syncs, world

    setting = world.Setting(sandbox, folder, given.accounts, given.rounds, Random(given.seed))
    works = (
        syncs.first_sync,
        syncs.resync,
        rules.rule_change,
        judging.judging,
        matching.matching,
        lists.lists,
        fleets.fleet,
        memory.memory,
        imports.imports,
    )
    known = dict(zip(NAMES, works, strict=True))
    found: list[measure.Line] = []
    for name in given.lines or NAMES:
        print(f"Measuring {name} ...", file=sys.stderr, flush=True)
        found += known[name](setting)
    return found


def main(words: Sequence[str]) -> int:
    """Print the table; the exit code is 1 where a budget is broken."""
    given = arguments(words)
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        sandbox = start_sandbox(folder / "sandbox", SANDBOX_WEBHOOK_URL="")
        try:
            sandbox.control("POST", "rate-limits", on=False)
            prepare(folder, sandbox)
            lines = run(given, folder, sandbox)
        finally:
            sandbox.stop()
    print(measure.heading(accounts=given.accounts, rounds=given.rounds, seed=given.seed))
    print(measure.table(lines))
    return 0 if all(line.held for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
