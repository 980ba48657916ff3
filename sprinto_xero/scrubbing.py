"""Keeps secrets that stand in addresses (invitations, password links) out of the logs."""

import re
from collections.abc import MutableMapping
from typing import Any

SECRET_PATHS = re.compile(
    r"((?:/join/|/password/reset/key/|/confirm-email/)|%2Fjoin%2F)[^/\s\"'%?&>]+"
)


def scrub(logger: Any, name: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: the secret part of such an address becomes "…" in every text."""
    for key, value in line.items():
        if isinstance(value, str):
            line[key] = SECRET_PATHS.sub(r"\1…", value)
    return line
