"""The words of the rules: days, moments, lists, gaps, and what subjects are called."""

from datetime import UTC, date, datetime

import pytest

from checks.facts import Gap
from checks.rules import words
from tests.checks.rules.given import DAY, HOUR, NOW, account


@pytest.mark.parametrize(
    ("month", "name"),
    [(1, "January"), (2, "February"), (6, "June"), (11, "November"), (12, "December")],
)
def test_calendar_day_names_its_month(month: int, name: str) -> None:
    assert words.calendar_day(date(2027, month, 9)) == f"9 {name} 2027"


def test_day_and_moment_are_those_of_the_zone() -> None:
    late = datetime(2026, 12, 31, 20, 5, tzinfo=UTC)
    assert words.day(late, "UTC") == "31 December 2026"
    assert words.day(late, "Pacific/Auckland") == "1 January 2027"
    assert words.moment(late, "Pacific/Auckland") == "1 January 2027, 09:05"


@pytest.mark.parametrize(
    ("names", "said"), [(["A"], "A"), (["A", "B"], "A or B"), (["A", "B", "C"], "A, B or C")]
)
def test_several_names_are_joined(names: list[str], said: str) -> None:
    assert words.either(names) == said


def test_only_the_last_three_gaps_are_told() -> None:
    found = [Gap(NOW - n * DAY, NOW - n * DAY + HOUR, f"gap {n}") for n in (4, 3, 2)]
    told = words.gaps([*found, Gap(NOW - DAY, None, "gap 1")], "UTC")
    assert told == (
        "from 20 November 2026, 12:00 to 20 November 2026, 13:00 (gap 3); "
        "from 21 November 2026, 12:00 to 21 November 2026, 13:00 (gap 2); "
        "from 22 November 2026, 12:00 until now (gap 1)"
    )


def test_facts_of_an_account_are_told_and_what_is_missing_too() -> None:
    assert words.account_facts(account(), "Standard", "UTC") == (
        ("Account", "User a1"),
        ("E-mail", "a1@example.test"),
        ("Role", "Standard"),
        ("First seen", "14 October 2026"),
    )
    assert words.account_facts(account(name="", email=""), "Standard", "UTC")[:2] == (
        ("Account", "Account without a name"),
        ("E-mail", "none given"),
    )


def test_latest_and_earliest_leave_out_what_is_not_known() -> None:
    assert words.latest(None, NOW, NOW - DAY, None) == NOW
    assert words.earliest([None, NOW, NOW - DAY]) == NOW - DAY
    assert words.earliest([None]) is None
