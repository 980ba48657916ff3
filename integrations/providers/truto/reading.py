"""Defensive reading of Truto's objects: the unified field first, else the product's own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from integrations.providers.base import (
    Malformed,
    Organisation,
    RemoteAccount,
    RemoteConnection,
)

LONGEST_ID = 100
LONGEST_TEXT = 300
LONGEST_WORD = 100
LONGEST_CODE = 40
LONGEST_EMAIL = 320
"""Longer texts are cut; an address that is cut would be another one, so it is left out instead."""


def account(row: Mapping[str, Any]) -> RemoteAccount:
    """One user of the product. Only the id must be there; `Malformed` without it."""
    native = mapping(row.get("remote_data"))
    return RemoteAccount(
        external_id=identifier(row.get("id") or native.get("UserID"), "A user"),
        name=_name(row, native),
        email=_email(row, native),
        level=_level(row, native)[:LONGEST_WORD],
        is_subscriber=native.get("IsSubscriber") is True,
    )


def organisation(row: Mapping[str, Any]) -> Organisation:
    """The organisation; `Malformed` without an id, since it could not be pinned."""
    native = mapping(row.get("remote_data"))
    return Organisation(
        id=identifier(row.get("id") or native.get("OrganisationID"), "The organisation"),
        name=text(row.get("name")) or text(native.get("Name")) or text(row.get("legal_name")),
        short_code=text(native.get("ShortCode"), LONGEST_CODE) or None,
    )


def connection(row: Mapping[str, Any]) -> RemoteConnection:
    """A connection (Truto: integrated account)."""
    context = mapping(row.get("context"))
    return RemoteConnection(
        ref=identifier(row.get("id"), "A connection"),
        tenant_id=text(row.get("tenant_id")),
        integration=text(dig(row, "integration", "name")),
        status=text(row.get("status")),
        is_sandbox=row.get("is_sandbox") not in (None, False),
        context={key: value for key, value in context.items() if key != "oauth"},
        last_error=text(row.get("last_error")) or None,
        granted_scopes=strings(dig(context, "oauth", "scope")),
        environment_id=text(row.get("environment_id")) or None,
        updated_at=moment(row.get("updated_at")),
    )


def moment(value: object) -> datetime | None:
    """An aware instant in UTC; None when it cannot be read. Text without a zone is UTC.

    Reads ISO 8601 and Truto's `2024-09-01 10:00:00`.
    """
    if not isinstance(value, str):
        return None
    try:
        stated = datetime.fromisoformat(value)
        return (stated if stated.tzinfo else stated.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def identifier(value: object, what: str) -> str:
    """An id exactly as given; `Malformed` unless it is short, printable text."""
    if isinstance(value, str) and 0 < len(value) <= LONGEST_ID and value.isprintable():
        return value
    raise Malformed(f"{what} in Truto's answer has no usable id")


def text(value: object, longest: int = LONGEST_TEXT) -> str:
    """Text fit for a database and a page: trimmed, bounded, without NUL or half characters."""
    if not isinstance(value, str):
        return ""
    if not value.isascii():
        value = value.encode("utf-8", "replace").decode("utf-8")
    return value.replace("\x00", "").strip()[:longest]


def strings(value: object) -> tuple[str, ...]:
    """The texts of a list, or the words of a text, as OAuth writes scopes in both ways."""
    items = value.split() if isinstance(value, str) else value
    if not isinstance(items, list):
        return ()
    return tuple(word for item in items if (word := text(item, LONGEST_WORD)))


def mapping(value: object) -> Mapping[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def dig(value: object, *keys: str) -> Any:
    """The value under a path of keys; None wherever the path ends early."""
    for key in keys:
        value = mapping(value).get(key)
    return value


def _name(row: Mapping[str, Any], native: Mapping[str, Any]) -> str:
    return (
        text(row.get("name"))
        or _joined(row.get("first_name"), row.get("last_name"))
        or _joined(native.get("FirstName"), native.get("LastName"))
    )


def _joined(first: object, last: object) -> str:
    return text(f"{text(first)} {text(last)}")


def _email(row: Mapping[str, Any], native: Mapping[str, Any]) -> str | None:
    rows = _rows(row.get("emails"))
    if len(rows) > 1:
        rows.sort(key=lambda entry: entry.get("is_primary") is not True)
    values = [*(entry.get("email") for entry in rows), native.get("EmailAddress")]
    stated = [text(value, LONGEST_EMAIL + 1) for value in values]
    return next((email for email in stated if email and len(email) <= LONGEST_EMAIL), None)


def _level(row: Mapping[str, Any], native: Mapping[str, Any]) -> str:
    """The role. Where the unified one can be read in two ways, the product's own word decides."""
    raw = text(native.get("OrganisationRole"))
    rows = _rows(row.get("roles"))
    words = [
        word for role in rows for word in (text(role.get("name")), text(role.get("id"))) if word
    ]
    if not words or raw in words:
        return raw
    return raw or words[0] if len(rows) > 1 else words[0]


def _rows(value: object) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
