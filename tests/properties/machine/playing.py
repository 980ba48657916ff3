"""Plays the machine: so many steps from a seed, and what was done in them."""

import gc
from collections import Counter

from django.db import transaction
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.properties.machine import MACHINES
from tests.properties.machine.running import Running

LENGTH = 100  # steps of one play; then everything is undone
ROUND = 1_000  # steps from one seed: Hypothesis remembers a round, not the whole run


def play(steps: int, start: int) -> Counter[str]:
    """Rounds from the seeds `start`, `start + 1`, ... until so many steps are done; counts of what.

    The seed's remainder says which of the machines plays, so that each comes in turn.

    Raises what an invariant raised, after the seed that repeats it.
    """
    gc.freeze()  # what is imported stays: walking over it again and again takes a tenth of the time
    done: Counter[str] = Counter()
    while done["steps"] < steps:
        machine = MACHINES[start % len(MACHINES)]
        done += _round(machine, start, min(ROUND, steps - done["steps"]))
        print(f"seed {start}: {done['steps']:,} steps", flush=True)
        start += 1
    return done


def _round(machine: type[Running], number: int, steps: int) -> Counter[str]:
    """About so many steps on one ground, which is forgotten afterwards."""
    with transaction.atomic():
        here = seed(number)(machine.on_ground())
        try:
            run_state_machine_as_test(here, settings=_how(steps))
        except BaseException:
            print(f"{machine.__name__} failed with seed {number}", flush=True)
            raise
        transaction.set_rollback(True)
    return here.tally


def _how(steps: int) -> settings:
    return settings(
        max_examples=max(1, steps // LENGTH),
        stateful_step_count=LENGTH,
        deadline=None,
        database=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
