"""Tags and filters that the components in `templates/components/` are written with."""

import datetime as dt
import functools
import re
import unicodedata
import zlib
from typing import Any, Final, NamedTuple

from django import template
from django.template.context import Context
from django.utils import dateformat, timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from lucide.templatetags.lucide import lucide

from workspaces import permissions

register = template.Library()

HUES: Final = 8
"""How many avatar colours `components.css` defines."""


class Pill(NamedTuple):
    """How one state is shown: never by colour alone, so always with a word and an icon."""

    word: str
    icon: str
    tone: str


PILLS: Final = {
    # Statuses of checks and tasks, in the product's fixed words.
    "due": Pill("Due", "clock", "info"),
    "critical": Pill("Critical", "triangle-alert", "warn"),
    "failing": Pill("Failing", "octagon-x", "bad"),
    "passing": Pill("Passing", "circle-check", "good"),
    "stale": Pill("Stale", "history", "stale"),
    "waiting": Pill("Waiting", "hourglass", "outline"),
    "special case": Pill("Special case", "badge-check", "violet"),
    "closed": Pill("Closed", "archive", "closed"),
    "not monitored": Pill("Not monitored", "eye-off", "closed"),
    # States of a connection.
    "not connected": Pill("Not connected", "unplug", "outline"),
    "connecting": Pill("Connecting", "loader-circle", "info"),
    "connected": Pill("Connected", "plug-zap", "good"),
    "needs reconnect": Pill("Needs reconnect", "plug", "bad"),
    "cannot read": Pill("Cannot read (trying again)", "cloud-off", "warn"),
    "held": Pill("Held", "hand", "warn"),
    "disconnected": Pill("Disconnected", "unplug", "closed"),
    "syncing": Pill("Syncing", "refresh-cw", "info"),
    # States of a sync run.
    "pending": Pill("Waiting to start", "clock", "outline"),
    "running": Pill("Running", "refresh-cw", "info"),
    "succeeded": Pill("Succeeded", "circle-check", "good"),
    "failed": Pill("Failed", "circle-x", "bad"),
    "parked": Pill("Stopped", "octagon-alert", "bad"),
    "discarded": Pill("Discarded", "archive", "closed"),
    # Whether somebody works here.
    "current": Pill("Current", "circle-check", "good"),
    "upcoming": Pill("Upcoming", "calendar-clock", "info"),
    "offboarded": Pill("Offboarded", "user-x", "closed"),
    # What systems show of somebody who left.
    "revoked": Pill("Revoked", "circle-check", "good"),
    "active": Pill("Active", "octagon-x", "bad"),
    "not found": Pill("Not found", "circle-dashed", "outline"),
    "valid": Pill("Valid", "circle-check", "good"),
    "invalid": Pill("Invalid", "circle-x", "bad"),
}


def pill(state: object) -> Pill:
    """The look of a state given as its word or its key (`special_case`); unknown ones are plain."""
    word = str(state or "").strip()
    key = word.lower().replace("_", " ").replace("-", " ")
    return PILLS.get(key, Pill(word[:1].upper() + word[1:], "circle-dashed", "outline"))


@register.filter
def status_icon(state: object) -> str:
    """Name of the icon for a state."""
    return pill(state).icon


@register.filter
def status_tone(state: object) -> str:
    """Tone of a state: info, warn, bad, good, stale, violet, closed or outline."""
    return pill(state).tone


@register.filter
def status_word(state: object) -> str:
    """The word people see for a state."""
    return pill(state).word


@functools.lru_cache(maxsize=512)
def _drawing(name: str, extra: str, label: str) -> SafeString:
    classes = f"i {extra}".strip()
    meaning = {"role": "img", "aria_label": label} if label else {"aria_hidden": "true"}
    attributes = {"class": classes, "focusable": "false", **meaning}
    # ElementTree, with which the package writes, escapes the attributes.
    return mark_safe(str(lucide(name, size=18, **attributes)))  # noqa: S308


@register.simple_tag
def icon(name: str, extra: str = "", label: str = "") -> SafeString:
    """An icon of the Lucide set; hidden from screen readers unless it has a label."""
    return _drawing(str(name), str(extra), str(label))


@register.filter
def initials(person: object) -> str:
    """Up to two capital letters that stand for a name or an e-mail address; "?" for neither."""
    words = [word for word in str(person or "").split("@")[0].replace(".", " ").split() if word]
    letters = [letter for word in words if (letter := _first_letter(word))]
    if not letters:
        return "?"
    return letters[0] if len(letters) == 1 else letters[0] + letters[-1]


def _first_letter(word: str) -> str:
    return next((char.upper() for char in word if unicodedata.category(char)[0] in "LN"), "")


@register.filter
def hue(key: object) -> int:
    """A number below HUES that stays the same for the same person on every page and day."""
    text = unicodedata.normalize("NFKC", str(key or "")).casefold().strip()
    return zlib.crc32(text.encode()) % HUES


@register.filter
def breakable(address: object) -> SafeString:
    """Words whose addresses prefer to break before "@" and dots, or after "/", than in a word."""
    escaped = conditional_escape(str(address or ""))
    if "@" not in escaped:
        return mark_safe(escaped.replace("/", "/<wbr>"))  # noqa: S308 - escaped above
    return mark_safe(re.sub(r"(@|\.(?=\w))", r"<wbr>\1", escaped))  # noqa: S308 - escaped above


