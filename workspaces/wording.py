"""Words for what the record says: kinds of events, who acted, what changed; pure."""

import json
import re
import uuid
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from workspaces.naming import Name

Names = Mapping[str, Name]

# Starts of kinds, as the filter of the audit log offers them.
AREAS = [
    ("member.", "Members"),
    ("invitation.", "Invitations"),
    ("token.", "API tokens"),
    ("workspace.", "Workspace"),
    ("staff.", "Staff"),
    ("org_role.", "Org roles"),
    ("connect", "Connections"),
    ("sync.", "Syncs"),
    ("system.", "Critical systems"),
    ("rule.", "Access rules"),
    ("account", "Accounts"),
    ("identification.", "Identifications"),
    ("task", "Tasks"),
    ("special_case.", "Special cases"),
    ("policy.", "Check policies"),
    ("calendar.", "Calendar"),
    ("audit.", "The record itself"),
]
ACTORS = {
    "system": "The product itself",
    "command": "Command line",
    "visitor": "Somebody not signed in",
}
LONGEST = 300
MOST = 300  # of a list that are looked at: what is longer is cut anyway
MOST_NAMED, MOST_READ = 20, 20_000  # ids of one act, characters
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NOT_NAMED = ("workspace", "chain")
NAMING_KEYS = ("name", "email", "account", "file", "check", "integration")
# As the record writes instants: always in UTC.
INSTANT = re.compile(r"^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d):\d\d(?:\.\d+)?\+00:00$")


def kind_words(kind: str) -> str:
    """A kind as a heading: "staff.roles_changed" is "Staff: roles changed"."""
    subject, _, what = kind.replace("_", " ").partition(".")
    subject = {"connect": "connecting", "org role": "Org role"}.get(subject, subject)
    subject = f"{subject[:1].upper()}{subject[1:]}"
    return f"{subject}: {what}" if what else subject


def told_by(by: dict[str, str]) -> str:
    """Who acted, in words."""
    label = by.get("label", "")
    kind = by.get("kind", "")
    if kind == "token":
        return f"API token “{label}”"
    return label if kind == "user" and label else ACTORS.get(kind, label or "Unknown")


def ids_in(value: object) -> list[uuid.UUID]:
    """The first ids that an act names, in their order; a list may name thousands."""
    found = ID.finditer(json.dumps(value, default=str)[:MOST_READ])
    return [uuid.UUID(each.group()) for each in islice(found, MOST_NAMED)]


def about(subject: str, body: dict[str, Any], names: Names) -> Name | None:
    """What an act is about: as it is called today, else as the act called it; None: the workspace."""
    kind, _, key = subject.partition(":")
    if not subject or kind in NOT_NAMED:
        return None
    said = next((body[each] for each in NAMING_KEYS if isinstance(body.get(each), str)), "")
    return names.get(subject) or names.get(key) or Name(said or _short(key))


def _short(key: str) -> str:
    return f"{key[:8]}…" if ID.fullmatch(key) else key


def changes(body: dict[str, Any], names: Names | None = None) -> list[tuple[str, str]]:
    """What an event says beside who and about what: (name, words); before and after side by side.

    With `names` ids are told by them, and shortened where they name nothing (any more).
    """

    def say(*values: object) -> str:
        return " → ".join(_words(each, names) for each in values)

    before, after = body.get("before"), body.get("after")
    rest = [(key, value) for key, value in body.items() if key not in ("before", "after")]
    if isinstance(before, dict) and isinstance(after, dict):
        keys = sorted(before.keys() | after.keys())
        both = [(key, before.get(key), after.get(key)) for key in keys]
        pairs = [(key, say(was, now)) for key, was, now in both if was != now]
    elif before is not None or after is not None:
        pairs = [("changed", say(before, after))]
    else:
        pairs = []
    named = [
        *pairs,
        *((key, say(value)) for key, value in rest if value not in (None, "", [], {})),
    ]
    return [(key.replace("_", " "), words) for key, words in named]


class Pair(tuple[object, object]):
    """A name and its value: told side by side."""


def _words(value: object, names: Names | None = None) -> str:
    if value in (None, "", [], {}):
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        value = [Pair(pair) for pair in value.items()]
    if isinstance(value, Iterable) and not isinstance(value, str):
        between = " " if isinstance(value, Pair) else ", "
        value = between.join(_words(each, names) for each in islice(value, MOST))
    return _named(str(value), names)


def _named(text: str, names: Names | None) -> str:
    if names is not None and ID.fullmatch(text):
        return names[text].words if text in names else _short(text)
    text = INSTANT.sub(r"\1 \2 UTC", text)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"
