"""Pages and endpoints that list: as many queries and nearly the same time, however long the list."""

import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from benchmarks import world
from benchmarks.measure import Line, seconds
from benchmarks.world import BY, Setting, World
from workspaces import services as workspaces

SHORT = 100
TIMES = 20
MOST_QUERIES = 15


@dataclass(frozen=True)
class Asked:
    """What a list cost: queries of one request, median and 95th percentile of seconds of several."""

    queries: int
    seconds: float
    slow: float


def lists(setting: Setting) -> list[Line]:
    """Each list short and long: ratio of times, queries at most, and how many more when long."""
    short, long = (_costs(_read(setting, size)) for size in (SHORT, setting.accounts))
    return [line for name in short for line in _lines(name, short[name], long[name])]


def _lines(name: str, short: Asked, long: Asked) -> Iterator[Line]:
    ratio = long.seconds / short.seconds
    yield Line(f"{name}: time", ratio, 1.5, floor=short.seconds, measured=long.seconds)
    yield Line(f"{name}: 95th percentile, long", long.slow * 1000, 100, "ms")
    yield Line(f"{name}: queries", long.queries, MOST_QUERIES, "queries")
    yield Line(f"{name}: more queries", long.queries - short.queries, 0, "queries")


def _read(setting: Setting, size: int) -> World:
    made = world.make(setting, size)
    world.employ(made, size)
    run = made.waiting_run()
    world.read(run)
    world.expect_done(run)
    return made


def _costs(made: World) -> dict[str, Asked]:
    client = Client()
    client.force_login(made.admin)
    _, secret = workspaces.create_token(made.workspace, name="Benchmark", user=made.admin, by=BY)
    bearer = {"HTTP_AUTHORIZATION": f"Bearer {secret}"}
    system = made.system.pk
    pages = {
        "people page": (reverse("people:directory"), {}),
        "tasks page": (reverse("access:tasks", args=["user_identified"]), {}),
        "users page": (reverse("access:users", args=[system]), {}),
        "staff API": ("/api/v1/staff/", bearer),
        "tasks API": ("/api/v1/tasks/", bearer),
        "accounts API": (f"/api/v1/systems/{system}/accounts/", bearer),
    }
    return {
        name: _ask(lambda p=page, h=head: client.get(p, **h))
        for name, (page, head) in pages.items()
    }


def _ask(get: Callable[[], object]) -> Asked:
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
