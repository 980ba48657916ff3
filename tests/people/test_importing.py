"""Tests of people: reading lists of staff from files, without a database."""

import contextlib
import tracemalloc
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people import importing
from people.importing import Row, Unreadable
from workspaces import exports

LIST = "name,email\nZoë Ünal,zoe@example.test\nAlex One,alex@example.test\n"


def read(content: bytes | str) -> list[Row]:
    raw = content.encode() if isinstance(content, str) else content
    return list(importing.rows(lambda: importing.Pieces([raw[:7], raw[7:]])))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_list_is_read_in_every_encoding_and_separator(encoding, separator, newline):
    text = LIST.replace(",", separator).replace("\n", newline)
    found = read(text.encode(encoding))
    assert [row.values["name"] for row in found] == ["Zoë Ünal", "Alex One"]
    assert [row.number for row in found] == [2, 3]


def test_quoted_newlines_and_separators_belong_to_the_cell():
    [row] = read('name;email\n"One,\nAlex; Example";a@example.test\n')
    assert row.values["name"] == "One, Alex; Example"


def test_cells_are_read_as_what_they_mean():
    header = ",".join(importing.COLUMNS)
    cells = 'Alex One,a@example.test,E-1,Contractor,"Sales | Accountant",E-2,2026-4-1,31.12.2027,'
    [row] = read(f"{header}\n{cells}yes,b@example.test|c@example.test\n")
    assert row.faults == ()
    assert row.values["org_roles"] == ("Sales", "Accountant")
    assert (row.values["starts_on"], row.values["last_working_day"]) == (
        date(2026, 4, 1),
        date(2027, 12, 31),
    )
    assert (row.values["employment_type"], row.values["on_leave"]) == ("contractor", True)
    assert row.values["aliases"] == ("b@example.test", "c@example.test")


@pytest.mark.parametrize(
    ("column", "cell", "words"),
    [
        ("email", "nobody", "no e-mail address"),
        ("starts_on", "04/01/2026", "is no day"),
        ("starts_on", "2026-02-30", "is no day"),
        ("employment_type", "robot", "Write one of"),
        ("on_leave", "perhaps", "yes or no"),
        ("name", "x" * 201, "Shorten"),
        ("name", "half \ud800", "half a character"),
        ("name", "nul \x00", "cannot be kept"),
        ("aliases", "|".join(f"a{n}@example.test" for n in range(51)), "at most 50"),
    ],
)
def test_bad_cell_is_a_fault_of_its_column(column, cell, words):
    row = importing.row_of(5, {"name": "Alex", "email": "a@example.test", column: cell})
    assert [(fault.column, words in fault.words) for fault in row.faults] == [(column, True)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04\x14\x00\x06\x00" * 50, "characters that no list"),
        (b"na\x00me,email\nAlex,a@example.test\n", "characters that no list"),
        (b"\x81\x8d\x8f\x90", "no text"),
        (b"\xff\xfea", "no text"),
        (b"", "name the columns"),
        (b"\n\n\n", "name the columns"),
        (b"just,some,words\n1,2,3\n", "name the columns"),
        (b"name,email\n", "no row below"),
        (b"name,email,E-mail\nAlex,a@example.test,b@example.test\n", "there twice"),
        (b'name,email\n"Alex,' + b"a" * 200_000, "quotation mark"),
        (b"name," * 200, "more than 100 columns"),
    ],
)
def test_rubbish_is_refused_in_words(content, words):
    with pytest.raises(Unreadable, match=words):
        read(content)


def test_nul_byte_is_a_fault_of_its_row_and_the_others_are_read():
    one, other = read("name,email,starts_on\nA\x00lex,a@example.test,\x00\nB,b@example.test,\n")
    assert [fault.column for fault in one.faults] == ["name", "starts_on"]
    assert "\x00" not in "".join(fault.words for fault in one.faults)
    assert other.faults == ()


def test_row_with_more_cells_than_the_header_is_a_fault():
    [row] = read("name,email\nOne, Alex,a@example.test\n")
    assert "more cells" in row.faults[0].words


def test_separator_line_of_spreadsheets_is_understood():
    [row] = read("sep=;\nname;email\nAlex;a@example.test\n")
    assert row.values["email"] == "a@example.test"


def test_exported_formula_comes_back_as_it_was():
    text = "".join(exports.lines(["name", "email"], [["=1+1", "a@example.test"]]))
    assert read(text)[0].values["name"] == "=1+1"


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content):
    with contextlib.suppress(Unreadable):
        read(content)


def test_long_list_is_read_in_little_memory():
    line = b"Alex One,alex@example.test\n" * 2_000

    def pieces():
        yield b"name,email\n"
        yield from (line for _ in range(30))

    tracemalloc.start()
    count = sum(1 for _ in importing.rows(lambda: importing.Pieces(pieces())))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 60_000
    assert peak < 2_000_000
