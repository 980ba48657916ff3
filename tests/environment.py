"""The environment of tests: set before Django reads its settings, overridable from outside."""

import os
import tempfile

DEFAULTS = {
    "SECRET_KEY": "test-only-secret-key-0123456789-0123456789-0123456789-abc",
    "AUDIT_SEAL_KEYS": "k1:test-only-seal-key-0123456789-0123456789",
    "TRUTO_API_TOKEN": "test-only-token",
    "TRUTO_WEBHOOK_SECRETS": "test-only-webhook-secret",
    "TRUTO_ENVIRONMENT_ID": "00000000-0000-4000-8000-000000000001",
    "SANDBOX": "on",
    "CELERY_BROKER_URL": "memory://",
    "LOG_LEVEL": "WARNING",
}


def prepare() -> None:
    """Fill in what is not set; a data folder of its own for every test process."""
    for name, value in DEFAULTS.items():
        os.environ.setdefault(name, value)
    if "DATA_DIR" not in os.environ:
        os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="hub-tests-")
    # Playwright's fixtures run an event loop in the test's thread; our code is plain sync code.
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


# Loaded by "-p tests.environment" in pyproject.toml: pytest-django reads the settings before any
# conftest is imported.
prepare()
