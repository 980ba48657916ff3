"""Kills a child at every SQL statement, commit and HTTP call of a scenario, and lets another resume.

Run as a process of its own, since it forks: `python -m tests.faults.crashing SCENARIO PART PARTS`. The
environment names the database and the sandbox. Prints one JSON object: the points, and what differed.
"""

import json
import os
import shutil
import signal
import sys
import traceback
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import django

django.setup()

import requests  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from access.models import Account, AccountSpan  # noqa: E402
from access.services import add_system  # noqa: E402
from audit import clock  # noqa: E402
from audit import selectors as audit_selectors  # noqa: E402
from audit.models import Event  # noqa: E402
from audit.services import Actor  # noqa: E402
from checks.models import Task  # noqa: E402
from integrations import services as integrations  # noqa: E402
from integrations import tasks  # noqa: E402
from integrations.models import ConnectAttempt, Connection, Revocation, Snapshot, SyncRun  # noqa: E402
from jobs import services as jobs  # noqa: E402
from jobs.models import State  # noqa: E402
from tests.faults import staff_lists  # noqa: E402
from workspaces import bulk  # noqa: E402
from workspaces import services as workspaces  # noqa: E402
from workspaces.models import User, Workspace  # noqa: E402

BY = Actor(kind="command", label="crash sweep")
FOLDER = Path(os.environ["DATA_DIR"])
RETURN = "http://testserver/back/"
COUNTED = ("connection.connected", "connection.reconnected", "sync.succeeded", "sync.failed")


class Fuse:
    """Counts operations, and at one of them ends the process as a power cut would."""

    def __init__(self, at: int) -> None:
        self.at, self.count = at, 0

    def burn(self) -> None:
        self.count += 1
        if self.count == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    def before(self, operation: Callable[..., Any]) -> Callable[..., Any]:
        def fused(*args: Any, **kwargs: Any) -> Any:
            self.burn()
            return operation(*args, **kwargs)

        return fused

    def lay(self) -> None:
        """Before every statement, every commit and every request of this process."""
        connection.execute_wrappers.append(lambda execute, *args: self.before(execute)(*args))
        # Rows in bulk reach PostgreSQL by the driver's own function, past those wrappers.
        bulk.execute_values = self.before(bulk.execute_values)
        connection._commit = self.before(connection._commit)  # type: ignore[method-assign]
        requests.Session.send = self.before(requests.Session.send)  # type: ignore[method-assign]


