"""No false automatic match in more than 100,000 generated pairs, and no exact one missed."""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from access import matching
from tests.access import matching_oracle as oracle

ROOT = Path(__file__).resolve().parents[2]
MODULES = ("people.addresses", "access.addresses", "access.matching")


def answers(code: Any, people: list[Any], seen: Any, cases: Any) -> list[str | None]:
    """What the matching says; people and accounts as the oracle made them."""
    everybody = [
        code.Candidate(each.id, "", tuple(each.now), tuple(each.before)) for each in people
    ]
    index = code.PeopleIndex(everybody, seen)
    return [code.automatic_match(each.email, index, each.holders).person_id for each in cases]


def differences(code: Any, seed: int, size: int) -> tuple[int, int, int]:
    """(pairs, false matches, missed ones) of one pool."""
    people, seen, cases = oracle.pool(seed, size)
    expected = [oracle.whose(each, people, seen) for each in cases]
    found = answers(code, people, seen, cases)
    pairs = len(people) * len(cases)
    wrong = sum(
        mine is not None and mine != truth for mine, truth in zip(found, expected, strict=True)
    )
    missed = sum(
        mine is None and truth is not None for mine, truth in zip(found, expected, strict=True)
    )
    return pairs, wrong, missed


def test_matching_agrees_with_the_oracle_on_100_000_pairs() -> None:
    total = [differences(matching, seed, 130) for seed in range(8)]
    pairs, wrong, missed = (sum(column) for column in zip(*total, strict=True))
    people, seen, cases = oracle.pool(0, 130)
    matched = sum(each is not None for each in answers(matching, people, seen, cases))
    print(f"{pairs:,} pairs: {wrong} false matches, {missed} exact ones missed")
    assert matched > 20, "pools without matches would prove nothing"
    assert pairs >= 100_000
    assert (wrong, missed) == (0, 0)


FAULTS = [
    ("people.addresses", ".lower()", ""),
    ("people.addresses", '"NFC", email.strip()', '"NFKC", email.strip()'),
    ("people.addresses", "email.strip()).lower()", "email.strip()).casefold()"),
    ("people.addresses", "email.strip()", "email"),
    ("people.addresses", "label if label.isascii() else", "label if label else"),
    ("access.addresses", "{\"Cf\", \"Cc\", \"Zs\"}", "set()"),
    ("access.addresses", 'unicodedata.normalize("NFKC", character) != character', "False"),
    ("access.addresses", "invisible or character in _POSING_AS_PLAIN", "invisible"),
    ("access.addresses", "len(alphabets) > 1 or", "len(alphabets) > 9 or"),
    ("access.addresses", "or part.translate(_DRAWN_LIKE).isascii()", ""),
    ("access.addresses", "(local, *map(_readable, domain.split(\".\")))", "(local,)"),
    ("access.matching", "if is_confusable(email):", "if False:"),
    ("access.matching", "if len(owners) > 1:", "if False:"),
    ("access.matching", "if ever != owners:", "if False:"),
    ("access.matching", "if owners.issuperset(holders)", "if True"),
    ("access.matching", "yield self.ever, normalise(email)", "yield self.ever, bare(email)"),
    ("access.matching", "*person.earlier_emails):\n            yield self.ever", "):\n            yield self.ever"),
    ("access.matching", "for email, person_id in seen_on:", "for email, person_id in ():"),
    (
        "access.matching",
        "for email in person.emails:\n            yield self.owners",
        "for email in (*person.emails, *person.earlier_emails):\n            yield self.owners",
    ),
]  # fmt: skip


@contextmanager
def planted(name: str, old: str, new: str) -> Iterator[ModuleType]:
    """Fresh copies of the modules, one of them with a fault; the real ones are put back."""
    kept = {each: sys.modules.pop(each) for each in MODULES}
    try:
        for each in MODULES:
            source = (ROOT / f"{each.replace('.', '/')}.py").read_text()
            if each == name:
                assert old in source, f"the fault {old!r} cannot be planted any more"
                source = source.replace(old, new)
            copy = ModuleType(each)
            sys.modules[each] = copy
            exec(compile(source, each, "exec"), copy.__dict__)
        yield sys.modules["access.matching"]
    finally:
        sys.modules.update(kept)
        for each in MODULES:
            package, _, last = each.partition(".")
            setattr(importlib.import_module(package), last, kept[each])


def test_every_planted_fault_is_caught() -> None:
    survived = []
    for name, old, new in FAULTS:
        with planted(name, old, new) as faulty:
            if not any(any(_disagrees(faulty, seed)) for seed in range(4)):
                survived.append(old)
    print(f"{len(FAULTS) - len(survived)} of {len(FAULTS)} planted faults caught")
    assert survived == []


def _disagrees(code: ModuleType, seed: int) -> tuple[int, int]:
    _, wrong, missed = differences(code, seed, 60)
    return wrong, missed
