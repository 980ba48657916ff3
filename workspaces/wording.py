"""Words for what the record says: kinds of events, who acted, what changed; pure."""

import re
from collections.abc import Iterable
from typing import Any

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


def changes(body: dict[str, Any]) -> list[tuple[str, str]]:
    """What an event says beside who and about what: (name, words); before and after side by side."""
    before, after = body.get("before"), body.get("after")
    rest = [(key, value) for key, value in body.items() if key not in ("before", "after")]
    if isinstance(before, dict) and isinstance(after, dict):
        keys = sorted(before.keys() | after.keys())
        pairs = [(key, f"{_words(before.get(key))} → {_words(after.get(key))}") for key in keys]
    elif before is not None or after is not None:
        pairs = [("changed", f"{_words(before)} → {_words(after)}")]
    else:
        pairs = []
    named = [
        *pairs,
        *((key, _words(value)) for key, value in rest if value not in (None, "", [], {})),
    ]
    return [(key.replace("_", " "), words) for key, words in named]


def _words(value: object) -> str:
    if value in (None, "", [], {}):
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        value = [f"{key} {_words(each)}" for key, each in value.items()]
    if isinstance(value, Iterable) and not isinstance(value, str):
        value = ", ".join(_words(each) for each in value)
    text = INSTANT.sub(r"\1 \2 UTC", str(value))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"
