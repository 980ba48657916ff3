"""The words, marks and small pieces of HTML that the components are written with."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template
from django.utils import timezone

from workspaces.templatetags import look

NOW = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)


def render(source: str, **context: object) -> str:
    return Template("{% load look %}" + source).render(Context(context))


@pytest.fixture(autouse=True)
def utc():
    with timezone.override(dt.UTC):
        yield


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        ("Alex One", "AO"),
        ("Alex van der One", "AO"),
        ("alex", "A"),
        ("alex.one@example.test", "AO"),
        ("(Alex) One", "AO"),
        ("李明", "李"),
        ("", "?"),
        (None, "?"),
        ("...", "?"),
    ],
)
def test_initials_of_any_name(person, expected):
    assert look.initials(person) == expected


def test_hue_stays_the_same_however_the_address_is_written():
    assert look.hue("alex.one@example.test") == look.hue(" Alex.One@EXAMPLE.test ")
    assert {look.hue(f"person-{number}") for number in range(200)} == set(range(look.HUES))


@pytest.mark.parametrize("state", ["special_case", "Special case", "special-case", "SPECIAL CASE"])
def test_state_is_known_by_word_and_by_key(state):
    assert look.status_word(state) == "Special case"
    assert look.status_icon(state) == "badge-check"


def test_state_nobody_knows_is_shown_plain_and_never_green():
    assert look.pill("odd_new") == ("Odd_new", "circle-dashed", "outline")
    assert look.pill(None).tone == "outline"


def test_every_state_has_an_icon_that_exists():
    for shown in look.PILLS.values():
        assert "<svg" in look.icon(shown.icon)


def test_only_what_is_good_is_green():
    green = {key for key, shown in look.PILLS.items() if shown.tone == "good"}
    assert green == {"passing", "connected", "succeeded", "current", "revoked", "valid"}


def test_icon_without_label_is_hidden_from_screen_readers():
    drawn = look.icon("plug")
    assert 'aria-hidden="true"' in drawn
    assert 'class="i"' in drawn


def test_icon_with_label_says_it_and_escapes_it():
    drawn = look.icon("plug", "", 'Two "plugs" <b>')
    assert 'role="img"' in drawn
    assert "<b>" not in drawn
    assert "aria-hidden" not in drawn


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "just now"),
        (-44, "just now"),
        (-60, "1 minute ago"),
        (-59 * 60, "59 minutes ago"),
        (-3600, "1 hour ago"),
        (-3 * 86_400, "3 days ago"),
        (2 * 3600, "in 2 hours"),
        (-70 * 86_400, "2 months ago"),
        (-800 * 86_400, "2 years ago"),
    ],
)
def test_ago_in_words(seconds, words):
    assert look.ago(NOW + dt.timedelta(seconds=seconds), NOW) == words


def test_when_shows_both_in_the_active_zone():
    with timezone.override(ZoneInfo("Pacific/Auckland")):
        shown = render("{% when at %}", at=NOW - dt.timedelta(hours=1), now=NOW)
    assert "1 hour ago · 23 Nov 2026, 21:00" in shown
    assert 'datetime="2026-11-23T08:00:00+00:00"' in shown


def test_when_without_an_instant_is_empty():
    assert render("{% when at %}", at=None) == ""


@pytest.mark.parametrize(
    ("due", "words", "tone"),
    [
        (dt.datetime(2026, 11, 26, 23, 59, tzinfo=dt.UTC), "due in 3 days", "calm"),
        (dt.datetime(2026, 11, 25, 23, 59, tzinfo=dt.UTC), "due in 2 days", "soon"),
        (dt.datetime(2026, 11, 24, 23, 59, tzinfo=dt.UTC), "due tomorrow", "soon"),
        (dt.datetime(2026, 11, 23, 23, 59, tzinfo=dt.UTC), "due today", "soon"),
        (dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC), "overdue since today", "over"),
        (dt.datetime(2026, 11, 22, 23, 59, tzinfo=dt.UTC), "1 day overdue", "over"),
        (dt.datetime(2026, 11, 20, 23, 59, tzinfo=dt.UTC), "3 days overdue", "over"),
    ],
)
def test_deadline_while_the_task_is_open(due, words, tone):
    shown = look.deadline_of(due, NOW)
    assert (shown.words, shown.tone) == (words, tone)


def test_deadline_at_midnight_belongs_to_the_day_that_ends():
    shown = look.deadline_of(dt.datetime(2026, 11, 24, 0, 0, tzinfo=dt.UTC), NOW)
    assert (shown.words, shown.date) == ("due today", "23 Nov 2026")


def test_deadline_counts_days_of_the_active_zone():
    due = dt.datetime(2026, 11, 24, 10, 59, tzinfo=dt.UTC)  # the end of the 24th in Auckland
    with timezone.override(ZoneInfo("Pacific/Auckland")):
        shown = look.deadline_of(due, NOW)
    assert (shown.words, shown.date) == ("due tomorrow", "24 Nov 2026")


def test_deadline_of_a_solved_task_says_whether_it_was_kept():
    due = dt.datetime(2026, 11, 20, 23, 59, tzinfo=dt.UTC)
    kept = look.deadline_of(due, NOW, done=due)
    late = look.deadline_of(due, NOW, done=due + dt.timedelta(days=2))
    assert (kept.words, late.words) == ("done in time", "late by 2 days")


def test_deadline_solved_hours_late_on_the_day_itself_is_still_late():
    due = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)
    assert look.deadline_of(due, NOW, done=due + dt.timedelta(hours=3)).words == "late by 1 day"


def test_breakable_address_is_escaped():
    assert look.breakable("<a>@example.test") == "&lt;a&gt;<wbr>@example<wbr>.test"
    assert look.breakable("Ask a@b.test.") == "Ask a<wbr>@b<wbr>.test."
    assert look.breakable("<b>") == "&lt;b&gt;"
    assert look.breakable("GET /api/<x>") == "GET /<wbr>api/<wbr>&lt;x&gt;"


def test_attribute_is_escaped_and_absent_when_empty():
    assert look.attribute("title", 'say "x"') == ' title="say &quot;x&quot;"'
    assert look.attribute("title", "") == ""


def test_parts_of_a_text_and_of_a_list():
    assert look.parts("One| Two |") == ["One", "Two"]
    assert look.parts(["One"]) == ["One"]
    assert look.parts(None) == []


@pytest.mark.parametrize(
    ("level", "kind"), [("success", "good"), ("warning", "warn"), ("error", "bad"), ("x", "info")]
)
def test_toast_kind_of_message_level(level, kind):
    assert look.toast_kind(level) == kind
