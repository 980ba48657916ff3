"""How the sandbox reads its environment variables, and what it says when one is missing."""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

ON = {"1", "on", "true", "yes"}
OFF = {"0", "off", "false", "no", ""}


def switch(name: str, *, default: bool) -> bool:
    """Read an on/off variable; anything unclear is an error rather than a guess."""
    value = os.environ.get(name, "on" if default else "off").strip().lower()
    if value in ON | OFF:
        return value in ON
    raise ImproperlyConfigured(f"{name} must be on or off, not {value!r}.")


def required(name: str, *, hint: str) -> str:
    """Read a variable that has no sensible default."""
    value = os.environ.get(name, "").strip()
    if not value:
        raise ImproperlyConfigured(f"The sandbox needs {name}. {hint}")
    return value


def choice(name: str, *, options: tuple[str, ...]) -> str:
    """Read a variable with a few allowed words; the first is the default."""
    value = os.environ.get(name, "").strip() or options[0]
    if value not in options:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(options)}, not {value!r}.")
    return value


def number(name: str, *, default: float) -> float:
    """Read a number."""
    try:
        return float(os.environ.get(name, "") or default)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a number.") from error


def words(name: str) -> list[str]:
    """Read a comma-separated list."""
    return [word.strip() for word in os.environ.get(name, "").split(",") if word.strip()]


def kept_secret(path: Path) -> str:
    """Read a secret kept in a file, making it on first use, readable by the owner only."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return path.read_text().strip()
