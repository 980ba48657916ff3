"""Reading lists of staff from files: encoding, separator, columns; pure and streaming."""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from people.importing.cells import row_of
from people.importing.row import BINARY, COLUMNS, Fault, Row
from workspaces.exports import unguarded

MOST_ROWS = 200_000
MOST_COLUMNS = 100
LONGEST_CELL = 4_000
SEPARATORS = ",;\t"
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
    "terminated_on": "last_working_day",
    "leaving_date": "last_working_day",
    "leave_date": "last_working_day",
    "exit_date": "last_working_day",
    "hire_date": "starts_on",
}


class Unreadable(ValueError):
    """The file as a whole is no list; `words` say what to do."""

    @property
    def words(self) -> str:
        return str(self)


Open = Callable[[], io.RawIOBase]
Records = Iterator[tuple[int, list[str]]]  # by their number in the file


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
    with _table(open_) as (header, records):
        yield from _rows(records, _columns(header))


def unread(open_: Open) -> list[str]:
    """The columns that the file has and `rows` passes over, as they are written there."""
    with _table(open_) as (header, _):
        named = zip(header, _columns(header), strict=True)
        return [cell.strip()[:100] for cell, name in named if name and name not in COLUMNS]


@contextmanager
def _table(open_: Open) -> Iterator[tuple[list[str], Records]]:
    """The header of a file, and the numbered records below it."""
    encoding = _encoding(open_)
    text = io.TextIOWrapper(io.BufferedReader(open_(), 1 << 16), encoding, newline="")
    with text:
        first = text.readline(LONGEST_CELL * 10)
        _refuse_binary(first)
        separator = _separator(first)
        told = re.fullmatch(r"(?i)sep=(.)\s*", first)
        again = text if told else _and_then(first, text)
        records = enumerate(_records(again, told[1] if told else separator), 1)
        _, header = next(records, (1, []))
        yield header, records


def _rows(records: Records, columns: list[str]) -> Iterator[Row]:
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


def _refuse_binary(first: str) -> None:
    """A file that begins so is no list at all; further down it is a fault of one row."""
    if BINARY.search(first):
        raise Unreadable(
            "This file holds characters that no list of people has (it may be a spreadsheet or a"
            " damaged file). Save it as CSV and upload that; nothing was saved."
        )


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
                decoder.decode(piece)
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
