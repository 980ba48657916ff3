"""Reads the environment: what is missing or cannot be meant is an error that names the fix."""

import os

from django.core.exceptions import ImproperlyConfigured

ON = frozenset({"1", "on", "true", "yes"})
OFF = frozenset({"", "0", "off", "false", "no"})


def required(name: str, fix: str) -> str:
    """The variable `name`. Raises ImproperlyConfigured, with `fix`, where it is missing."""
    value = os.environ.get(name, "")
    if not value:
        raise ImproperlyConfigured(f"The environment variable {name} is missing. {fix}")
    return value


def switch(name: str, default: bool) -> bool:
    """A variable that is on or off. Raises ImproperlyConfigured for any other word."""
    value = os.environ.get(name, "on" if default else "off").strip().lower()
    if value not in ON | OFF:
        raise ImproperlyConfigured(f"{name} must be on or off, not {value!r}.")
    return value in ON


def one_of(name: str, words: tuple[str, ...], default: str) -> str:
    """A variable that is one of these words, in capitals or not. Raises ImproperlyConfigured."""
    value = os.environ.get(name) or default
    found = {word.lower(): word for word in words}.get(value.strip().lower())
    if found is None:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(words)}, not {value!r}.")
    return found
