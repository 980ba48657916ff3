"""Writes the tree in docs/architecture.md from the sentence that opens each module."""

from pathlib import Path

from tests.architecture import sources

PAGE = sources.ROOT / "docs" / "architecture.md"
BEGIN = "<!-- tree: written by `bin/check --write-docs` -->"
END = "<!-- end of the tree -->"


def lines_of(package: str) -> list[str]:
    """A package's heading, its own sentence, and one line a module."""
    home = sources.ROOT / package
    opening = home / "__init__.py"
    rest = sorted(path for path in sources.product() if home in path.parents and path != opening)
    listed = [line for path in rest if (line := _line(path, home))]
    return [f"### `{package}/`", "", sources.sentence(opening), "", *listed, ""]


def _line(path: Path, home: Path) -> str:
    """One module's line; a package stands for itself by its __init__, and says nothing if empty."""
    words = sources.sentence(path)
    shown = path.relative_to(home).as_posix().removesuffix("__init__.py")
    return f"- `{shown}`: {words}" if words else ""


def text() -> str:
    """The whole section, between its two marks."""
    lines = [line for package in sources.PACKAGES for line in lines_of(package)]
    return "\n".join([BEGIN, "", *lines, END])


def page() -> str:
    """The page as it should be: everything outside the marks is kept."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + text() + after


if __name__ == "__main__":
    PAGE.write_text(page())
    print(f"{PAGE.relative_to(sources.ROOT)} is up to date.")
