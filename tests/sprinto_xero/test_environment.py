"""Settings from the environment: what is wrong ends in words that name the variable, no traceback."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.sqlite_only

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "DEPLOYMENT": "production",
    "SECRET_KEY": "x" * 60,
    "AUDIT_SEAL_KEYS": "k1:" + "y" * 40,
    "TRUTO_API_TOKEN": "a token",
    "DATABASE_URL": "postgres://app@127.0.0.1:1/app",
    "REDIS_URL": "redis://127.0.0.1:1/1",
    "CELERY_BROKER_URL": "redis://127.0.0.1:1/0",
    "EMAIL_URL": "smtp+tls://somebody:secret@mail.example.test:587",
    "DEFAULT_FROM_EMAIL": "hub@example.test",
}
SHOW = "from django.conf import settings as s; print(s.EMAIL_HOST, s.EMAIL_PORT, s.EMAIL_USE_TLS)"


def shell(folder: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", SHOW],
        cwd=ROOT,
        env={"DATA_DIR": str(folder), **env},
        text=True,
        capture_output=True,
    )


def test_production_reads_its_mail_server(tmp_path: Path) -> None:
    assert shell(tmp_path, PRODUCTION).stdout == "mail.example.test 587 True\n"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"EMAIL_URL": ""}, "EMAIL_URL is missing"),
        ({"DEFAULT_FROM_EMAIL": ""}, "DEFAULT_FROM_EMAIL is missing"),
        ({"REDIS_URL": ""}, "REDIS_URL is missing"),
        ({"SECRET_KEY": ""}, "SECRET_KEY is missing"),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL must be one of DEBUG, INFO, WARNING, ERROR"),
        ({"SANDBOX": "maybe"}, "SANDBOX must be on or off, not 'maybe'"),
    ],
)
def test_variable_that_is_wrong_is_named(tmp_path: Path, wrong: dict, words: str) -> None:
    done = shell(tmp_path, PRODUCTION | wrong)
    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr
