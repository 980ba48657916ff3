"""First syncs and re-syncs beside the bare fetching of the same list."""

from benchmarks import floor, world
from benchmarks.measure import Line, ratio, seconds
from benchmarks.world import Setting, World
from checks.models import Task
from integrations.models import SyncRun


def first_sync(setting: Setting) -> list[Line]:
    """The first list of a critical system: stored, projected, judged, its tasks written."""
    return [ratio("first sync", [_first(setting) for _ in range(setting.rounds)], 6)]


def _first(setting: Setting) -> tuple[float, float]:
    made = world.make(setting, setting.accounts)
    bare = seconds(lambda: floor.write(setting.folder, made.fetch()))
    run = made.waiting_run()
    measured = seconds(lambda: world.read(run))
    world.expect_done(run)
    if not Task.objects.filter(workspace=made.workspace).count() >= setting.accounts:
        raise RuntimeError("The first sync wrote no tasks.")
    return bare, measured


def resync(setting: Setting) -> list[Line]:
    """The same list again, and with one account in a hundred changed."""
    made = world.make(setting, setting.accounts)
    world.expect_done(_read(made))
    same = [_again(made, 0) for _ in range(setting.rounds)]
    changed = [_again(made, setting.accounts // 100) for _ in range(setting.rounds)]
    return [ratio("re-sync, no change", same, 2), ratio("re-sync, 1 % changed", changed, 3)]


def _read(made: World) -> SyncRun:
    run = made.waiting_run()
    world.read(run)
    return run


def _again(made: World, change: int) -> tuple[float, float]:
    if change:
        made.change(change)
    bare = seconds(made.fetch)
    run = made.waiting_run()
    measured = seconds(lambda: world.read(run))
    done = world.expect_done(run)
    if done.changed != change:
        raise RuntimeError(f"{done.changed} accounts changed instead of {change}.")
    return bare, measured
