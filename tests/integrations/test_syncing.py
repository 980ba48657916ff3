"""Reading the list through a worker's run, against the pretend Truto and whatever it does wrong."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection as database

from audit import clock
from audit.models import Event
from audit.services import Actor
from integrations import selectors, tasks
from integrations import services as integrations
from integrations.models import ConnectAttempt, Connection, Snapshot, SyncRun
from integrations.providers.base import NotOurTurn
from integrations.services.syncing import blaming
from jobs import services as jobs
from jobs.models import State
from tests.integrations.conftest import FIRST, SECOND
from tests.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db
Trigger = SyncRun.Trigger


@pytest.fixture
def books(connected: ConnectAttempt) -> Connection:
    """A connection whose first list has been read."""
    tasks.run_sync(str(SyncRun.objects.get().pk))
    return Connection.objects.get()


def organisation(sandbox: SandboxProcess, name: str = FIRST) -> str:
    rows = sandbox.control("GET", "organisations")["organisations"]
    return next(row["id"] for row in rows if row["name"] == name)


def people(sandbox: SandboxProcess) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sandbox.control(
        "GET", f"organisations/{organisation(sandbox)}/users"
    )["users"]
    return found


def fault(sandbox: SandboxProcess, books: Connection, **kinds: Any) -> None:
    sandbox.control("POST", f"accounts/{books.ref}/faults", **kinds)


def sync(books: Connection, by: Actor) -> SyncRun:
    run = integrations.request_sync(books, trigger=Trigger.BUTTON, by=by)
    tasks.run_sync(str(run.pk))
    run.refresh_from_db()
    books.refresh_from_db()
    return run


def kinds() -> list[str]:
    return list(Event.objects.order_by("seq").values_list("kind", flat=True))


def test_first_reading_keeps_the_whole_list(books: Connection, sandbox: SandboxProcess) -> None:
    run = SyncRun.objects.get()
    assert (run.state, run.trigger) == (State.DONE, Trigger.CONNECTED)
    assert run.found == run.added == len(people(sandbox))
    assert books.snapshot is not None
    assert books.snapshot.accounts == len(people(sandbox))
    assert books.read_at == run.read_at
    assert "sync.succeeded" in kinds()


def test_same_list_again_stores_nothing_but_the_run(books: Connection, by: Actor) -> None:
    run = sync(books, by)
    assert run.state == State.DONE
    assert (run.added, run.changed, run.removed) == (0, 0, 0)
    assert Snapshot.objects.count() == 1


def test_changed_list_counts_what_changed(
    books: Connection, sandbox: SandboxProcess, by: Actor
) -> None:
    guest = next(row for row in people(sandbox) if not row["is_subscriber"])
    sandbox.control("PATCH", f"users/{guest['user_id']}", last_name="Renamed")
    run = sync(books, by)
    assert (run.added, run.changed, run.removed) == (0, 1, 0)
    assert books.snapshot_id == run.snapshot_id
    assert Snapshot.objects.count() == 2


@pytest.mark.parametrize(
    ("kinds_on", "code"),
    [
        ({"partial": True}, "malformed"),
        ({"page_size": {"size": 3}, "repeated_cursor": True}, "malformed"),
        ({"duplicate_row": True}, "malformed"),
        ({"non_json": {"resource": "users"}}, "malformed"),
        ({"wrong_shape": {"resource": "users"}}, "malformed"),
        ({"server_error": {"resource": "users"}}, "try_later"),
        ({"page_size": {"size": 3}, "cut_paging": {"after_page": 2}}, None),
        ({"page_size": {"size": 3}, "dropped": {"after_page": 2}}, "try_later"),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, dict) else "",
)
def test_list_that_is_not_whole_changes_nothing(
    books: Connection,
    sandbox: SandboxProcess,
    by: Actor,
    kinds_on: dict[str, Any],
    code: str | None,
) -> None:
    before = (books.snapshot_id, books.read_at, Snapshot.objects.count())
    fault(sandbox, books, **kinds_on)
    run = sync(books, by)
    assert run.state == State.FAILED
    assert code is None or run.error_code == code
    assert run.error.endswith(".")
    assert (books.snapshot_id, books.read_at, Snapshot.objects.count()) == before
    assert books.failures == 1
    assert books.next_sync_at is None or books.next_sync_at > clock.now()


@pytest.mark.parametrize("kind", ["needs_reauth", "forbidden"])
def test_refused_credentials_need_a_person_and_are_not_tried_again(
    books: Connection, sandbox: SandboxProcess, by: Actor, kind: str
) -> None:
    fault(sandbox, books, **{kind: {"on_call": True}})
    run = sync(books, by)
    assert (run.state, run.error_code) == (State.FAILED, "needs_reconnect")
    assert books.authorisation == Connection.Authorisation.NEEDS_RECONNECT
    assert books.next_sync_at is None
    state = selectors.connection_state(books, clock.now())
    assert (state.code, state.stale) == ("needs_reconnect", True)
    assert "connection.needs_reconnect" in kinds()


def test_account_that_came_back_by_itself_is_noticed_within_a_day(
    books: Connection, sandbox: SandboxProcess, by: Actor
) -> None:
    fault(sandbox, books, needs_reauth={"on_call": True})
    sync(books, by)
    sandbox.control("DELETE", f"accounts/{books.ref}/faults")
    tasks.look()
    assert not books.runs.filter(trigger=Trigger.WEBHOOK).exists()
    Connection.objects.update(trouble_since=clock.now() - timedelta(days=2))
    tasks.look()
    run = books.runs.get(trigger=Trigger.WEBHOOK)
    tasks.run_sync(str(run.pk))
    books.refresh_from_db()
    assert books.authorisation == Connection.Authorisation.CONNECTED
    assert "connection.recovered" in kinds()


def test_missing_scope_is_named(books: Connection, sandbox: SandboxProcess, by: Actor) -> None:
    fault(sandbox, books, forbidden={"missing_scopes": ["accounting.settings.read"]})
    assert "accounting.settings.read" in sync(books, by).error


def test_swapped_organisation_is_not_used_and_said_loudly(
    books: Connection, sandbox: SandboxProcess, by: Actor
) -> None:
    before = (books.snapshot_id, books.organisation_id)
    other = organisation(sandbox, SECOND)
    fault(sandbox, books, organisation_swapped={"organisation": other})
    run = sync(books, by)
    assert (run.state, run.error_code) == (State.FAILED, "wrong_organisation")
    assert (books.snapshot_id, books.organisation_id) == before
    assert books.wrong_organisation == SECOND
    assert selectors.connection_state(books, clock.now()).stale
    assert "connection.wrong_organisation" in kinds()


def test_long_wait_goes_back_into_the_row(
    books: Connection, sandbox: SandboxProcess, by: Actor
) -> None:
    fault(sandbox, books, rate_limited_remote={"retry_after": 300})
    run = sync(books, by)
    assert run.state == State.PENDING
    assert run.not_before is not None
    assert run.not_before > clock.now() + timedelta(seconds=200)
    tasks.run_sync(str(run.pk))
    run.refresh_from_db()
    assert run.state == State.PENDING


@pytest.mark.parametrize(
    ("earlier", "words"),
    [
        ({"put_backs": 5}, "asked 6 times in a row to try later"),
        ({"created_at": datetime(2026, 1, 1, tzinfo=UTC)}, "try again by ourselves"),
    ],
    ids=["put back often", "older than the staleness limit"],
)
def test_run_that_is_put_off_for_ever_fails_in_words(
    books: Connection, sandbox: SandboxProcess, by: Actor, earlier: dict[str, Any], words: str
) -> None:
    fault(sandbox, books, rate_limited_remote={"retry_after": 300})
    run = integrations.request_sync(books, trigger=Trigger.BUTTON, by=by)
    SyncRun.objects.filter(pk=run.pk).update(**earlier)
    tasks.run_sync(str(run.pk))
    run.refresh_from_db()
    books.refresh_from_db()
    assert (run.state, run.error_code) == (State.FAILED, "try_later")
    assert words in run.error
    assert (books.failures, books.trouble) == (1, run.error)
    assert books.trouble_since is not None


def test_run_that_our_own_pace_keeps_back_waits_without_failing(
    books: Connection, by: Actor
) -> None:
    run = integrations.request_sync(books, trigger=Trigger.BUTTON, by=by)
    for _ in range(7):
        SyncRun.objects.filter(pk=run.pk).update(not_before=None)
        job = jobs.claim(SyncRun, run.pk)
        assert job is not None
        blaming.failed(job, NotOurTurn(10))
        run.refresh_from_db()
        assert (run.state, run.put_backs, run.step) == (State.PENDING, 0, "Waiting for its turn")
        assert run.not_before is not None
    books.refresh_from_db()
    assert (books.failures, books.trouble) == (0, "")


def test_put_back_is_counted(books: Connection, sandbox: SandboxProcess, by: Actor) -> None:
    fault(sandbox, books, rate_limited_remote={"retry_after": 300})
    assert (sync(books, by).put_backs, books.failures) == (1, 0)


def test_good_list_after_a_failed_one_recovers(
    books: Connection, sandbox: SandboxProcess, by: Actor
) -> None:
    fault(sandbox, books, partial=True)
    sync(books, by)
    sandbox.control("DELETE", f"accounts/{books.ref}/faults")
    assert sync(books, by).state == State.DONE
    assert (books.failures, books.trouble) == (0, "")
    assert "connection.recovered" in kinds()


def test_account_deleted_at_the_provider_needs_a_person(
    books: Connection, sandbox: SandboxProcess, by: Actor
) -> None:
    sandbox.api("DELETE", f"/integrated-account/{books.ref}")
    run = sync(books, by)
    assert (run.state, run.error_code) == (State.FAILED, "gone")
    assert books.authorisation == Connection.Authorisation.NEEDS_RECONNECT


def test_first_list_in_which_nobody_has_access_is_no_list(
    connected: ConnectAttempt, sandbox: SandboxProcess
) -> None:
    users = [{"email": f"no.{n}@demo.example", "role": "REMOVED"} for n in range(3)]
    sandbox.control("POST", f"organisations/{organisation(sandbox)}/users", users=users)
    run = SyncRun.objects.get()
    tasks.run_sync(str(run.pk))
    run.refresh_from_db()
    assert (run.state, Connection.objects.get().snapshot_id) == (State.FAILED, None)
    assert "Nobody in this first list has access" in run.error


def test_empty_list_after_a_full_one_is_held(
    books: Connection, sandbox: SandboxProcess, by: Actor
) -> None:
    before = books.snapshot_id
    fault(sandbox, books, empty_list=True)
    run = sync(books, by)
    assert run.state == State.HELD
    assert books.snapshot_id == before
    assert selectors.connection_state(books, clock.now()).code == "held"


def test_good_list_after_a_held_one_ends_the_hold(
    books: Connection, sandbox: SandboxProcess, by: Actor
) -> None:
    fault(sandbox, books, empty_list=True)
    held = sync(books, by)
    sandbox.control("DELETE", f"accounts/{books.ref}/faults")
    sync(books, by)
    held.refresh_from_db()
    assert (held.state, held.decision) == (State.FAILED, "replaced")
    assert Event.objects.filter(kind="sync.replaced").count() == 1
    assert selectors.connection_state(books, clock.now()).code == "connected"


def test_run_that_was_done_is_not_done_again(books: Connection) -> None:
    tasks.run_sync(str(SyncRun.objects.get().pk))
    assert kinds().count("sync.succeeded") == 1


def test_run_of_an_older_generation_writes_nothing(books: Connection, by: Actor) -> None:
    run = integrations.request_sync(books, trigger=Trigger.BUTTON, by=by)
    Connection.objects.update(generation=books.generation + 1)
    tasks.run_sync(str(run.pk))
    run.refresh_from_db()
    assert (run.state, run.error_code) == (State.FAILED, "superseded")
    assert kinds().count("sync.succeeded") == 1


def test_run_that_never_finishes_is_parked_with_words(books: Connection, by: Actor) -> None:
    run = integrations.request_sync(books, trigger=Trigger.BUTTON, by=by)
    SyncRun.objects.filter(pk=run.pk).update(attempt=5)
    tasks.run_sync(str(run.pk))
    run.refresh_from_db()
    books.refresh_from_db()
    assert run.state == State.PARKED
    assert "Sync now" in run.error
    assert books.trouble_since is not None


def test_due_connection_gets_one_run_a_slot(books: Connection) -> None:
    Connection.objects.update(next_sync_at=clock.now() - timedelta(minutes=1))
    for _ in range(3):
        tasks.look()
    assert books.runs.filter(trigger=Trigger.SCHEDULE).count() == 1


@pytest.mark.skipif(database.vendor != "sqlite", reason="the embedded database's own limit")
def test_list_too_long_for_the_embedded_database_is_refused_with_words(
    books: Connection, sandbox: SandboxProcess, by: Actor
) -> None:
    before = books.snapshot_id
    sandbox.control(
        "POST", f"organisations/{organisation(sandbox)}/users", generate=20_001, replace=True
    )
    run = sync(books, by)
    assert (run.state, run.error_code) == (State.FAILED, "too_many")
    assert "PostgreSQL" in run.error
    assert books.snapshot_id == before
