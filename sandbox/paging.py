"""Opaque cursors: what a client must hand back unchanged to get the next page."""

import base64
import binascii
import json
from dataclasses import asdict, dataclass

from sandbox.errors import ApiError


@dataclass(frozen=True)
class Cursor:
    """Where the next page begins.

    `after` is the key of the last row read, `page` the number of pages read so far, `fresh` false
    when an empty page was already given in this place.
    """

    after: int = 0
    page: int = 0
    fresh: bool = True

    def encode(self) -> str:
        """Give the text that goes over the wire."""
        text = json.dumps(asdict(self), separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(text: str | None) -> Cursor:
    """Read a cursor; none is the beginning.

    Raises ApiError 400 when it is not one of ours.
    """
    if not text:
        return Cursor()
    try:
        padded = text + "=" * (-len(text) % 4)
        return Cursor(**json.loads(base64.urlsafe_b64decode(padded)))
    except (binascii.Error, ValueError, TypeError) as error:
        raise ApiError(400, "next_cursor is not valid") from error


def limit(text: str | None, *, default: int, most: int) -> int:
    """Read a page size: capped at `most`, an error when it is not a positive number."""
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise ApiError(400, "limit must be a positive number")
    return min(int(text), most)
