"""What a list says of one person, whichever way it came; and what is wrong with it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

COLUMNS = (
    "name",
    "email",
    "external_id",
    "employment_type",
    "org_roles",
    "manager",
    "starts_on",
    "last_working_day",
    "on_leave",
    "aliases",
)
BINARY = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


def visible(text: str) -> str:
    """Text for a sentence of ours: what cannot be seen, or turns the words after it round, as "�"."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one cell (or, with an empty column, with the whole row)."""

    column: str
    words: str


@dataclass(frozen=True, slots=True)
class Row:
    """One person as a list states them; `values` holds only what the list says.

    Values: text; a tuple of text for org_roles and aliases; a date; a bool for on_leave and
    same_person.
    """

    number: int
    values: Mapping[str, Any]
    faults: tuple[Fault, ...] = ()

    @property
    def label(self) -> str:
        return str(self.values.get("name") or self.values.get("email") or f"Row {self.number}")
