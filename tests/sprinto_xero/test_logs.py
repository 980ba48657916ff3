"""Lines of the log: those of libraries are whole too, and no traceback quotes a secret address."""

import json
import logging
import sys

import pytest
from django.utils.module_loading import import_string

from sprinto_xero import logs


def line(embedded: bool) -> str:
    """What is written where a library logs an error with its exception."""
    how = dict(logs.lines(embedded=embedded, level="INFO")["formatters"]["lines"])
    kind = how.pop("()")
    formatter = (import_string(kind) if isinstance(kind, str) else kind)(**how)
    try:
        raise ValueError("no such page: /join/canary-of-a-link/")
    except ValueError:
        told = ("a.library", logging.ERROR, __file__, 1, "It broke", (), sys.exc_info())
        written: str = formatter.format(logging.LogRecord(*told))
    return written


@pytest.mark.parametrize("embedded", [True, False])
def test_traceback_of_a_library_is_told_without_the_secret_of_an_address(embedded: bool) -> None:
    written = line(embedded)
    assert "Traceback" in written
    assert "no such page: /join/" in written
    assert "canary" not in written


def test_line_of_a_library_says_when_and_how_bad() -> None:
    said = json.loads(line(embedded=False))
    assert (said["level"], said["logger"], said["event"]) == ("error", "a.library", "It broke")
    assert said["timestamp"]
