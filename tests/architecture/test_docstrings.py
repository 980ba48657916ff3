"""Every module opens with one sentence, and the page of the architecture shows them."""

from pathlib import Path

import pytest

from tests.architecture import sources, tree

pytestmark = pytest.mark.sqlite_only


def unspoken(paths: list[Path]) -> list[str]:
    """The modules with code but without an opening sentence that fits on a line."""
    said = {path: sources.sentence(path) for path in paths if path.read_text().strip()}
    return [sources.name(path) for path, words in said.items() if not words.endswith(".")]


def test_modules_open_with_a_sentence() -> None:
    assert unspoken(sources.modules()) == []


def test_packages_say_what_they_are() -> None:
    silent = [name for name in sources.PACKAGES if not _opening(name)]
    assert silent == []


def _opening(package: str) -> str:
    return sources.sentence(sources.ROOT / package / "__init__.py")


def test_architecture_page_shows_the_tree_as_it_is() -> None:
    assert tree.PAGE.read_text() == tree.page(), "Run bin/check --write-docs and commit the page."


def test_module_without_a_sentence_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "ROOT", tmp_path)
    silent = tmp_path / "silent.py"
    silent.write_text("x = 1\n")
    assert unspoken([silent]) == ["silent.py"]
