"""Looks over many rows, and the sweep: what fails or waits behind others is not forgotten."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, connection

from audit import clock
from integrations import tasks
from integrations.models import Connection, SyncRun
from jobs import looks, sweeper
from jobs import services as jobs
from tests import given
from workspaces.models import Workspace

ROWS = [Workspace(name="First"), Workspace(name="Second")]


def failing(error: Exception, where: Callable[[str, Any], bool]) -> Any:
    """A database that answers so to some statements."""

    def watch(execute: Any, sql: str, params: Any, *rest: Any) -> Any:
        if where(sql, params):
            raise error
        return execute(sql, params, *rest)

    return connection.execute_wrapper(watch)


def test_look_goes_on_behind_a_row_that_fails() -> None:
    seen = []

    def act(row: Workspace) -> None:
        seen.append(row.name)
        if row is ROWS[0]:
            raise ValueError("this row only")

    assert looks.each(ROWS, act) == 1
    assert seen == ["First", "Second"]


def test_look_whose_time_is_over_begins_with_no_further_row() -> None:
    seen = []
    assert looks.each(ROWS, lambda row: seen.append(row.name), seconds=0) == 0
    assert seen == []


def test_look_that_the_worker_ends_is_over() -> None:
    def act(row: Workspace) -> None:
        raise SoftTimeLimitExceeded

    with pytest.raises(SoftTimeLimitExceeded):
        looks.each(ROWS, act)


@pytest.mark.django_db
def test_connection_whose_run_cannot_be_written_keeps_no_other_from_its_turn(
    workspace: Workspace,
) -> None:
    due = clock.now() - timedelta(minutes=1)
    bad, good = (given.connection(workspace, next_sync_at=due) for _ in range(2))
    Connection.objects.filter(pk=bad.pk).update(next_sync_at=due - timedelta(minutes=1))

    def of_the_bad(sql: str, params: Any) -> bool:
        ids = {str(bad.pk), bad.pk.hex}
        return "INSERT INTO" in sql and "syncrun" in sql and bool(ids & {str(p) for p in params})

    with failing(InterfaceError("connection already closed"), of_the_bad):
        tasks.look()
    assert list(SyncRun.objects.values_list("connection_id", flat=True)) == [good.pk]


def test_sweeper_lives_on_whatever_a_look_meets(committing: None) -> None:
    with failing(InterfaceError("connection already closed"), lambda sql, params: "UPDATE" in sql):
        workspace_with_a_waiting_run()
        sweeper.look()
    assert SyncRun.objects.get().rung_at is None
    sweeper.look()
    assert SyncRun.objects.get().rung_at is not None


def workspace_with_a_waiting_run() -> None:
    workspace = Workspace.objects.create(name="Example Company", created_at=clock.now())
    of = given.connection(workspace)
    SyncRun.objects.create(
        workspace=workspace,
        connection=of,
        generation=1,
        slot="one",
        trigger=SyncRun.Trigger.BUTTON,
        created_at=clock.now() - timedelta(minutes=1),
    )


@pytest.mark.django_db
def test_sweep_rings_first_for_whoever_waits_longest(workspace: Workspace) -> None:
    older, newer = (given.request(given.connection(workspace)) for _ in range(2))
    waited = clock.now() - timedelta(minutes=5)
    SyncRun.objects.filter(pk=older.pk).update(created_at=waited)
    SyncRun.objects.filter(pk=newer.pk).update(created_at=waited + timedelta(minutes=1))
    assert jobs.sweep(SyncRun, most=1) == 1
    older.refresh_from_db()
    newer.refresh_from_db()
    assert (older.rung_at is not None, newer.rung_at) == (True, None)
