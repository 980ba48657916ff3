"""Saving an access rule over many identified accounts, beside bare writing of as many rows."""

from access import services as access
from benchmarks import floor, world
from benchmarks.measure import Line, ratio, seconds
from benchmarks.world import BY, Setting, World
from checks.models import Task, TaskEvent
from people.models import OrgRole


def rule_change(setting: Setting) -> list[Line]:
    """Each round allows a level more or less, which turns the verdict of most accounts."""
    made = world.make(setting, setting.accounts)
    role = world.employ(made, setting.accounts)
    run = made.waiting_run()
    world.read(run)
    world.expect_done(run)
    _save(made, role, None)
    pairs = [_change(made, role, n) for n in range(2 * setting.rounds)]
    return [ratio("rule change, verdicts stored", pairs, 4)]


def _change(made: World, role: OrgRole, number: int) -> tuple[float, float]:
    levels = None if number % 2 else frozenset({"STANDARD"})
    tasks = Task.objects.filter(workspace=made.workspace)
    events = TaskEvent.objects.filter(workspace=made.workspace)
    before, began = events.count(), tasks.order_by("-updated_at").values_list("updated_at").first()
    measured = seconds(lambda: _save(made, role, levels))
    inserts = events.count() - before
    updates = tasks.filter(updated_at__gt=began[0]).count() if began else 0
    if updates < made.setting.accounts // 2:
        raise RuntimeError(f"The rule changed only {updates} verdicts.")
    rewriting = floor.Rewriting(made.setting.folder, updates=updates, inserts=inserts)
    return seconds(rewriting.run), measured


def _save(made: World, role: OrgRole, levels: frozenset[str] | None) -> None:
    roles = [access.RoleLevels(role, levels)]
    access.save_rule(made.system, mode="role_based", roles=roles, user=made.admin, by=BY)
