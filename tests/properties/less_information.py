"""The property and its runner: `python -m tests.properties.less_information --cases 1000000`.

For every world and every way to know less, what passes must be true of the whole world, on the last
list that may count, at the instant of the question.
"""

import argparse
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tests.properties import oracle
from tests.properties.degrading import DEGRADATIONS, Case
from tests.properties.faults import PLANTED
from tests.properties.observing import Product, observe
from tests.properties.worlds import World, make


@dataclass(frozen=True)
class FalsePass:
    """A pass that is not true; the seed and number make it again."""

    seed: int
    number: int
    degradation: str
    passes: tuple[tuple[str, str], ...]


def false_passes(seed: int, cases: int, product: Product | None = None) -> Iterator[FalsePass]:
    """Every false pass of `cases` cases; each is one world seen in one way."""
    tested, names = product or Product(), list(DEGRADATIONS)
    for number in range(cases):
        source = random.Random(f"{seed}:{number}")
        world, name = make(source), names[number % len(names)]
        case = DEGRADATIONS[name](source, world)
        seen = observe(case.world, case.source, tested, case.now)
        if wrong := seen - _true(world, case):
            yield FalsePass(seed, number, name, tuple(sorted(wrong)))


def _true(world: World, case: Case) -> frozenset[tuple[str, str]]:
    # All of the world is known here, but a list that proves nothing any more proves nothing here.
    world = replace(world, staff_sent_at=case.world.staff_sent_at)
    if case.usable and not oracle.suspicious(case.world):
        return oracle.may_pass(world, world.today, world.today_read_at, case.now)
    return oracle.may_pass(world, world.yesterday, world.yesterday_read_at, case.now)


def caught(seed: int, cases: int) -> dict[str, bool]:
    """Of each planted fault whether the property notices it within `cases` cases."""
    return {
        name: next(false_passes(seed, cases, product), None) is not None
        for name, product in PLANTED.items()
    }


def main() -> int:
    """Print count, failures, seed and the 95 % bound of three over n; 1 where anything failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=20261123)
    asked = parser.parse_args()
    found = list(false_passes(asked.seed, asked.cases))
    noticed = caught(asked.seed, 20_000)
    print(
        f"{asked.cases:,} cases, {len(found)} false passes, seed {asked.seed}, 95 % bound"
        f" {3 / asked.cases:.7f} a case; planted faults caught {sum(noticed.values())} of"
        f" {len(noticed)}"
    )
    for each in found[:20]:
        print(each)
    return int(bool(found) or not all(noticed.values()))


if __name__ == "__main__":
    sys.exit(main())
