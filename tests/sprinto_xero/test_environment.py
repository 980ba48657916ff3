"""Settings from the environment: what is wrong ends in words that name the variable, no traceback."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from integrations.services.syncing import reading
from jobs import services as jobs
from people.services.importing import files
from people.tasks import run_import
from sprinto_xero.environment import seal_keys, words

pytestmark = pytest.mark.sqlite_only

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "DEPLOYMENT": "production",
    "SECRET_KEY": "x" * 60,
    "AUDIT_SEAL_KEYS": "k1:" + "y" * 40,
    "TRUTO_API_TOKEN": "a token",
    "TRUTO_WEBHOOK_SECRETS": "a secret",
    "TRUTO_ENVIRONMENT_ID": "an id",
    "DATABASE_URL": "postgres://app@127.0.0.1:1/app",
    "REDIS_URL": "redis://127.0.0.1:1/1",
    "CELERY_BROKER_URL": "redis://127.0.0.1:1/0",
    "EMAIL_URL": "smtp+tls://somebody:secret@mail.example.test:587",
    "DEFAULT_FROM_EMAIL": "hub@example.test",
}
MAIL = "s.EMAIL_HOST, s.EMAIL_PORT, s.EMAIL_USE_TLS"


def shell(folder: Path, env: dict[str, str], shown: str = MAIL) -> subprocess.CompletedProcess[str]:
    code = f"from django.conf import settings as s; print({shown})"
    return subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", code],
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
        ({"REDIS_URL": " "}, "REDIS_URL is missing"),
        ({"SECRET_KEY": ""}, "SECRET_KEY is missing"),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL must be one of DEBUG, INFO, WARNING, ERROR"),
        ({"SANDBOX": "maybe"}, "SANDBOX must be on or off, not 'maybe'"),
        ({"SANDBOX": "on"}, "SANDBOX=on is not allowed with DEPLOYMENT=production"),
        ({"DEBUG": "on"}, "DEBUG=on is not allowed with DEPLOYMENT=production"),
        ({"TRUTO_API_TOKEN": "sandbox-1"}, "TRUTO_API_TOKEN is a token of the sandbox"),
        ({"TRUTO_API_BASE_URL": "http://localhost:1"}, "TRUTO_API_BASE_URL"),
        ({"TRUTO_APP_BASE_URL": "https://truto.example"}, "TRUTO_APP_BASE_URL do not point at"),
        ({"TRUTO_WEBHOOK_SECRETS": ""}, "TRUTO_WEBHOOK_SECRETS is missing"),
        ({"TRUTO_ENVIRONMENT_ID": ""}, "TRUTO_ENVIRONMENT_ID is missing"),
        ({"AUDIT_SEAL_KEYS": "k1:"}, "AUDIT_SEAL_KEYS must be a name, a colon and 32"),
        ({"AUDIT_SEAL_KEYS": "k1"}, "AUDIT_SEAL_KEYS must be a name, a colon and 32"),
    ],
)
def test_variable_that_is_wrong_is_named(tmp_path: Path, wrong: dict, words: str) -> None:
    done = shell(tmp_path, PRODUCTION | wrong)
    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_limits_of_tasks_lie_within_lease_and_visibility() -> None:
    """Nobody takes over from a worker that may still be at it, and Redis gives nothing twice."""
    assert jobs.LEASE.total_seconds() > settings.CELERY_TASK_TIME_LIMIT
    assert reading.LIMITS.whole + reading.PATIENCE < settings.CELERY_TASK_SOFT_TIME_LIMIT
    assert files.LEASE_TO_APPLY.total_seconds() > run_import.time_limit
    assert max(settings.CELERY_TASK_TIME_LIMIT, run_import.time_limit) < settings.LONGEST_TASK


@pytest.mark.parametrize(
    "keys", ["k1:" + "y" * 31, ":" + "y" * 40, f"k1:{'y' * 40},", f"k1:{'y' * 40},k1:{'z' * 40}"]
)
def test_seal_keys_that_are_weak_or_unclear_are_refused(
    keys: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEYS", keys)
    with pytest.raises(ImproperlyConfigured, match="KEYS"):
        seal_keys("KEYS", "")


def test_seal_keys_with_blanks_between_them_are_read_without(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KEYS", f" k2:{'y' * 40}, k1:{'z' * 40}\n")
    assert seal_keys("KEYS", "") == {"k2": "y" * 40, "k1": "z" * 40}


def test_words_with_blanks_between_them_are_read_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORDS", " new, old ,,")
    assert words("WORDS") == ["new", "old"]


def test_words_of_a_variable_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORDS", raising=False)
    assert words("WORDS") == []
    assert words("WORDS", default=["one"]) == ["one"]


def test_settings_that_are_lists_are_read_without_blanks(tmp_path: Path) -> None:
    names = ("TRUTO_WEBHOOK_SECRETS", "SECRET_KEY_FALLBACKS", "ALLOWED_HOSTS")
    lists = dict.fromkeys((*names, "CSRF_TRUSTED_ORIGINS"), "https://a.test, https://b.test")
    done = shell(tmp_path, PRODUCTION | lists, ", ".join(f"s.{name}" for name in lists))
    assert done.stdout.strip() == " ".join(["['https://a.test', 'https://b.test']"] * len(lists))


def test_seal_keys_keep_their_order_and_may_hold_colons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEYS", f"k2:{'y' * 40},k1:a:{'z' * 40}")
    assert list(seal_keys("KEYS", "").items()) == [("k2", "y" * 40), ("k1", "a:" + "z" * 40)]