@register.filter
def parts(value: Any) -> list[Any]:
    """The items of a list, or of a text written as "one|two|three"."""
    if isinstance(value, str):
        return [part.strip() for part in value.split("|") if part.strip()]
    return list(value or [])


_UNITS: Final = (("year", 31_536_000), ("month", 2_592_000), ("day", 86_400), ("hour", 3_600))


def ago(at: dt.datetime, now: dt.datetime) -> str:
    """How far `at` lies from `now`, in words: "3 days ago", "in 2 hours", "just now"."""
    seconds = (at - now).total_seconds()
    if abs(seconds) < 45:
        return "just now"
    unit, size = next(((u, s) for u, s in _UNITS if abs(seconds) >= s), ("minute", 60))
    words = counted(max(1, int(abs(seconds) // size)), unit)
    return f"in {words}" if seconds > 0 else f"{words} ago"


def counted(number: int, noun: str) -> str:
    """A number with its noun: "1 day", "2 days"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


@register.filter
def day(at: dt.date | None) -> str:
    """A date as people read it: "26 Nov 2026"; instants are shown in the active time zone."""
    if at is None or at == "":
        return ""
    return dateformat.format(_local(at), "j M Y")


@register.filter
def moment(at: dt.datetime | None) -> str:
    """An instant as people read it: "26 Nov 2026, 09:05", in the active time zone."""
    return dateformat.format(_local(at), "j M Y, H:i") if at else ""


def _local(at: dt.date) -> dt.date:
    if isinstance(at, dt.datetime) and timezone.is_aware(at):
        return timezone.localtime(at)
    return at


def _now(context: Context, given: object) -> dt.datetime:
    found = given or context.get("now")
    return found if isinstance(found, dt.datetime) else timezone.now()


@register.simple_tag(takes_context=True)
def when(context: Context, at: dt.datetime | None, now: object = None, short: bool = False) -> str:
    """A <time> that says how long ago and exactly when; `short` keeps only how long ago.

    `now` is the page's own reading of the clock, by default the variable of that name.
    """
    if not at:
        return ""
    relative, exact = ago(at, _now(context, now)), moment(at)
    zone = dateformat.format(timezone.localtime(at), "T")
    return format_html(
        '<time datetime="{}" title="{} {}">{}</time>',
        at.isoformat(),
        exact,
        zone,
        relative if short else f"{relative} · {exact}",
    )


@register.filter
def last_day(due: dt.datetime) -> dt.date:
    """The local day on which a deadline falls; midnight belongs to the day that ends with it."""
    return timezone.localtime(due - dt.timedelta(microseconds=1)).date()


def days_between(due: dt.datetime, now: dt.datetime) -> int:
    """Local calendar days from now to the deadline's day; negative once the day is over."""
    return (last_day(due) - timezone.localtime(now).date()).days


class Deadline(NamedTuple):
    """A deadline in words, with the date beside it and how much it presses."""

    words: str
    date: str
    iso: str
    tone: str


def deadline_of(
    due: dt.datetime, now: dt.datetime, done: dt.datetime | None = None, soon: int = 2
) -> Deadline:
    """What to say of a deadline: still to come, passed, kept, or kept late. `soon` is in days."""
    words, tone = _done_words(due, done) if done else _open_words(due, now, soon)
    return Deadline(words, day(last_day(due)), due.isoformat(), tone)


def _done_words(due: dt.datetime, done: dt.datetime) -> tuple[str, str]:
    if done <= due:
        return "done in time", "kept"
    return f"late by {counted(max(1, -days_between(due, done)), 'day')}", "late"


def _open_words(due: dt.datetime, now: dt.datetime, soon: int) -> tuple[str, str]:
    left = days_between(due, now)
    if due <= now:
        return (f"{counted(-left, 'day')} overdue" if left < 0 else "overdue since today"), "over"
    near = "soon" if left <= soon else "calm"
    named = {0: "due today", 1: "due tomorrow"}.get(left)
    return named or f"due in {counted(left, 'day')}", near


@register.simple_tag(takes_context=True)
def deadline(
    context: Context,
    due: dt.datetime | None,
    now: object = None,
    done: dt.datetime | None = None,
    soon: int | str = 2,
) -> Deadline | None:
    """The deadline's words, date and tone, for `{% deadline due as it %}`."""
    if not due:
        return None
    return deadline_of(due, _now(context, now), done or None, 2 if soon == "" else int(soon))


@register.simple_tag
def attribute(name: str, value: object) -> str:
    """` name="value"`, escaped, or nothing when there is no value."""
    if value in (None, "", False):
        return ""
    return format_html(' {}="{}"', name, value)


@register.filter
def is_choice(field: Any) -> str:
    """What kind of control a bound field has: "single", "many", "hidden" or "line"."""
    if field.is_hidden:
        return "hidden"
    kind = getattr(field.field.widget, "input_type", "")
    if kind == "checkbox" and not field.use_fieldset and not hasattr(field.field, "choices"):
        return "single"
    return "many" if kind in {"checkbox", "radio"} else "line"


@register.filter
def allows(membership: Any, permission: str) -> bool:
    """Whether the page's reader may do this; nobody without a membership may."""
    return membership is not None and permissions.allows(membership, permission)


@register.filter
def toast_kind(level: object) -> str:
    """The kind of toast for a level of Django's messages."""
    return {"success": "good", "warning": "warn", "error": "bad"}.get(str(level), "info")
