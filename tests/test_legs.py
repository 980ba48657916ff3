"""The legs' summary and exit code: nothing that is missing or broken looks like success."""

import os
import subprocess
from pathlib import Path

import pytest

from tests import legs

pytestmark = pytest.mark.sqlite_only

GOOD = legs.Result(legs.Leg("sqlite", "", {}), 0, passed=3)


def test_summary_of_good_legs_is_success(capsys: pytest.CaptureFixture[str]) -> None:
    assert legs.summary([GOOD], []) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "3 passed, 0 failed, 0 skipped"


@pytest.mark.parametrize(("ci", "code"), [("true", 1), ("", 0)])
def test_leg_left_out_fails_in_ci_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], ci: str, code: int
) -> None:
    monkeypatch.setenv("CI", ci)
    assert legs.summary([GOOD], ["journeys left out. Not installed: Chromium."]) == code
    assert "Not installed: Chromium" in capsys.readouterr().out


@pytest.mark.parametrize(
    "result",
    [
        legs.Result(GOOD.leg, 1, passed=9, failed=1),
        legs.Result(GOOD.leg, 2),  # interrupted, or broken before the first test
        legs.Result(GOOD.leg, -9),
    ],
)
def test_broken_leg_is_a_failure(result: legs.Result) -> None:
    assert legs.summary([GOOD, result], []) == 1


def test_nothing_run_at_all_is_a_failure() -> None:
    assert legs.summary([legs.Result(GOOD.leg, legs.NOTHING_SELECTED)], []) == 1
    assert legs.summary([], []) == 1


def test_leg_without_a_test_beside_one_with_tests_is_fine() -> None:
    assert legs.summary([GOOD, legs.Result(GOOD.leg, legs.NOTHING_SELECTED)], []) == 0


def test_marks_of_the_caller_are_added_to_the_legs(tmp_path: Path) -> None:
    argv = legs.command(legs.sqlite(), ["-m", "slow", "tests/people"], tmp_path / "x.xml", 1)
    expression = argv[argv.index("-m", 3) + 1]
    assert expression == "(not journeys and not long and not postgres_only) and (slow)"
    assert argv[-1] == "tests/people"


def test_leg_inherits_nobodys_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://somebody")
    monkeypatch.setenv("CELERY_BROKER_URL", "redis://somebody")
    assert not {"DATABASE_URL", "CELERY_BROKER_URL"} & set(legs.environment(legs.sqlite()))


def test_half_made_environment_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    for name in ("environment", "run"):
        (tmp_path / "bin" / name).write_text((legs.ROOT / "bin" / name).read_text())
    (tmp_path / "bin" / "run").chmod(0o755)
    (tmp_path / "requirements.lock").touch()  # nothing to install
    (tmp_path / "manage.py").write_text("import sys; print('started in', sys.prefix)\n")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").write_text("broken")
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    first, second = (
        subprocess.run([tmp_path / "bin" / "run"], env=env, text=True, capture_output=True)
        for _ in range(2)
    )
    assert f"started in {tmp_path}" in first.stdout, first.stdout + first.stderr
    assert "Installing" in first.stdout
    assert "Installing" not in second.stdout
