"""Who connects, disconnects or ends a run takes rows in one order: the workspace, then the connection."""

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection as database
from django.db import connections
from django.test.utils import CaptureQueriesContext

from audit import services as audit
from audit.services import Actor
from integrations.models import ConnectAttempt, Connection, SyncRun
from integrations.providers.base import NONCE_KEY, Organisation, RemoteConnection
from integrations.services import attempts, connecting, disconnecting
from integrations.services.syncing import blaming
from jobs import services as jobs
from tests import given
from tests.committing import admins_of_their_own
from tests.processes import wait_until
from workspaces.models import User, Workspace

KINDS = ConnectAttempt.State


def begun(workspace: Workspace, user: User, by: Actor, of: Connection | None = None) -> Any:
    """An attempt as a click makes it, without asking the provider what it knows already."""
    with audit.act(workspace, by=by) as act:
        return attempts._open(
            workspace,
            act,
            integration="xero",
            user=user,
            known_refs=[],
            connection=of,
            reconnect=of is not None,
        )


def seen(attempt: ConnectAttempt) -> connecting.Seen:
    """Access was allowed to the organisation of the attempt's connection, or to a new one."""
    of, context = attempt.connection, {NONCE_KEY: attempt.nonce}
    ref = (of and of.ref) or str(uuid.uuid4())
    remote = RemoteConnection(
        ref, str(attempt.workspace_id), "xero", "active", False, context, None, (), None
    )
    organisation = (of and of.organisation_id) or str(uuid.uuid4())
    return connecting.Seen(remote, Organisation(organisation, "Example Books", None))


@contextmanager
def pausing(after: str, reached: threading.Event, go: threading.Event) -> Iterator[None]:
    """Stop this thread behind the first locking read of a table, until it may go on."""

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        if f'FROM "{after}"' in sql and "FOR NO KEY UPDATE" in sql and not reached.is_set():
            reached.set()
            assert go.wait(20)
        return result

    with database.execute_wrapper(watch):
        yield


def while_adopting(
    attempt: ConnectAttempt, by: Actor, other: Callable[[], object]
) -> list[Exception]:
    """Do `other` while the attempt is being adopted and holds its row; the errors of both."""
    reached, go, errors = threading.Event(), threading.Event(), list[Exception]()

    def adopt() -> None:
        with pausing("integrations_connectattempt", reached, go):
            connecting._follow(attempt, seen(attempt), by)

    def guarded(act: Callable[[], object]) -> None:
        try:
            act()
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=guarded, args=[each]) for each in (adopt, other)]
    threads[0].start()
    assert reached.wait(20)
    threads[1].start()
    wait_until(waits_for_a_lock, seconds=20, what="the other one waits")
    go.set()
    for each in threads:
        each.join()
    return errors


def waits_for_a_lock() -> bool:
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.postgres_only
def test_starting_again_during_an_adoption_keeps_what_was_adopted(
    committing: None, by: Actor
) -> None:
    workspace, (one,) = admins_of_their_own(1, by)
    attempt = begun(workspace, one.user, by)
    assert not while_adopting(attempt, by, lambda: begun(workspace, one.user, by))
    attempt.refresh_from_db()
    assert (attempt.state, attempt.connection) == (KINDS.ADOPTED, Connection.objects.get())


@pytest.mark.postgres_only
def test_disconnect_during_the_adoption_of_a_reconnect_waits_for_it(
    committing: None, by: Actor
) -> None:
    workspace, (one,) = admins_of_their_own(1, by)
    books = given.connection(workspace)
    attempt = begun(workspace, one.user, by, books)

    def disconnect() -> None:
        with audit.act(workspace, by=by):  # what follows the commit asks a provider
            disconnecting.disconnect(books, user=one.user, by=by)
            database.run_on_commit.clear()

    assert not while_adopting(attempt, by, disconnect)
    attempt.refresh_from_db()
    books.refresh_from_db()
    assert (attempt.state, books.authorisation) == (KINDS.ADOPTED, "disconnected")


@pytest.mark.django_db
def test_parking_takes_the_connection_before_its_run(workspace: Workspace) -> None:
    job = jobs.claim(SyncRun, given.request(given.connection(workspace)).pk)
    assert job is not None
    with CaptureQueriesContext(database) as queries:
        blaming.park(job)
    said = [each["sql"] for each in queries]
    read = next(n for n, sql in enumerate(said) if 'FROM "integrations_connection"' in sql)
    assert read < next(n for n, sql in enumerate(said) if 'UPDATE "integrations_syncrun"' in sql)
    if database.vendor == "postgresql":
        assert "FOR NO KEY UPDATE" in said[read]
