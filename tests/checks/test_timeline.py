"""The days of a check: as they stood at their end, gaps and old data never green."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.status import Status
from checks.timeline import Point, Track, Watch, day_of

START = datetime(2026, 9, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TODAY = date(2026, 9, 1)


def at(days):
    return START + days * DAY


def read(*days):
    """Lists that were current as soon as they were read."""
    return [(at(each), at(each)) for each in days]


def fault(began, critical, due):
    return Point(at(began), "open", at(began), at(critical), at(due))


TRACK = Track([fault(0, 5, 7), Point(at(9), "passed"), fault(20, 25, 27), Point(at(22), "closed")])


@pytest.mark.parametrize(
    ("days", "found"),
    [
        (-1, None),
        (0, Status.DUE),
        (5, Status.CRITICAL),
        (7, Status.FAILING),
        (9, Status.PASSING),
        (19.9, Status.PASSING),
        (20, Status.DUE),
        (22, Status.CLOSED),
    ],
)
def test_task_stands_as_its_lines_say(days, found):
    assert TRACK.status_at(at(days), stale=False) is found


def test_task_whose_end_is_told_by_others_says_nothing_from_then_on():
    told = Track([fault(0, 5, 7)], ends=at(3))
    assert told.status_at(at(2.9), stale=False) is Status.DUE
    assert told.status_at(at(3), stale=False) is None


def test_old_data_takes_the_green_and_leaves_the_red():
    assert TRACK.status_at(at(10), stale=True) is Status.STALE
    assert TRACK.status_at(at(8), stale=True) is Status.FAILING
    saved = Track([Point(START, "passed")], rests_on_list=False)
    assert saved.status_at(at(1), stale=True) is Status.PASSING


def test_special_case_covers_its_time_only():
    track = Track([fault(0, 5, 7)], accepted=[(at(2), at(10))])
    found = [track.status_at(at(days), stale=False) for days in (1, 2, 9.9, 10)]
    assert found == [Status.DUE, Status.SPECIAL_CASE, Status.SPECIAL_CASE, Status.FAILING]


def test_waiting_and_upcoming_tasks_are_no_passes():
    waiting = Track([Point(START, "waiting")])
    assert waiting.status_at(at(1), stale=False) is Status.WAITING
    upcoming = Track([Point(START, "open", at(9), at(9), at(11))])
    assert upcoming.status_at(at(1), stale=False) is None
    assert upcoming.status_at(at(9), stale=False) is Status.CRITICAL


JUDGED = [(START, False)]  # the check as a whole waited for nothing
WATCH = Watch([(START, at(10)), (at(20), None)], reads=read(0, 1, 21))


@pytest.mark.parametrize(
    ("days", "stale"), [(-1, True), (0, False), (1.9, False), (2, True), (21, False), (22, True)]
)
def test_reading_proves_for_a_day(days, stale):
    assert WATCH.is_stale(at(days)) is stale


def test_trouble_of_the_connection_ends_what_a_reading_proves():
    watch = Watch([(START, None)], reads=read(0), troubles=[(START + HOUR, START + 2 * HOUR)])
    found = [watch.is_stale(START + hours * HOUR) for hours in (0.5, 1, 1.9, 2)]
    assert found == [False, True, True, False]


@pytest.mark.parametrize(
    ("days", "word"),
    [
        (-1, "Not monitored"),
        (8, "Failing"),
        (10, "Not monitored"),
        (19, "Not monitored"),
        (21, "Due"),
        (23, "Nothing to judge"),
    ],
)
def test_day_without_monitoring_is_a_gap_and_one_without_subjects_says_so(days, word):
    assert day_of(TODAY, at(days), [(WATCH, [TRACK])]).word == word


def test_day_is_the_worst_of_its_tasks_over_all_systems():
    green = (Watch([(START, None)], reads=read(8), waits=JUDGED), [Track([Point(START, "passed")])])
    found = day_of(TODAY, at(8), [green, (WATCH, [TRACK])])
    assert (found.word, found.counts) == ("Failing", {Status.PASSING: 1, Status.FAILING: 1})
    assert day_of(TODAY, at(8), [green]).word == "Passing"
    assert day_of(TODAY, at(8), []).word == "Not monitored"


@pytest.mark.parametrize(
    ("days", "passed", "nothing"),
    [
        (1, "Waiting", "Nothing to judge"),
        (3, "Passing", "Nothing to judge"),
        (5, "Waiting", "Waiting"),
    ],
)
def test_check_as_a_whole_passes_only_where_it_is_known_to_wait_for_nothing(days, passed, nothing):
    watch = Watch([(START, None)], read(days), waits=[(at(2), False), (at(4), True)])
    track = Track([Point(START, "passed")])
    assert day_of(TODAY, at(days), [(watch, [track])]).word == passed
    assert day_of(TODAY, at(days), [(watch, [])]).word == nothing
    assert day_of(TODAY, at(days), [(watch, [TRACK])]).word in ("Due", "Critical")


@given(
    st.lists(st.sampled_from(["open", "passed", "waiting", "closed"]), min_size=1, max_size=5),
    st.floats(-5, 70),
    st.booleans(),
)
def test_losing_readings_never_turns_a_day_green(words, days, reading):
    points = [
        Point(at(10 * n), w, at(10 * n), at(10 * n + 2), at(10 * n + 4))
        for n, w in enumerate(words)
    ]
    watch = Watch([(START, None)], read(*range(60)) if reading else [], waits=JUDGED)
    poorer = Watch([(START, None)], reads=[], waits=JUDGED)
    before = day_of(TODAY, at(days), [(watch, [Track(points)])])
    after = day_of(TODAY, at(days), [(poorer, [Track(points)])])
    assert after.status is not Status.PASSING
    if before.status is not after.status:
        assert (before.status, after.status) == (Status.PASSING, Status.STALE)
