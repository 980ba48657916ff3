"""Saving an access rule over many identified accounts."""

from django.db import connection

from access import services as access
from audit import clock
from benchmarks import floor, world
from benchmarks.measure import Line, ratio, seconds
from benchmarks.world import BY, Setting, World
from checks.models import Task
from people.models import OrgRole

# Where verdicts are stored.
TABLES = ("checks_factsheet", "checks_evaluation", "checks_task", "checks_taskevent")


def rule_change(setting: Setting) -> list[Line]:
    """Each round allows a level more or less, which turns the verdict of most accounts."""
    made, role = _ready(setting)
    pairs = [_change(made, role, n) for n in range(2 * setting.rounds)]
    return [ratio("rule change, verdicts stored", pairs, 4)]


def _ready(setting: Setting) -> tuple[World, OrgRole]:
    made = world.make(setting, setting.accounts)
    role = world.employ(made, setting.accounts)
    run = made.waiting_run()
    world.read(run)
    world.expect_done(run)
    _save(made, role, None)
    return made, role


def _change(made: World, role: OrgRole, number: int) -> tuple[float, float]:
    levels = None if number % 2 else frozenset({"STANDARD"})
    connection.ensure_connection()
    replay = floor.Replay(connection.connection, made.setting.folder, TABLES)
    began = clock.now()
    measured = seconds(lambda: _save(made, role, levels))
    updates = Task.objects.filter(workspace=made.workspace, updated_at__gte=began).count()
    if updates < made.setting.accounts // 2:
        raise RuntimeError(f"The rule changed only {updates} verdicts.")
    return replay.seconds(), measured


def _save(made: World, role: OrgRole, levels: frozenset[str] | None) -> None:
    roles = [access.RoleLevels(role, levels)]
    access.save_rule(made.system, mode="role_based", roles=roles, user=made.admin, by=BY)
