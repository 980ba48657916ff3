"""The import contracts of pyproject.toml hold, and cover every app."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture import sources

pytestmark = pytest.mark.sqlite_only


def lint(folder: Path, config: Path) -> subprocess.CompletedProcess[str]:
    code = "from importlinter.cli import lint_imports_command as lint; lint()"
    argv = [sys.executable, "-c", code, "--no-cache", "--config", str(config)]
    return subprocess.run(argv, cwd=folder, text=True, capture_output=True)


def test_imports_follow_the_line() -> None:
    done = lint(sources.ROOT, sources.ROOT / "pyproject.toml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_contracts_cover_every_app() -> None:
    config = tomllib.loads((sources.ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    assert set(config["root_packages"]) == set(sources.PACKAGES)
    line = next(each for each in config["contracts"] if each["name"] == "one straight line of apps")
    assert tuple(line["layers"]) == sources.APPS


def test_import_against_the_line_is_found(tmp_path: Path) -> None:
    for package, line in (("low", "import high\n"), ("high", "")):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text(line)
    config = tmp_path / "contracts.ini"
    config.write_text(
        "[importlinter]\nroot_packages =\n    high\n    low\n"
        "[importlinter:contract:line]\nname = line\ntype = layers\nlayers =\n    high\n    low\n"
    )
    assert lint(tmp_path, config).returncode == 1
