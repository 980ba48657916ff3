"""Rows are taken in one order everywhere, so that two who want the same ones never deadlock."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access.facts.directory import candidates
from access.models import Account
from checks import services as checks
from checks.models import JudgedSystem, Task
from tests import given
from tests.access.worlds import person
from tests.access.worlds import system as a_system
from tests.committing import admins_of_their_own, together

in_one = pytest.mark.django_db  # the other has a database in which threads commit
NAMES = ["First Unknown", "Second Unknown", "Third Unknown"]


@pytest.fixture
def system(workspace, admin):
    return a_system(workspace, admin, [given.row(name) for name in NAMES])


def places(queries, *starts):
    """Where each of these first stands among the statements."""
    said = [each["sql"].replace('"', "") for each in queries]
    return [next(n for n, sql in enumerate(said) if start(sql)) for start in starts]


@in_one
def test_assigning_takes_the_systems_before_their_tasks(system, workspace, by):
    ids = list(Task.objects.values_list("pk", flat=True))
    with CaptureQueriesContext(connection) as seen:
        checks.assign(workspace, tasks=ids, owner=None, by=by)
    first, second = places(
        seen.captured_queries,
        lambda sql: sql.startswith("SELECT") and "FROM checks_judgedsystem" in sql,
        lambda sql: sql.startswith("SELECT checks_task.id, checks_task.workspace_id"),
    )
    assert first < second
    if connection.vendor == "postgresql":
        assert "FOR NO KEY UPDATE" in seen.captured_queries[first]["sql"]


@in_one
def test_reading_a_list_takes_the_accounts_in_the_order_of_their_ids(system):
    with CaptureQueriesContext(connection) as seen:
        given.read(system.connection, [given.row(name, level="READONLY") for name in NAMES])
    taken, changed = places(
        seen.captured_queries,
        lambda sql: sql.startswith("SELECT access_account.id AS pk FROM") and "ORDER BY" in sql,
        lambda sql: "UPDATE access_accountspan SET" in sql,  # written after the accounts
    )
    assert taken < changed
    assert set(Account.objects.values_list("level", flat=True)) == {"READONLY"}


def test_assigning_and_judging_at_once_both_succeed(committing, by):
    workspace, (one, _) = admins_of_their_own(2, by)
    made = a_system(workspace, one.user, [given.row(f"Unknown {n}") for n in range(30)])
    ids = list(Task.objects.filter(workspace=workspace).values_list("pk", flat=True))
    person(workspace, "Unknown 7")

    def judge():
        given.read(
            made.connection, [given.row(f"Unknown {n}", level="READONLY") for n in range(29)]
        )

    found = together([judge, *[lambda: checks.assign(workspace, tasks=ids, owner=None, by=by)] * 2])
    assert not [each for each in found if isinstance(each, Exception)], found
    assert not JudgedSystem.objects.exclude(judged_version__gte=1).exists()


@in_one
def test_candidates_are_read_of_those_who_are_asked_for(workspace, by):
    wanted, _ = person(workspace, "Former Keeper"), person(workspace, "Present Keeper")
    (found,) = candidates(workspace, {str(wanted.pk)})
    assert (found.id, found.name) == (str(wanted.pk), "Former Keeper")
    assert found in candidates(workspace)
    assert len(candidates(workspace)) == 2
    assert candidates(workspace, set()) == []
