"""Pages and endpoints that list: as many queries and nearly the same time, however long the list.

On SQLite here; run as a module, against the database of the environment, and prints JSON.
"""

import json
import os
import statistics
import sys
from collections.abc import Callable, Iterator
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING

from benchmarks import postgres
from benchmarks.measure import Line, seconds

if TYPE_CHECKING:  # their modules need Django set up, which a run as a module does later
    from benchmarks.crowd import Company
    from benchmarks.world import Setting

SHORT = 100
TIMES = 20
MOST_QUERIES = 15


@dataclass(frozen=True)
class Asked:
    """What a list cost: queries of one request, median and 95th percentile of seconds of several."""

    queries: int
    seconds: float
    slow: float


def lists(setting: "Setting") -> list[Line]:
    """Each list short and long: ratio of times, queries at most, and how many more when long."""
    found = list(_lines("SQLite", main(setting.accounts)))
    with postgres.database() as url:
        if url is not None:
            found += _lines("PostgreSQL", _measured(setting.accounts, url))
    return found


def _measured(accounts: int, database: str) -> "dict[str, tuple[Asked, Asked]]":
    figures = postgres.figures("benchmarks.lists", accounts, database)
    return {name: (Asked(*short), Asked(*long)) for name, (short, long) in figures.items()}


def _lines(database: str, costs: "dict[str, tuple[Asked, Asked]]") -> Iterator[Line]:
    for name, (short, long) in costs.items():
        title, ratio = f"{name} ({database})", long.seconds / short.seconds
        yield Line(f"{title}: time", ratio, 1.5, floor=short.seconds, measured=long.seconds)
        yield Line(f"{title}: 95th percentile, long", long.slow * 1000, 100, "ms")
        yield Line(f"{title}: queries", long.queries, MOST_QUERIES, "queries")
        yield Line(f"{title}: more queries", long.queries - short.queries, 0, "queries")


def main(accounts: int) -> "dict[str, tuple[Asked, Asked]]":
    """By list: what it costs with SHORT rows and with as many as there are accounts."""
    from benchmarks import crowd

    # Half and half, so that a page of whatever is asked for is as full as one of the long lists.
    short = _costs(crowd.make(SHORT, leavers=2, strangers=2))
    long = _costs(crowd.make(accounts))
    return {name: (short[name], long[name]) for name in short}


def _costs(made: "Company") -> dict[str, Asked]:
    from django.test import Client

    from benchmarks.crowd import BY
    from workspaces import services as workspaces

    client = Client()
    client.force_login(made.admin)
    _, secret = workspaces.create_token(made.workspace, name="Benchmark", user=made.admin, by=BY)
    bearer = {"HTTP_AUTHORIZATION": f"Bearer {secret}"}
    return {
        name: _ask(lambda at=address: client.get(at, **(bearer if at.startswith("/api/") else {})))
        for name, address in _addresses(str(made.system.pk)).items()
    }


def _addresses(system: str) -> dict[str, str]:
    """Each list by its name; a search finds a few, many or nobody."""
    users, tasks = f"/access/systems/{system}/users/", "/access/monitoring/"
    return {
        "staff": "/people/",
        "staff, search": "/people/?q=bababa",
        "staff, nobody found": "/people/?q=nobody+at+all",
        "staff, leavers": "/people/?status=offboarded&order=-leaving",
        "users": users,
        "users, search": f"{users}?q=bababa",
        "users, nobody found": f"{users}?q=nobody+at+all",
        "users, not identified": f"{users}?identified=unknown",
        "users, not valid": f"{users}?validity=invalid",
        "staff access": "/access/staff/",
        "staff access, nobody found": "/access/staff/?q=nobody+at+all",
        "staff access, without an account": "/access/staff/?show=unmapped",
        "staff access, not valid": "/access/staff/?show=invalid",
        "offboarded staff": "/access/offboarded/",
        "offboarded staff, active": "/access/offboarded/?found=Active",
        "offboarded staff, not found": "/access/offboarded/?found=Not+found",
        "identify accounts": "/access/identify/",
        "tasks of a check": f"{tasks}user_identified/",
        "tasks of all checks": tasks,
        "staff API": "/api/v1/staff/",
        "tasks API": "/api/v1/tasks/",
        "accounts API": f"/api/v1/systems/{system}/accounts/",
    }


def _ask(get: Callable[[], object]) -> Asked:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    _expect_ok(get())
    with CaptureQueriesContext(connection) as captured:
        get()
    queries = len(captured)  # counted now: the next request forgets them
    spent = sorted(seconds(get) for _ in range(TIMES))
    slow = statistics.quantiles(spent, n=20, method="inclusive")[-1]
    return Asked(queries, statistics.median(spent), slow)


def _expect_ok(response: object) -> None:
    if getattr(response, "status_code", None) != 200:
        raise RuntimeError(f"The list answered {response}.")


if __name__ == "__main__":
    import django
    from django.core.management import call_command
    from django.test.utils import setup_test_environment

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sprinto_xero.settings")
    django.setup()
    setup_test_environment()
    call_command("migrate", verbosity=0)
    costs = main(int(sys.argv[1])).items()
    print(json.dumps({name: [astuple(each) for each in pair] for name, pair in costs}))