def control(method: str, path: str, **body: Any) -> Any:
    """Turn the sandbox's remote control; not with `requests`, so that it is not counted."""
    request = urllib.request.Request(
        f"{settings.TRUTO_API_BASE_URL}/_control/{path}",
        data=json.dumps(body).encode(),
        method=method,
        headers={"X-Sandbox-Control": settings.TRUTO_API_TOKEN, "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def remote_accounts() -> list[Any]:
    """What the pretend Truto has of this workspace."""
    ours = str(Workspace.objects.get().pk)
    return [row for row in control("GET", "accounts")["accounts"] if row["tenant_id"] == ours]


def come_in() -> None:
    """A new company with its admin; its id is the tenant at Truto, so no two points meet there."""
    workspace = workspaces.found("Example Company", by=BY)
    user = User.objects.create_user("admin@example.test")
    workspaces.add_member(workspace, user=user, role="admin", by=BY)


def start_and_allow() -> ConnectAttempt:
    """What a person does: choose Connect, and allow access."""
    attempt = integrations.start_connect(
        Workspace.objects.get(),
        integration="xero",
        user=User.objects.get(),
        acknowledged=True,
        by=BY,
    )
    url = integrations.link(attempt, return_url=RETURN)
    token = parse_qs(urlsplit(url).query)["link_token"][0]
    control("POST", "approve", link_token=token, organisation=os.environ["ORGANISATION"])
    return attempt


def settle() -> None:
    """What the system does by itself, with the waiting left out: looks, sweeps, runs."""
    for _ in range(6):
        now = clock.now()
        SyncRun.objects.filter(state=State.RUNNING).update(lease_until=now.replace(year=2000))
        tasks.look()
        claimable = SyncRun.objects.filter(jobs.claimable(now))
        for run_id in list(claimable.values_list("pk", flat=True)):
            tasks.run_sync(str(run_id))
        if quiet():
            return


def quiet() -> bool:
    """Whether nothing is left that the system would do by itself."""
    runs = SyncRun.objects.filter(state__in=(State.PENDING, State.RUNNING))
    attempts = ConnectAttempt.objects.filter(state__in=ConnectAttempt.LIVE)
    return not runs.exists() and not attempts.exists()


def connect() -> None:
    integrations.look_at(start_and_allow(), by=BY)
    for run_id in SyncRun.objects.values_list("pk", flat=True):
        tasks.run_sync(str(run_id))


def resume_connect() -> None:
    """Whoever saw the page fail starts again; whoever had allowed access does nothing."""
    if not remote_accounts():
        start_and_allow()
    settle()


def connected_and_changed() -> None:
    """A system that has been read once; since then its list has changed in every way."""
    come_in()
    connect()
    add_system(
        Workspace.objects.get(),
        integration="xero",
        connection=Connection.objects.get(),
        user=User.objects.get(),
        by=BY,
    )
    (there,) = (
        row
        for row in control("GET", "organisations")["organisations"]
        if row["name"] == os.environ["ORGANISATION"]
    )
    users = control("GET", f"organisations/{there['id']}/users")["users"]
    control("PATCH", f"users/{users[2]['user_id']}", role="READONLY", last_name="Renamed")
    control("DELETE", f"users/{users[3]['user_id']}")
    control(
        "POST",
        f"organisations/{there['id']}/users",
        replace=False,
        users=[{"email": "new.person@demo.example", "first_name": "New", "last_name": "Person"}],
    )


def sync() -> None:
    run = integrations.request_sync(
        Connection.objects.get(),
        trigger=SyncRun.Trigger.BUTTON,
        user=User.objects.get(),
        by=BY,
    )
    tasks.run_sync(str(run.pk))


def resume_sync() -> None:
    """Whoever saw "Sync now" fail presses it again; whoever saw it taken waits."""
    if SyncRun.objects.count() == 1:
        sync()
    settle()


@dataclass(frozen=True)
class Scenario:
    """`template` is done once, `begin` for each point, `act` under the fuse, `resume` after it."""

    template: Callable[[], None]
    begin: Callable[[], None]
    act: Callable[[], None]
    resume: Callable[[], None]


def nothing() -> None:
    pass


def connected_with_staff() -> None:
    """A system that has been read once, and the first list of staff."""
    connected_and_changed()
    staff_lists.bring_first()


SCENARIOS = {
    "connect": Scenario(nothing, come_in, connect, resume_connect),
    "sync": Scenario(connected_and_changed, nothing, sync, resume_sync),
    "import": Scenario(connected_with_staff, nothing, staff_lists.bring_second, staff_lists.resume),
}


def end_state() -> dict[str, Any]:
    """All that must be the same whether or not somebody pulled the plug."""
    workspace = Workspace.objects.get()
    kinds = list(Event.objects.values_list("kind", flat=True))
    return {
        "connections": list(
            Connection.objects.values_list(
                "authorisation", "organisation_name", "generation", "snapshot__digest", "failures"
            )
        ),
        "runs": sorted(SyncRun.objects.values_list("state", "found", "added", "removed")),
        "snapshots": sorted(Snapshot.objects.values_list("digest", flat=True)),
        "accounts": sorted(Account.objects.values_list("name", "email", "level")),
        "spans": AccountSpan.objects.count(),
        "tasks": sorted(
            (t.check_id, t.subject_label, t.resolved_at is None) for t in Task.objects.all()
        ),
        "live_attempts": ConnectAttempt.objects.filter(state__in=ConnectAttempt.LIVE).count(),
        "remote": len(remote_accounts()),
        "to_revoke": Revocation.objects.filter(done_at__isnull=True).count(),
        "events": {kind: kinds.count(kind) for kind in COUNTED},
        "directory": staff_lists.end_state(),
        "record": audit_selectors.verification(workspace.pk).whole,
    }


def database_named(name: str) -> str:
    """What Django calls this database: a file, or a name on the server of DATABASE_URL."""
    if connection.vendor == "sqlite":
        return str(FOLDER / f"{name}.sqlite3")
    return f"crash_{os.getpid()}_{name}"


def on_server(*statements: str) -> None:
    """Tell PostgreSQL, from the database that DATABASE_URL names."""
    import psycopg2

    server = psycopg2.connect(os.environ["DATABASE_URL"])
    try:
        server.autocommit = True
        with server.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    finally:
        server.close()


def in_child(name: str, work: Callable[[], Any]) -> tuple[int, Any]:
    """Do `work` in a fork that sees only this database; its wait status, and what it gave."""
    answer = FOLDER / f"{name}.json"
    answer.unlink(missing_ok=True)
    database = database_named(name)
    pid = os.fork()
    if pid == 0:
        try:
            connection.settings_dict["NAME"] = database
            answer.write_text(json.dumps(work(), default=str))
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    _, status = os.waitpid(pid, 0)
    return status, json.loads(answer.read_text()) if answer.exists() else None


def done(work: tuple[int, Any]) -> Any:
    """What a child gave that nobody killed. Raises RuntimeError when it failed."""
    status, value = work
    if status:
        raise RuntimeError(f"a child ended with {status}; its words stand above")
    return value


def until_cut(scenario: Scenario, at: int) -> int:
    """Play a scenario under a fuse; returns how many operations it had when none was the last."""
    scenario.begin()
    fuse = Fuse(at)
    fuse.lay()
    scenario.act()
    return fuse.count


def resumed(scenario: Scenario) -> dict[str, Any]:
    scenario.resume()
    return end_state()


def prepared(scenario: Scenario) -> None:
    """The database that every point starts from."""
    if connection.vendor == "postgresql":
        on_server(f"CREATE DATABASE {database_named('template')}")

    def make() -> None:
        call_command("migrate", interactive=False, verbosity=0)
        scenario.template()
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    done(in_child("template", make))


def copy_to(name: str) -> str:
    """A fresh copy of the template under this name."""
    there, template = database_named(name), database_named("template")
    if connection.vendor == "sqlite":
        for suffix in ("-wal", "-shm"):
            Path(there + suffix).unlink(missing_ok=True)
        shutil.copy(template, there)
    else:
        on_server(f"DROP DATABASE IF EXISTS {there} WITH (FORCE)",
                  f"CREATE DATABASE {there} TEMPLATE {template}")  # fmt: skip
    return name


def clear_away() -> None:
    if connection.vendor == "postgresql":
        names = map(database_named, ("template", "whole", "point"))
        on_server(*(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)" for name in names))


def sweep(name: str, part: int, parts: int) -> dict[str, Any]:
    """Every `parts`-th point from `part` on; what differed is told by its point."""
    scenario = SCENARIOS[name]
    prepared(scenario)
    whole = copy_to("whole")
    operations = done(in_child(whole, lambda: until_cut(scenario, 0)))
    expected = done(in_child(whole, lambda: resumed(scenario)))
    points, differing = list(range(1 + part, operations + 1, parts)), {}
    for point in points:
        database = copy_to("point")
        status, _ = in_child(database, lambda point=point: until_cut(scenario, point))
        if not os.WIFSIGNALED(status):
            raise RuntimeError(f"point {point} was not reached: status {status}")
        _, found = in_child(database, lambda: resumed(scenario))
        if found != expected:
            differing[point] = found
    return {
        "operations": operations,
        "points": points,
        "expected": expected,
        "differing": differing,
    }


if __name__ == "__main__":
    try:
        print(json.dumps(sweep(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
    finally:
        clear_away()
