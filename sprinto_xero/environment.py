"""Reads the environment: what is missing or cannot be meant is an error that names the fix."""

import os
from collections.abc import Sequence

from django.core.exceptions import ImproperlyConfigured

ON = frozenset({"1", "on", "true", "yes"})
OFF = frozenset({"", "0", "off", "false", "no"})
SANDBOX_TOKEN = "sandbox-"  # noqa: S105 - how every API token of the sandbox begins
TRUTO = ("https://api.truto.one", "https://app.truto.one")  # its API, and its connect page
SHORTEST_KEY = 32  # characters of a key that seals


def required(name: str, fix: str) -> str:
    """The variable `name`. Raises ImproperlyConfigured, with `fix`, where it is missing."""
    value = os.environ.get(name, "")
    if not value.strip():
        raise ImproperlyConfigured(f"The environment variable {name} is missing. {fix}")
    return value


def words(name: str, default: Sequence[str] = ()) -> list[str]:
    """The variable `name` as a list: commas between, blanks around each do not count."""
    value = os.environ.get(name)
    if value is None:
        return list(default)
    return [word.strip() for word in value.split(",") if word.strip()]


def seal_keys(name: str, fix: str) -> dict[str, str]:
    """The variable `name` as secrets by their id, in their order: "id:secret,id:secret".

    Raises ImproperlyConfigured, with `fix`, where one is missing, has no id or could be guessed.
    """
    pairs = [pair.strip().partition(":")[::2] for pair in required(name, fix).split(",")]
    if not all(key_id and len(secret) >= SHORTEST_KEY for key_id, secret in pairs):
        raise ImproperlyConfigured(
            f"{name} must be a name, a colon and {SHORTEST_KEY} or more characters; several with"
            f" commas between. {fix}"
        )
    if len(dict(pairs)) < len(pairs):
        raise ImproperlyConfigured(f"{name} has two keys of one name. Name each differently.")
    return dict(pairs)


def refuse_pretence(*addresses: str, token: str) -> None:
    """Raises ImproperlyConfigured for addresses or a token that are not the real Truto's."""
    if addresses != TRUTO:
        raise ImproperlyConfigured(
            "TRUTO_API_BASE_URL and TRUTO_APP_BASE_URL do not point at Truto. Unset them, or set"
            " SANDBOX=on to work with pretend data."
        )
    if token.startswith(SANDBOX_TOKEN):
        raise ImproperlyConfigured(
            "TRUTO_API_TOKEN is a token of the sandbox. Make one at Truto under Settings > API"
            " Tokens."
        )


def switch(name: str, default: bool) -> bool:
    """A variable that is on or off. Raises ImproperlyConfigured for any other word."""
    value = os.environ.get(name, "on" if default else "off").strip().lower()
    if value not in ON | OFF:
        raise ImproperlyConfigured(f"{name} must be on or off, not {value!r}.")
    return value in ON


def one_of(name: str, known: tuple[str, ...], default: str) -> str:
    """A variable that is one of these words, in capitals or not. Raises ImproperlyConfigured."""
    value = os.environ.get(name) or default
    found = {word.lower(): word for word in known}.get(value.strip().lower())
    if found is None:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(known)}, not {value!r}.")
    return found
