"""Judging a whole system: facts read, four checks, the sheet as bytes; and all of it as an act.

On SQLite here; run as a module, against the database of the environment, and prints JSON.
"""

import json
import os
import sys
from typing import TYPE_CHECKING

from benchmarks import postgres
from benchmarks.measure import Line, seconds

if TYPE_CHECKING:  # their modules need Django set up, which a run as a module does later
    from benchmarks.crowd import Company
    from benchmarks.world import Setting

MANY = 10  # times as many accounts, on PostgreSQL only: SQLite refuses so long a list
BUDGET = 30.0  # times the floor; no figure is agreed, this one tells when something breaks
TABLES = ("access_account", "access_identification", "checks_task")
STEPS = ("facts read from tables", "four checks alone", "fact sheet as bytes")


def judging(setting: "Setting") -> list[Line]:
    """Nothing has changed, so nothing is written: what a look at all accounts costs."""
    found = _lines(f"{setting.accounts:,} accounts, SQLite", main(setting.accounts))
    for size in (setting.accounts, setting.accounts * MANY):
        with postgres.database() as url:
            if url is not None:
                figures = postgres.figures("benchmarks.judging", size, url)
                found += _lines(f"{size:,} accounts, PostgreSQL", figures)
    return found


def _lines(title: str, figures: dict[str, float]) -> list[Line]:
    floor, whole = figures["floor"], figures["whole"]
    steps = [Line(f"  {step}", figures[step] * 1000, None, "ms") for step in STEPS]
    return [Line(f"judging {title}", whole / floor, BUDGET, floor=floor, measured=whole), *steps]


def main(accounts: int) -> dict[str, float]:
    """Seconds of the best of three rounds, by step; `floor` fetches the same rows bare."""
    from benchmarks import crowd

    made = crowd.make(accounts)
    rounds = [_round(made) for _ in range(3)]
    return {step: min(each[step] for each in rounds) for step in rounds[0]}


def _round(made: "Company") -> dict[str, float]:
    from access import facts
    from access.models import CriticalSystem
    from access.services import judging as services
    from audit import clock
    from audit import services as audit
    from benchmarks.crowd import BY
    from checks import rules

    system = CriticalSystem.objects.get(pk=made.system.pk)
    stated = facts.system_facts(system, now=clock.now())
    with audit.act(made.workspace, by=BY) as act:
        whole = seconds(lambda: services.judge_systems([system.pk], now=act.now))
    return {
        "floor": seconds(lambda: _fetch(str(made.workspace.pk))),
        "whole": whole,
        STEPS[0]: seconds(lambda: facts.system_facts(system, now=clock.now())),
        STEPS[1]: seconds(lambda: rules.judge(stated, clock.now())),
        STEPS[2]: seconds(lambda: rules.canonical(stated)),
    }


def _fetch(workspace: str) -> None:
    """The rows of accounts, decisions and tasks, fetched as they are."""
    from django.db import connection

    key = workspace if connection.vendor == "postgresql" else workspace.replace("-", "")
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT * FROM {table} WHERE workspace_id = %s", [key])
            if not cursor.fetchall():
                raise RuntimeError(f"{table} is empty.")


if __name__ == "__main__":
    import django
    from django.core.management import call_command

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sprinto_xero.settings")
    django.setup()
    call_command("migrate", verbosity=0)
    print(json.dumps(main(int(sys.argv[1]))))
