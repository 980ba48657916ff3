"""No name that says nothing, no path of somebody's machine, no host of a package registry."""

import re
from pathlib import Path

import pytest

from tests.architecture import sources

pytestmark = pytest.mark.sqlite_only

EMPTY_WORDS = re.compile(r"^(utils?|helpers?|common|managers?|processors?|misc|tools)$")
# Brackets around a character keep this file from finding itself.
FORBIDDEN = {
    "a machine's path": re.compile(r"/(work|root)[/]|/(home|Users)[/]\w|file:[/]{3}"),
    "a registry's host": re.compile(r"pypi[.]org|pythonhosted[.]org|npmjs[.](org|com)"),
}
BINARY = {".png", ".ico", ".jpg", ".woff2", ".gz"}


def found(path: Path) -> list[str]:
    """What a file says that it should not."""
    if path.suffix in BINARY:
        return []
    lines = path.read_text(errors="replace").splitlines()
    return [
        f"{sources.name(path)}:{number}: {what}"
        for number, line in enumerate(lines, start=1)
        for what, pattern in FORBIDDEN.items()
        if pattern.search(line)
    ]


def test_modules_have_names_that_say_something() -> None:
    names = {sources.name(path): (path.stem, path.parent.name) for path in sources.modules()}
    assert [path for path, words in names.items() if any(map(EMPTY_WORDS.match, words))] == []


def test_files_name_no_machine_and_no_registry() -> None:
    assert [line for path in sources.tracked() for line in found(path)] == []


def test_lock_files_have_a_hash_for_everything_and_no_index() -> None:
    for lock in ("requirements.lock", "requirements-dev.lock"):
        lines = (sources.ROOT / lock).read_text().splitlines()
        assert not [line for line in lines if line.startswith("-") or "://" in line]
        assert not [line for line in lines if "==" in line and not line.endswith("\\")]


def test_machine_path_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "ROOT", tmp_path)
    note = tmp_path / "note.md"
    note.write_text("look in /" + "home/somebody/folder\n")
    assert found(note) == ["note.md:1: a machine's path"]
