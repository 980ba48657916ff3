"""Importing a list of staff on PostgreSQL, beside `executemany` of as many rows; and its memory.

Run as a module it measures against the database of the environment and prints JSON.
"""

import json
import os
import sys
import time
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING

from benchmarks import postgres
from benchmarks.measure import Line, peak_memory

if TYPE_CHECKING:  # its module needs Django set up, which a run as a module does later
    from benchmarks.world import Setting

MANY = 100_000
SMALLER = 10  # of the accounts asked for: a short run measures a tenth of the people
BUDGET = 6.0  # times the floor; no figure is agreed, this one tells when something breaks
MOST_MEMORY = 250  # MB
CHUNK = 5_000


def imports(setting: "Setting") -> list[Line]:
    """Previewed and taken over; nothing where PostgreSQL is not installed (the reason is told)."""
    people = MANY if setting.accounts >= MANY // SMALLER else setting.accounts * SMALLER
    with postgres.database() as url:
        if url is None:
            return []
        figures: dict[str, float] = postgres.figures("benchmarks.imports", people, url)
    floor, taken = figures["floor"], figures["apply"]
    name = f"import of {people:,} people"
    return [
        Line(f"{name} (PostgreSQL)", taken / floor, BUDGET, floor=floor, measured=taken),
        Line(f"{name}: peak memory", figures["peak"], MOST_MEMORY, "MB"),
    ]


def _file(people: int) -> Iterator[bytes]:
    yield b"name,email,external_id,org_roles,manager,starts_on\n"
    for start in range(0, people, CHUNK):
        yield "".join(map(_line, range(start, min(start + CHUNK, people)))).encode()


def _line(n: int) -> str:
    manager = f"E-{(n - 1) // 10}" if n else ""
    address = f"person.{n}@demo.example"
    return f"Demo Person {n},{address},E-{n},Demo Role {n % 7},{manager},2024-01-02\n"


def main(people: int) -> dict[str, float]:
    """Import as many people into an empty workspace; then write as many bare rows."""
    import django

    django.setup()
    from django.core.management import call_command

    from audit.services import Actor
    from people import services
    from people.models import StaffImport
    from workspaces import services as workspaces

    by = Actor(kind="command", label="benchmark")
    call_command("migrate", verbosity=0)
    workspace = workspaces.found(f"Benchmark {uuid.uuid4().hex[:8]}", by=by)
    job = services.start_import(
        workspace,
        file_name="benchmark.csv",
        pieces=_file(people),
        complete=True,
        create_roles=True,
        user=None,
        by=by,
    )
    services.run_import(job.pk)
    job.refresh_from_db()
    began = time.perf_counter()
    services.apply_import(job, by=by)
    services.run_import(job.pk)
    taken = time.perf_counter() - began
    job = StaffImport.objects.get(pk=job.pk)
    if job.state != "done":
        raise RuntimeError(f"The import ended as {job.state}: {job.error}")
    peak = peak_memory()  # before the floor, which is none of the import's
    return {"apply": taken, "floor": _floor(people), "peak": peak}


def _floor(people: int) -> float:
    """Seconds of `executemany` of the same number of rows: person, period, address, Org role."""
    from django.db import connection, transaction

    columns = {"staff": 6, "period": 5, "address": 6, "role": 2}
    with transaction.atomic(), connection.cursor() as cursor:
        for name, count in columns.items():
            fields = ", ".join(f"c{n} text" for n in range(count))
            cursor.execute(f"CREATE TEMPORARY TABLE floor_{name} (id uuid PRIMARY KEY, {fields})")
        began = time.perf_counter()
        for name, count in columns.items():
            marks = ", ".join(["%s"] * (count + 1))
            rows = (
                (str(uuid.uuid4()), *(f"text {n}" for _ in range(count))) for n in range(people)
            )
            cursor.executemany(f"INSERT INTO floor_{name} VALUES ({marks})", rows)
        taken = time.perf_counter() - began
        transaction.set_rollback(True)
    return taken


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sprinto_xero.settings")
    print(json.dumps(main(int(sys.argv[1]))))
