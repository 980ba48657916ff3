"""CSV files: no cell runs as a formula, everything comes back as it was, long lists stream."""

import csv
from io import StringIO
from itertools import count, islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workspaces import exports

RUNNING = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "  =1",
    "＝1",
    "'=1",
    "\u00a0=1",
    "\ufeff@A1",
    "\u200b=1",
]


@pytest.mark.parametrize("cell", RUNNING)
def test_cell_that_would_run_is_guarded(cell: str) -> None:
    assert exports.guarded(cell)[0] == "'"
    assert exports.unguarded(exports.guarded(cell)) == cell


@pytest.mark.parametrize("cell", ["", "Alex One", "a=b", "1-2", "alex@example.test"])
def test_plain_cell_stays_as_it_is(cell: str) -> None:
    assert exports.guarded(cell) == cell


def test_nothing_is_an_empty_cell() -> None:
    assert exports.guarded(None) == ""


@pytest.mark.parametrize("cell", ["Ann;=1+1;x", "a\t=1", "a, =1", 'a;"=1', "a\r\n@b", ";=;=1"])
@pytest.mark.parametrize("separator", [";", "\t", ","])
def test_part_of_a_cell_that_other_separators_cut_off_does_not_run(
    cell: str, separator: str
) -> None:
    written = "".join(exports.lines(["A", "B"], [["x", cell]]))
    parts = [
        part.strip('" \r\n') for line in written.splitlines() for part in line.split(separator)
    ]
    assert not [part for part in parts if part[:1] in ("=", "+", "-", "@")]
    assert exports.unguarded(exports.guarded(cell)) == cell


@given(st.text(st.sampled_from(";,'=a \t\"\n-")))
def test_guard_within_a_cell_can_be_taken_off_again(cell: str) -> None:
    assert exports.unguarded(exports.guarded(cell)) == cell


@given(st.text())
def test_guard_can_be_taken_off_again(cell: str) -> None:
    assert exports.unguarded(exports.guarded(cell)) == cell


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1))
def test_no_cell_of_a_file_starts_like_a_formula(cells: list[str]) -> None:
    text = "".join(exports.lines(["Cell"], [[cell] for cell in cells]))
    assert text.startswith("\ufeff")
    read = [row[0] for row in csv.reader(StringIO(text[1:], newline=""))][1:]
    assert [exports.unguarded(cell) for cell in read] == cells
    assert not any(
        cell.lstrip(" ")[:1] in set("=+-@＝＋－＠\t\r\n") - {""} for cell in read if cell
    )


def test_endless_list_is_sent_piece_by_piece() -> None:
    pieces = islice(exports.lines(["Number"], ([n] for n in count())), 3)
    assert [piece.count("\r\n") for piece in pieces] == [1, 500, 500]


def test_download_names_the_file_and_is_not_kept() -> None:
    response = exports.download("staff-access", ["Name"], [["Alex One"]])
    assert response["Content-Disposition"] == 'attachment; filename="staff-access.csv"'
    assert response["Cache-Control"] == "no-store"
    assert b"".join(response.streaming_content) == '\ufeff"Name"\r\n"Alex One"\r\n'.encode()
