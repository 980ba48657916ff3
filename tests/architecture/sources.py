"""Which files the tests of the house look at."""

import ast
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# In the order of the straight line; the sandbox stands apart.
APPS = ("sprinto_xero", "access", "integrations", "checks", "people", "workspaces", "jobs", "audit")
PACKAGES = (*APPS, "sandbox")
NOT_OURS = {".git", ".venv", "venv", "data", "staticfiles", "__pycache__", "node_modules"}


def tracked() -> list[Path]:
    """Every file of the project: what git knows, or without git what lies there."""
    if shutil.which("git") and (ROOT / ".git").exists():
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT, text=True, capture_output=True, check=True,
        )  # fmt: skip
        return [path for name in listed.stdout.splitlines() if (path := ROOT / name).is_file()]
    return sorted(_walk())


def _walk() -> Iterator[Path]:
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in NOT_OURS and "_cache" not in name]
        yield from (Path(folder) / name for name in names if not name.endswith(".pyc"))


def modules() -> list[Path]:
    """Every Python module of the project, without migrations."""
    return [path for path in tracked() if path.suffix == ".py" and "migrations" not in path.parts]


def product() -> list[Path]:
    """The modules that people run: neither tests nor migrations."""
    return [path for path in modules() if path.relative_to(ROOT).parts[0] != "tests"]


def name(path: Path) -> str:
    """A path as people say it."""
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    """The parsed module."""
    return ast.parse(path.read_text(), filename=str(path))


def sentence(path: Path) -> str:
    """The first paragraph of a module's docstring, on one line; empty without one."""
    docstring = ast.get_docstring(tree(path)) or ""
    return " ".join(docstring.partition("\n\n")[0].split())
