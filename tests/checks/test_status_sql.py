"""The SQL twin of the status function gives the same answer for every case of the table."""

import uuid

import pytest

from checks import selectors
from checks.models import JudgedSystem, Task
from tests.checks.status_cases import CASES

pytestmark = pytest.mark.django_db


def stored(workspace, instants):
    """A task with these instants; its system's list turns stale when the task's pass does."""
    system = JudgedSystem.objects.create(
        id=uuid.uuid4(),
        workspace=workspace,
        name="System",
        stale_at=instants.stale_at,
        read_at=instants.read_at,
    )
    of_list = {"stale_at", "read_at"}
    fields = {name: value for name, value in vars(instants).items() if name not in of_list}
    if (instants.began_at is None) != (instants.due_at is None):
        return None  # the table's constraint refuses such a row
    now = workspace.created_at
    return Task.objects.create(
        workspace=workspace,
        system=system,
        check_id="user_identified",
        subject_kind="account",
        subject_id=uuid.uuid4(),
        subject_label="Subject",
        rests_on_list=instants.stale_at is not None,
        fingerprint="",
        created_at=now,
        updated_at=now,
        **fields,
    )


def test_sql_and_function_agree_on_every_case(workspace):
    compared = 0
    for instants, now, expected in CASES:
        task = stored(workspace, instants)
        if task is None:
            continue
        rows = Task.objects.filter(pk=task.pk).select_related("system")
        found = rows.annotate(code=selectors.status_code(now)).get()
        assert selectors.RANKED[found.code] is expected, (instants, now)
        assert selectors.task_status(found, now) is expected, (instants, now)
        compared += 1
    assert compared > 20
