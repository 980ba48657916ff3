"""Runs that meet something else: another worker, a disconnect, a lost doorbell, a dead worker."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database

from access import services as access
from access.models import Account, AccountSpan
from audit import clock
from audit.services import Actor
from checks.models import Task
from integrations.models import ConnectAttempt, Connection, Snapshot, SyncRun
from integrations.services import disconnecting, syncing
from jobs import services as jobs
from jobs.models import State
from tests.integrations.conftest import SECOND, committed
from tests.sandbox_process import SandboxProcess
from workspaces.models import User, Workspace

pytestmark = pytest.mark.django_db
KINDS = Connection.Authorisation


@pytest.fixture
def unread(connected: ConnectAttempt) -> Connection:
    """A connection whose first run waits."""
    return Connection.objects.get()


@pytest.fixture
def books(unread: Connection, workspace: Workspace, admin: User, by: Actor) -> Connection:
    """A connection that was read once and whose system is judged."""
    syncing.run(unread.runs.get().pk)
    unread.refresh_from_db()
    access.add_system(workspace, integration="xero", connection=unread, user=admin, by=by)
    return unread


def known(of: Connection) -> dict[str, Any]:
    """All that a reading may change for the people who look at it."""
    of.refresh_from_db()
    return {
        "current": (of.snapshot_id, of.read_at, of.organisation_name),
        "snapshots": list(Snapshot.objects.order_by("id").values_list("id", "digest")),
        "accounts": list(Account.objects.order_by("id").values()),
        "spans": list(AccountSpan.objects.order_by("id").values()),
        "tasks": list(Task.objects.order_by("id").values()),
    }


def request(of: Connection, by: Actor) -> SyncRun:
    with committed():
        return syncing.request_sync(of, trigger=SyncRun.Trigger.BUTTON, by=by)


def read(of: Connection, by: Actor) -> SyncRun:
    """Ask for a run and do it, as a worker does."""
    run = request(of, by)
    syncing.run(run.pk)
    run.refresh_from_db()
    of.refresh_from_db()
    return run


def fault(sandbox: SandboxProcess, of: Connection, **kinds: Any) -> None:
    sandbox.control("POST", f"accounts/{of.ref}/faults", **kinds)


@contextmanager
def at_step(step: str, then: Callable[[], object]) -> Iterator[None]:
    """Let something else happen the moment that a run has said that it came to this step."""
    waiting = [then]

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        if waiting and params and step in params:
            waiting.pop()()
        return result

    with database.execute_wrapper(watch):
        yield
    assert not waiting, f"no run came to {step!r}"


@contextmanager
def database_says(code: str, at: str) -> Iterator[None]:
    """PostgreSQL itself ends the next act that comes to a statement like this."""
    waiting = [code]

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if waiting and at in sql:
            sql, params = f"DO $$ BEGIN RAISE SQLSTATE '{waiting.pop()}'; END $$", None
        return execute(sql, params, many, context)

    with database.execute_wrapper(watch):
        yield
    assert not waiting, f"nothing came to {at!r}"


@pytest.mark.postgres_only
def test_run_that_another_act_kept_waiting_goes_back_into_its_row(unread: Connection) -> None:
    run = unread.runs.get()
    with database_says("55P03", at="pg_advisory_xact_lock"):
        syncing.run(run.pk)
    run.refresh_from_db()
    assert (run.state, run.attempt, run.put_backs) == (State.PENDING, 0, 1)
    assert run.not_before is not None
    assert run.not_before > clock.now()
    assert not Snapshot.objects.exists()
    SyncRun.objects.update(not_before=None)
    syncing.run(run.pk)
    run.refresh_from_db()
    assert run.state == State.DONE


@pytest.mark.postgres_only
def test_run_that_gave_way_to_another_act_counts_all_the_same(unread: Connection) -> None:
    run = unread.runs.get()
    with database_says("40P01", at="integrations_snapshot"):
        syncing.run(run.pk)
    run.refresh_from_db()
    assert (run.state, run.attempt) == (State.DONE, 1)


def test_run_that_was_put_back_ends_well_once_it_is_due(
    books: Connection, sandbox: SandboxProcess, by: Actor
) -> None:
    fault(sandbox, books, rate_limited_remote={"retry_after": 600, "remaining": 1})
    run = read(books, by)
    SyncRun.objects.filter(pk=run.pk).update(not_before=clock.now())
    syncing.run(run.pk)
    run.refresh_from_db()
    assert (run.state, run.error) == (State.DONE, "")


def test_slow_and_dripping_pages_in_small_pieces_are_read_whole(
    books: Connection, sandbox: SandboxProcess, by: Actor
) -> None:
    before = known(books)
    fault(
        sandbox,
        books,
        slow={"seconds": 0.2},
        dripping={"seconds": 0.01, "bytes": 256},
        page_size={"size": 2},
        empty_pages=True,
    )
    run = read(books, by)
    assert run.state == State.DONE
    assert run.pages > 2
    assert (run.added, run.changed, run.removed) == (0, 0, 0)
    assert run.snapshot_id == before["current"][0]
    assert known(books)["accounts"] == before["accounts"]


def test_two_workers_do_one_run_once(books: Connection, by: Actor) -> None:
    run = request(books, by)
    first = jobs.claim(SyncRun, run.pk)
    assert first is not None
    before = known(books)
    syncing.run(run.pk)
    run.refresh_from_db()
    assert (run.state, run.attempt, run.claim) == (State.RUNNING, 1, first.claim)
    assert known(books) == before


def test_two_requests_make_one_run(books: Connection, by: Actor) -> None:
    assert request(books, by) == request(books, by)


@pytest.mark.parametrize("step", ["Checking the organisation", "Reading users", "Comparing"])
def test_disconnect_during_a_run_lets_nothing_be_written(
    step: str, books: Connection, by: Actor
) -> None:
    run, before = request(books, by), known(books)
    disconnected: list[dict[str, Any]] = []

    def disconnect() -> None:
        disconnecting.disconnect(books, user=None, by=by)
        disconnected.append(known(books))

    with at_step(step, disconnect):
        syncing.run(run.pk)
    run.refresh_from_db()
    assert (run.state, run.error_code) == (State.FAILED, "superseded")
    assert known(books) == disconnected[0]
    assert disconnected[0]["current"] == before["current"]
    assert books.authorisation == KINDS.DISCONNECTED
    assert (books.failures, books.trouble, books.next_sync_at) == (0, "", None)


def test_swapped_organisation_leaves_no_mark_on_what_was_disconnected_meanwhile(
    books: Connection, sandbox: SandboxProcess, by: Actor
) -> None:
    found = sandbox.control("GET", "organisations")["organisations"]
    other = next(each["id"] for each in found if each["name"] == SECOND)
    fault(sandbox, books, organisation_swapped={"organisation": other})
    run = request(books, by)
    with at_step(
        "Checking the organisation", lambda: disconnecting.disconnect(books, user=None, by=by)
    ):
        syncing.run(run.pk)
    books.refresh_from_db()
    assert books.wrong_organisation == ""


def test_worker_whose_lease_was_taken_over_writes_nothing(books: Connection, by: Actor) -> None:
    run, before = request(books, by), known(books)
    other = uuid.uuid4()

    def take_over() -> None:
        SyncRun.objects.filter(pk=run.pk).update(claim=other)

    with at_step("Comparing", take_over):
        syncing.run(run.pk)
    run.refresh_from_db()
    assert (run.state, run.claim) == (State.RUNNING, other)
    assert known(books) == before


def swept(run: SyncRun) -> int:
    """Sweep as if a minute had passed."""
    earlier = clock.now() - timedelta(minutes=1)
    SyncRun.objects.filter(pk=run.pk).update(created_at=earlier)
    return jobs.sweep(SyncRun)


def test_lost_doorbell_is_rung_again_by_the_sweep_and_once(books: Connection, by: Actor) -> None:
    run = request(books, by)
    assert (swept(run), swept(run)) == (1, 0)
    syncing.run(run.pk)
    run.refresh_from_db()
    assert run.state == State.DONE
    assert swept(run) == 0


def test_run_of_a_dead_worker_comes_back_when_its_lease_ends(books: Connection, by: Actor) -> None:
    run = request(books, by)
    jobs.claim(SyncRun, run.pk)
    assert swept(run) == 0
    ended = clock.now() - timedelta(seconds=1)
    SyncRun.objects.filter(pk=run.pk).update(lease_until=ended)
    assert swept(run) == 1
    syncing.run(run.pk)
    run.refresh_from_db()
    assert (run.state, run.attempt) == (State.DONE, 2)


def exhausted(run: SyncRun) -> SyncRun:
    SyncRun.objects.filter(pk=run.pk).update(attempt=jobs.MAX_ATTEMPTS)
    syncing.run(run.pk)
    run.refresh_from_db()
    return run


def test_parked_run_of_an_older_generation_leaves_no_mark_on_the_connection(
    books: Connection, by: Actor
) -> None:
    run = request(books, by)
    disconnecting.disconnect(books, user=None, by=by)
    run = exhausted(run)
    books.refresh_from_db()
    assert run.state == State.PARKED
    assert (books.failures, books.trouble, books.next_sync_at) == (0, "", None)
