"""Many small connections read one after the other by one worker: how many an hour."""

from benchmarks import world
from benchmarks.measure import Line, plain, seconds
from benchmarks.world import Setting, World

ACCOUNTS = 25
CONNECTIONS = 24
HOURLY = 10_000  # connections; so many milliseconds may one take:
BUDGET = 3_600_000 / HOURLY


def fleet(setting: Setting) -> list[Line]:
    """1 % of the accounts changed: one account in every fourth connection of 25."""
    worlds = [world.make(setting, ACCOUNTS) for _ in range(CONNECTIONS)]
    for made in worlds:
        world.employ(made, ACCOUNTS)
        _read(made)
    rounds = [_round(worlds) for _ in range(setting.rounds)]
    return [plain("fleet: one connection of 25 accounts, one worker", rounds, BUDGET)]


def _round(worlds: list[World]) -> float:
    for made in worlds[::4]:
        made.change(1)
    runs = [made.waiting_run() for made in worlds]
    spent = seconds(lambda: [world.read(run) for run in runs])
    for run in runs:
        world.expect_done(run)
    return spent / len(worlds)


def _read(made: World) -> None:
    run = made.waiting_run()
    world.read(run)
    world.expect_done(run)
