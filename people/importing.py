"""Reading lists of staff from files: encoding, separator, columns, cells; pure and streaming."""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from people import days
from people.addresses import LONGEST, is_address
from workspaces.exports import unguarded

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
MOST_ROWS = 200_000
MOST_COLUMNS = 100
LONGEST_CELL = 4_000
SEPARATORS = ",;\t"
BETWEEN = "|"  # several values in one cell
EMPLOYMENT = ("employee", "contractor", "intern")
# Other names that exports of well-known systems give these columns.
OTHER_NAMES = {
    "full_name": "name",
    "display_name": "name",
    "work_email": "email",
    "e_mail": "email",
    "work_e_mail": "email",
    "email_address": "email",
    "employee_id": "external_id",
    "employee_number": "external_id",
    "employment": "employment_type",
    "type": "employment_type",
    "org_role": "org_roles",
    "roles": "org_roles",
    "manager_email": "manager",
    "start_date": "starts_on",
    "starts": "starts_on",
    "last_day": "last_working_day",
    "end_date": "last_working_day",
    "termination_date": "last_working_day",
}
_DAYS = (
    (re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})"), (1, 2, 3)),
    (re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})"), (3, 2, 1)),
)
_BINARY = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


class Unreadable(ValueError):
    """The file as a whole is no list; `words` say what to do."""

    @property
    def words(self) -> str:
        return str(self)


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


Open = Callable[[], io.RawIOBase]


class Pieces(io.RawIOBase):
    """Pieces of bytes read as one stream."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            try:
                self._rest = next(self._pieces)
            except StopIteration:
                return 0
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size


def rows(open_: Open) -> Iterator[Row]:
    """Every row of a CSV file, read twice: for its encoding, then for its content.

    Row numbers count records, the header being row 1. Raises Unreadable.
    """
    encoding = _encoding(open_)
    text = io.TextIOWrapper(io.BufferedReader(open_(), 1 << 16), encoding, newline="")
    with text:
        first = text.readline(LONGEST_CELL * 10)
        separator = _separator(first)
        told = re.fullmatch(r"(?i)sep=(.)\s*", first)
        again = text if told else _and_then(first, text)
        records = enumerate(_records(again, told[1] if told else separator), 1)
        _, header = next(records, (1, []))
        columns = _columns(header)
        yield from _rows(records, columns)


def _rows(records: Iterator[tuple[int, list[str]]], columns: list[str]) -> Iterator[Row]:
    found = 0
    for number, cells in records:
        if not any(cell.strip() for cell in cells):
            continue
        found += 1
        if found > MOST_ROWS:
            raise Unreadable(
                f"The file has more than {MOST_ROWS:,} rows. Split it; nothing was saved."
            )
        if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
            words = "This row has more cells than the header. Put texts with a separator in quotes."
            yield Row(number, {}, (Fault("", words),))
            continue
        given = zip(columns, map(unguarded, cells), strict=False)
        yield row_of(number, {name: cell for name, cell in given if name in COLUMNS})
    if not found:
        raise Unreadable("The file has a header but no row below it. Nothing was saved.")


def _and_then(first: str, text: Iterable[str]) -> Iterator[str]:
    yield first
    yield from text


def _records(text: Iterable[str], separator: str) -> Iterator[list[str]]:
    reader = csv.reader(text, delimiter=separator)
    number = 0
    try:
        for number, record in enumerate(reader, 1):  # noqa: B007 - told in the message below
            yield record
    except csv.Error as error:
        raise Unreadable(
            f"After row {number} the file cannot be read: perhaps a quotation mark is opened and"
            " never closed. Put it right and upload it again; nothing was saved."
        ) from error


def _encoding(open_: Open) -> str:
    """UTF-8 or UTF-16 by its mark; else UTF-8 where every byte fits, else Windows-1252."""
    with open_() as stream:
        head = stream.read(4) or b""
    if head.startswith(codecs.BOM_UTF8):
        candidates = ["utf-8-sig"]
    elif head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    elif len(head) == 4 and head.count(0) == 2 and (head[1] == head[3] == 0):
        candidates = ["utf-16-le"]
    else:
        candidates = ["utf-8", "cp1252"]
    for encoding in candidates:
        if _is(encoding, open_):
            return encoding
    raise Unreadable(
        "This is no text that can be read as UTF-8, UTF-16 or Windows-1252. Save the list as CSV"
        " and upload that file; nothing was saved."
    )


def _is(encoding: str, open_: Open) -> bool:
    with open_() as stream:
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            while piece := stream.read(1 << 16):
                if _BINARY.search(decoder.decode(piece)):
                    raise Unreadable(
                        "This file holds characters that no list of people has (it may be a"
                        " spreadsheet or a damaged file). Save it as CSV and upload that; nothing"
                        " was saved."
                    )
            decoder.decode(b"", True)
        except UnicodeDecodeError:
            return False
    return True


def _separator(first: str) -> str:
    plain = re.sub(r'"[^"]*"', "", first)
    return max(SEPARATORS, key=plain.count)


def _columns(header: list[str]) -> list[str]:
    """The names of the columns as we call them; unknown ones stay and are not read."""
    if len(header) > MOST_COLUMNS:
        raise Unreadable(f"The file has more than {MOST_COLUMNS} columns. Nothing was saved.")
    names = [re.sub(r"[^a-z0-9]+", "_", cell.strip().lower()).strip("_") for cell in header]
    known = [OTHER_NAMES.get(name, name) for name in names]
    twice = {name for name in known if name in COLUMNS and known.count(name) > 1}
    if twice:
        raise Unreadable(f"The column {min(twice)} is there twice. Nothing was saved.")
    if not {"name", "email", "external_id"} & set(known):
        raise Unreadable(
            "The first row has to name the columns, at least name and email or external_id."
            " Download the template to see them; nothing was saved."
        )
    return known


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
        if _BINARY.search(text):
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
    raise ValueError(f"“{text[:40]}” is no day. Write it like 2027-04-01.")


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
