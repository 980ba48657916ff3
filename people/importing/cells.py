"""Reading cells, of a file or from JSON: text, addresses, days, yes and no; pure."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from people import days
from people.addresses import LONGEST, is_address
from people.importing.row import BINARY, Fault, Row, visible

BETWEEN = "|"  # several values in one cell
EMPLOYMENT = ("employee", "contractor", "intern")
_DAYS = (
    (re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})"), (1, 2, 3)),
    (re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})"), (3, 2, 1)),
)


def row_of(number: int, raw: Mapping[str, object]) -> Row:
    """A row from cells or from JSON values; an empty cell says nothing, except for lists."""
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    for column, cell in raw.items():
        reader = _READERS[column]
        try:
            value = reader(cell)
        except ValueError as error:
            faults.append(Fault(column, str(error)))
            continue
        if value is not None:
            values[column] = value
    if not values.get("email") and not values.get("external_id") and not faults:
        faults.append(Fault("email", "Give an e-mail address or an external id."))
    return Row(number, values, tuple(faults))


def joined(values: Iterable[str]) -> str:
    """Several values as one cell."""
    return f" {BETWEEN} ".join(values)


def _text(most: int) -> Callable[[object], str | None]:
    def read(cell: object) -> str | None:
        text = " ".join(str(cell or "").split())
        if len(text) > most:
            raise ValueError(f"Shorten this to {most} characters.")
        if BINARY.search(text):
            raise ValueError("This holds a character that cannot be kept. Write it again.")
        return _whole(text) or None

    return read


def _whole(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError("This holds half a character. Write it again.") from error
    return text


def _email(cell: object) -> str | None:
    text = _text(LONGEST)(cell)
    if text and not is_address(text):
        raise ValueError("This is no e-mail address. Write one like name@company.example.")
    return text


def _several(read: Callable[[object], str | None]) -> Callable[[object], tuple[str, ...] | None]:
    def read_all(cell: object) -> tuple[str, ...] | None:
        parts = cell if isinstance(cell, list | tuple) else str(cell or "").split(BETWEEN)
        found = dict.fromkeys(value for part in parts if (value := read(part)))
        if len(found) > 50:
            raise ValueError("Give at most 50 of these.")
        return tuple(found)

    return read_all


def _choice(cell: object) -> str | None:
    text = str(cell or "").strip().lower()
    if text and text not in EMPLOYMENT:
        raise ValueError(f"Write one of {', '.join(EMPLOYMENT)}.")
    return text or None


def _day(cell: object) -> date | None:
    text = str(cell or "").strip()
    if not text:
        return None
    for pattern, (year, month, day) in _DAYS:
        if match := pattern.fullmatch(text):
            try:
                found = date(int(match[year]), int(match[month]), int(match[day]))
            except ValueError:
                break
            if days.is_plausible(found):
                return found
    raise ValueError(f"“{visible(text[:40])}” is no day. Write it like 2027-04-01.")


def _yes_no(cell: object) -> bool | None:
    if isinstance(cell, bool):
        return cell
    text = str(cell or "").strip().lower()
    answers = {"": None, "yes": True, "true": True, "1": True, "no": False, "false": False}
    if text not in answers | {"0": False}:
        raise ValueError("Write yes or no.")
    return answers.get(text, False)


_READERS: Mapping[str, Callable[[object], Any]] = {
    "name": _text(200),
    "email": _email,
    "external_id": _text(100),
    "employment_type": _choice,
    "org_roles": _several(_text(100)),
    "manager": _text(LONGEST),
    "starts_on": _day,
    "last_working_day": _day,
    "on_leave": _yes_no,
    "aliases": _several(_email),
    "same_person": _yes_no,
}
