"""The SQL twin of the status function gives the same answer for every case of the table."""

import uuid

import pytest

from checks import selectors
from checks.models import UNSETTLED, JudgedSystem, Task
from checks.status import CLOCK_SKEW, Status
from tests.checks.status_cases import CASES, INSTANT, NOW

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


TO_DO = {Status.FAILING, Status.CRITICAL, Status.DUE, Status.STALE, Status.WAITING}


def test_in_a_steady_workspace_all_that_is_to_do_is_unsettled(workspace):
    """What lists of open tasks are narrowed by, so that an index finds them, leaves nothing out."""
    narrowed = 0
    for instants, now, expected in CASES:
        Task.objects.all().delete()
        task = stored(workspace, instants)
        if task is None:
            continue
        judged_at = max(now, task.resolved_at or now)
        JudgedSystem.objects.exclude(pk=task.system_id).delete()
        JudgedSystem.objects.update(judged_at=judged_at)
        if selectors.steady(workspace, now):
            narrowed += 1
            kept = Task.objects.filter(UNSETTLED).exists()
            assert kept or expected not in TO_DO, (instants, now)
    assert narrowed > 20


@pytest.mark.parametrize(
    "unsure",
    [
        {"stale_at": NOW},
        {"stale_at": None},
        {"read_at": NOW + CLOCK_SKEW + INSTANT},
        {"facts_version": 1},
        {"judged_at": NOW + INSTANT},
        {"judged_at": None},
    ],
)
def test_workspace_is_not_steady_while_a_pass_may_be_stale(workspace, unsure):
    sure = {"stale_at": NOW + INSTANT, "read_at": NOW, "judged_at": NOW, "facts_version": 0}
    how = {"id": uuid.uuid4(), "workspace": workspace, "name": "System"}
    system = JudgedSystem.objects.create(**how, **sure)
    assert selectors.steady(workspace, NOW)
    JudgedSystem.objects.update(**unsure)
    assert not selectors.steady(workspace, NOW)
    JudgedSystem.objects.filter(pk=system.pk).update(removed_at=NOW)
    assert selectors.steady(workspace, NOW)


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
