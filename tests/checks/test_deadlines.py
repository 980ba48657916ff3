"""Deadlines: days that count, the end of the local day, the critical window, lateness."""

from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.deadlines import Deadline, days_late, deadline, is_overdue
from checks.facts import Calendar, Policy
from people.days import end_of_day

INSTANT = timedelta(microseconds=1)
MONDAY = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
FRIDAY = datetime(2026, 11, 27, 16, 0, tzinfo=UTC)
LONDON = Calendar(zone="Europe/London")
BUSINESS_DAY = Policy(grace_days=1, business_days=True)


def midnight(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


def test_deadline_is_the_end_of_the_last_day() -> None:
    found = deadline(MONDAY, Policy(grace_days=7), LONDON)
    assert found == Deadline(critical_at=midnight(2026, 11, 29), due_at=midnight(2026, 12, 1))


def test_deadline_counts_from_the_local_day_of_the_start() -> None:
    late_evening = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)  # already the 24th in Auckland
    found = deadline(late_evening, Policy(grace_days=1), Calendar(zone="Pacific/Auckland"))
    assert found.due_at == datetime(2026, 11, 25, 11, 0, tzinfo=UTC)


def test_deadline_of_one_business_day_from_a_friday_is_the_end_of_monday() -> None:
    assert deadline(FRIDAY, BUSINESS_DAY, LONDON).due_at == midnight(2026, 12, 1)


@pytest.mark.parametrize("start", [FRIDAY + timedelta(days=1), FRIDAY + timedelta(days=2)])
def test_deadline_of_one_business_day_from_a_weekend_is_the_end_of_monday(start: datetime) -> None:
    assert deadline(start, BUSINESS_DAY, LONDON).due_at == midnight(2026, 12, 1)


def test_deadline_skips_holidays_among_business_days() -> None:
    calendar = Calendar(zone="Europe/London", holidays=frozenset({date(2026, 11, 30)}))
    assert deadline(FRIDAY, BUSINESS_DAY, calendar).due_at == midnight(2026, 12, 2)


def test_deadline_in_calendar_days_knows_no_holidays() -> None:
    calendar = Calendar(zone="UTC", holidays=frozenset({date(2026, 11, 28)}))
    assert deadline(FRIDAY, Policy(grace_days=1), calendar).due_at == midnight(2026, 11, 29)


def test_deadline_follows_the_working_week_of_the_workspace() -> None:
    sunday_to_thursday = Calendar(zone="Asia/Dubai", working_days=frozenset({6, 0, 1, 2, 3}))
    found = deadline(FRIDAY, BUSINESS_DAY, sunday_to_thursday)
    assert found.due_at == datetime(2026, 11, 29, 20, 0, tzinfo=UTC)


@pytest.mark.parametrize("days", [frozenset(), frozenset({9})])
def test_deadline_with_no_working_day_at_all_counts_every_day(days: frozenset[int]) -> None:
    found = deadline(FRIDAY, BUSINESS_DAY, Calendar(working_days=days))
    assert found.due_at == midnight(2026, 11, 29)


@pytest.mark.parametrize("grace", [0, -3])
def test_deadline_without_grace_is_the_start_itself(grace: int) -> None:
    assert deadline(MONDAY, Policy(grace_days=grace), LONDON) == Deadline(MONDAY, MONDAY)
    assert not Policy(grace_days=grace).starts_critical  # it is Failing


@pytest.mark.parametrize("grace", [1, 2])
def test_deadline_shorter_than_the_window_is_critical_from_the_start(grace: int) -> None:
    found = deadline(MONDAY, Policy(grace_days=grace, window_days=3), LONDON)
    assert found.critical_at == MONDAY


def test_deadline_without_a_window_is_never_critical() -> None:
    found = deadline(MONDAY, Policy(grace_days=7, window_days=0), LONDON)
    assert found.critical_at == found.due_at


def test_deadline_window_counts_in_business_days_too() -> None:
    found = deadline(MONDAY, Policy(grace_days=5, window_days=2, business_days=True), LONDON)
    assert found == Deadline(critical_at=midnight(2026, 11, 27), due_at=midnight(2026, 12, 1))


def test_deadline_over_the_autumn_change_keeps_the_local_midnight() -> None:
    start = datetime(2026, 10, 24, 12, 0, tzinfo=UTC)  # London goes back on the 25th
    found = deadline(start, Policy(grace_days=1, window_days=0), LONDON)
    assert found.due_at == datetime(2026, 10, 26, 0, 0, tzinfo=UTC)
    assert deadline(start, Policy(grace_days=0), LONDON).due_at == start


def test_overdue_begins_with_the_due_instant() -> None:
    assert [is_overdue(MONDAY + step, MONDAY) for step in (-INSTANT, 0 * INSTANT, INSTANT)] == [
        False,
        True,
        True,
    ]


