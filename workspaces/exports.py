"""Lists as CSV files: streamed, readable by spreadsheets, and safe from cells that are formulas."""

import csv
import re
from collections.abc import Iterable, Iterator
from io import StringIO
from itertools import islice

from django.http import StreamingHttpResponse

# What spreadsheets take for the start of a formula, their full-width twins included; see
# https://owasp.org/www-community/attacks/CSV_Injection. The apostrophe keeps the guard reversible.
_STARTS = tuple("=+-@＝＋－＠'\t\r\n\0")
# What may stand before it and is seen by nobody: some programs drop it when they read the cell.
_BLANK = r"\s\x00-\x1f\x7f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff"
_UNSEEN = re.compile(f"[{_BLANK}]*")
# A spreadsheet that separates otherwise than we do cuts a cell in two, and the rest starts anew.
_CUT = rf'([;,\t\r\n][{_BLANK}"]*)'
_START = f"(?=[{re.escape(''.join(_STARTS[:9]))}])"
_INNER, _INNER_GUARDED = re.compile(_CUT + _START), re.compile(f"{_CUT}'{_START}")
_ROWS_A_CHUNK = 500


def guarded(cell: object) -> str:
    """The cell as text; what a spreadsheet would run gets an apostrophe in front. None is "".

    That is the cell itself, or a part of it after what some spreadsheets take for the end of a cell.
    """
    text = "" if cell is None else str(cell)
    runs = text.startswith(_STARTS) or _UNSEEN.sub("", text, count=1).startswith(_STARTS)
    text = _INNER.sub(r"\1'", text)
    return f"'{text}" if runs else text


def unguarded(text: str) -> str:
    """What `guarded` was given; for reading back a file of ours."""
    if "'" not in text:  # as nearly every cell of a long list
        return text
    bare = _INNER_GUARDED.sub(r"\1", text)
    candidates = (bare.removeprefix("'"), bare)
    return next((each for each in candidates if guarded(each) == text), text)


def lines(headers: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """The file in pieces, every cell quoted, with the mark that tells spreadsheets it is UTF-8."""
    yield "\ufeff" + _written([headers])
    remaining = iter(rows)
    while chunk := list(islice(remaining, _ROWS_A_CHUNK)):
        yield _written(chunk)


def download(
    filename: str, headers: Iterable[str], rows: Iterable[Iterable[object]]
) -> StreamingHttpResponse:
    """The answer that a browser saves as `filename` (letters, digits, dashes; without ".csv").

    `rows` are read while they are sent: give an iterator, and memory stays the same at any length.
    """
    return StreamingHttpResponse(
        lines(headers, rows),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{filename}.csv"',
            "Cache-Control": "no-store",
        },
    )


def _written(rows: Iterable[Iterable[object]]) -> str:
    text = StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([map(guarded, row) for row in rows])
    return text.getvalue()
