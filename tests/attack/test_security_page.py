"""The page about security names tests that exist, and says something of every threat and requirement."""

import re
from functools import cache

from tests.sandbox_process import ROOT

PAGE = ROOT / "docs" / "security.md"
# Requirements of level 1 in ASVS 5.0.0, by chapter and section; compared with the published list.
LEVEL_1 = [
    "1.2.1",
    "1.2.2",
    "1.2.3",
    "1.2.4",
    "1.2.5",
    "1.3.1",
    "1.3.2",
    "1.5.1",
    "2.1.1",
    "2.2.1",
    "2.2.2",
    "2.3.1",
    "3.2.1",
    "3.2.2",
    "3.3.1",
    "3.4.1",
    "3.4.2",
    "3.5.1",
    "3.5.2",
    "3.5.3",
    "4.1.1",
    "4.4.1",
    "5.2.1",
    "5.2.2",
    "5.3.1",
    "5.3.2",
    "6.1.1",
    "6.2.1",
    "6.2.2",
    "6.2.3",
    "6.2.4",
    "6.2.5",
    "6.2.6",
    "6.2.7",
    "6.2.8",
    "6.3.1",
    "6.3.2",
    "6.4.1",
    "6.4.2",
    "7.2.1",
    "7.2.2",
    "7.2.3",
    "7.2.4",
    "7.4.1",
    "7.4.2",
    "8.1.1",
    "8.2.1",
    "8.2.2",
    "8.3.1",
    "9.1.1",
    "9.1.2",
    "9.1.3",
    "9.2.1",
    "10.4.1",
    "10.4.2",
    "10.4.3",
    "10.4.4",
    "10.4.5",
    "11.3.1",
    "11.3.2",
    "11.4.1",
    "12.1.1",
    "12.2.1",
    "12.2.2",
    "13.4.1",
    "14.2.1",
    "14.3.1",
    "15.1.1",
    "15.2.1",
    "15.3.1",
]
FREE = {74, 75, 76, 81}  # numbers that were never given


@cache
def written() -> str:
    return PAGE.read_text()


@cache
def code() -> str:
    return "\n".join(each.read_text() for each in (ROOT / "tests").rglob("*.py"))


def test_every_test_that_is_named_exists():
    named = set(re.findall(r"`(test_\w+)`", written()))
    assert {name for name in named if f"def {name}(" not in code()} == set()
    paths = set(re.findall(r"`(tests/[\w/.]+)`", written()))
    assert {path for path in paths if not (ROOT / path).exists()} == set()
    assert len(named) > 30


def numbers(pattern: str) -> set[int]:
    """Single numbers and ranges of this form."""
    found = set()
    for first, last in re.findall(rf"{pattern}(\d+)(?:–{pattern}(\d+))?", written()):
        found |= set(range(int(first), int(last or first) + 1))
    return found


def test_every_threat_is_answered():
    assert set(range(1, 93)) - FREE - numbers("T") == set()


def test_every_requirement_of_level_1_is_answered():
    text = written().replace("10.4.1–10.4.5", "10.4.1 10.4.2 10.4.3 10.4.4 10.4.5")
    assert len(LEVEL_1) == 70
    assert [each for each in LEVEL_1 if not re.search(rf"(?<![\d.]){each}(?![\d.])", text)] == []