@pytest.mark.parametrize(
    ("resolved_at", "days"),
    [
        (midnight(2026, 12, 1) - INSTANT, 0),
        (midnight(2026, 12, 1), 1),
        (midnight(2026, 12, 2) - INSTANT, 1),
        (midnight(2026, 12, 2), 2),
        (midnight(2026, 12, 11), 11),
    ],
)
def test_days_late_counts_days_after_the_due_day(resolved_at: datetime, days: int) -> None:
    assert days_late(midnight(2026, 12, 1), resolved_at, "Europe/London") == days


def test_days_late_counts_in_the_zone_of_the_workspace() -> None:
    due_at = end_of_day(date(2026, 11, 30), "Pacific/Auckland")
    assert days_late(due_at, due_at + timedelta(hours=23), "Pacific/Auckland") == 1
    assert days_late(due_at, due_at + timedelta(hours=24), "Pacific/Auckland") == 2


def test_days_late_on_the_very_day_without_grace_is_one() -> None:
    assert days_late(MONDAY, MONDAY + timedelta(minutes=1), "UTC") == 1


# The oracle does not build local times: it walks through UTC and looks at the local date.

ZONES = sorted(available_timezones())
STEP = timedelta(minutes=15)
DAY = timedelta(days=1)
FIRST_NOON, DAYS = datetime(2024, 1, 1, 12, tzinfo=UTC), 7 * 365 + 2


def last_quarter_of(day: date, zone: ZoneInfo) -> datetime:
    """The end of the last quarter of an hour that bears the local date."""
    at = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=42)
    while at.astimezone(zone).date() != day:
        at -= STEP
    return at + STEP


def days_of(zone: ZoneInfo) -> tuple[list[date], list[date]]:
    """The days of 2024 to 2030 near a change of the zone's offset, and all the others."""
    noons = [FIRST_NOON + number * DAY for number in range(-2, DAYS + 2)]
    offsets = [zone.utcoffset(noon.replace(tzinfo=None)) for noon in noons]
    changes = {n for n in range(1, len(noons)) if offsets[n] != offsets[n - 1]}
    near = {n + step for n in changes for step in (-2, -1, 0, 1)}
    inside = range(2, DAYS + 2)
    return (
        [noons[n].date() for n in inside if n in near],
        [noons[n].date() for n in inside if n not in near],
    )


def test_end_of_day_agrees_with_an_oracle_on_every_day_of_every_zone() -> None:
    walked = looked = 0
    for name in ZONES:
        zone = ZoneInfo(name)
        near, calm = days_of(zone)
        for day in near:
            assert end_of_day(day, name) == last_quarter_of(day, zone), (name, day)
        for day in calm:
            end = end_of_day(day, name)
            local = (end - INSTANT).astimezone(zone), end.astimezone(zone)
            assert (local[0].date(), local[1].date()) == (day, day + DAY), (name, day)
        walked, looked = walked + len(near), looked + len(calm)
    print(f"{len(ZONES)} zones, {walked} days walked, {looked} days looked at, 0 mismatches")
    assert walked + looked == len(ZONES) * DAYS
    assert walked > 10_000


def business_days_after(start: date, days: int, week: set[int], holidays: set[date]) -> date:
    """By listing: the last of the next `days` dates that are worked."""
    ahead = (start + timedelta(days=number) for number in range(1, 2000))
    return list(islice((d for d in ahead if d.weekday() in week and d not in holidays), days))[-1]


@given(
    start=st.datetimes(datetime(2024, 1, 1), datetime(2030, 10, 1), timezones=st.just(UTC)),
    grace=st.integers(1, 60),
    week=st.sets(st.integers(0, 6), min_size=1),
    holidays=st.sets(st.dates(date(2024, 1, 1), date(2031, 6, 1)), max_size=40),
    zone=st.sampled_from(ZONES),
)
def test_business_deadline_agrees_with_listing_the_days(
    start: datetime, grace: int, week: set[int], holidays: set[date], zone: str
) -> None:
    calendar = Calendar(zone=zone, working_days=frozenset(week), holidays=frozenset(holidays))
    found = deadline(start, Policy(grace_days=grace, business_days=True), calendar)
    first = start.astimezone(ZoneInfo(zone)).date()
    last = business_days_after(first, grace, week, holidays)
    assert found.due_at == last_quarter_of(last, ZoneInfo(zone))


@given(
    start=st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 1), timezones=st.just(UTC)),
    grace=st.integers(1, 40),
    window=st.integers(0, 40),
    business=st.booleans(),
    zone=st.sampled_from(ZONES),
)
def test_deadline_lies_after_its_start_and_its_window_before_it(
    start: datetime, grace: int, window: int, business: bool, zone: str
) -> None:
    policy = Policy(grace_days=grace, window_days=window, business_days=business)
    found = deadline(start, policy, Calendar(zone=zone))
    assert start <= found.critical_at <= found.due_at
    assert policy.starts_critical == (found.critical_at == start)
    assert found.due_at > start
    assert days_late(found.due_at, found.due_at - INSTANT, zone) == 0
    local = (found.due_at - INSTANT).astimezone(ZoneInfo(zone))
    assert (local.date() - start.astimezone(ZoneInfo(zone)).date()).days >= grace
