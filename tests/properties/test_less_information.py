"""Less information never improves a verdict: 20,000 cases, and every planted fault is noticed."""

from tests.properties.faults import PLANTED
from tests.properties.less_information import caught, false_passes

CASES = 20_000
SEED = 20261123


def test_less_information_gives_no_false_pass() -> None:
    found = list(false_passes(SEED, CASES))
    print(f"{CASES} cases, {len(found)} false passes, seed {SEED}")
    assert found == []


def test_every_planted_fault_is_noticed() -> None:
    noticed = caught(SEED, CASES)
    print(f"caught {sum(noticed.values())} of {len(PLANTED)}")
    assert noticed == dict.fromkeys(PLANTED, True)
