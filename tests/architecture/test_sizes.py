"""Functions and files stay small: the budgets of docs/architecture.md."""

import ast
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.architecture import sources

pytestmark = pytest.mark.sqlite_only

Function = ast.FunctionDef | ast.AsyncFunctionDef
BRANCHES = (
    ast.If, ast.IfExp, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.match_case,
    ast.comprehension,
)  # fmt: skip
MEDIAN, P95, LONGEST, MOST_BRANCHES = 8, 30, 50, 8
FILE_P95, FILE_LONGEST = 300, 400


@dataclass(frozen=True)
class Measured:
    """A function: where it stands, its lines without its docstring, its branches."""

    place: str
    lines: int
    branches: int


def functions(path: Path) -> Iterator[Measured]:
    """Every function of a module."""
    for node in ast.walk(sources.tree(path)):
        if isinstance(node, Function):
            place = f"{sources.name(path)}:{node.lineno} {node.name}"
            yield Measured(place, _lines(node), _branches(node))


def _lines(function: Function) -> int:
    whole = (function.end_lineno or function.lineno) - function.lineno + 1
    if ast.get_docstring(function) is None:
        return whole
    docstring = function.body[0]
    return whole - ((docstring.end_lineno or docstring.lineno) - docstring.lineno + 1)


def _branches(function: Function) -> int:
    return sum(isinstance(node, BRANCHES) for node in ast.walk(function))


def p95(figures: Sequence[int]) -> int:
    """The figure that 95 of 100 do not exceed."""
    return sorted(figures)[max(0, -(-len(figures) * 95 // 100) - 1)]


@pytest.fixture(scope="module")
def measured() -> list[Measured]:
    return [each for path in sources.product() for each in functions(path)]


def test_functions_are_short_as_a_whole(measured: list[Measured]) -> None:
    lengths = [each.lines for each in measured]
    assert statistics.median(lengths) <= MEDIAN
    assert p95(lengths) <= P95


def test_function_none_too_long(measured: list[Measured]) -> None:
    assert [f"{each.place}: {each.lines}" for each in measured if each.lines > LONGEST] == []


def test_function_none_with_too_many_branches(measured: list[Measured]) -> None:
    branchy = [each for each in measured if each.branches > MOST_BRANCHES]
    assert [f"{each.place}: {each.branches}" for each in branchy] == []


def test_files_are_short() -> None:
    lengths = {sources.name(path): _file_lines(path) for path in sources.product()}
    assert {name: lines for name, lines in lengths.items() if lines > FILE_LONGEST} == {}
    assert p95(list(lengths.values())) <= FILE_P95


def _file_lines(path: Path) -> int:
    return len(path.read_text().splitlines())


def test_measure_counts_lines_and_branches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "ROOT", tmp_path)
    module = tmp_path / "module.py"
    module.write_text('def f(x):\n    """Say."""\n    if x:\n        return 1\n    return 2\n')
    assert list(functions(module)) == [Measured("module.py:1 f", 4, 1)]
