"""One reading of JSON for everything that arrives from outside."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from integrations.providers.base import Malformed

MAX_DEPTH = 32


def read(body: bytes, *, what: str = "The answer") -> Any:
    """Decode UTF-8 JSON; `Malformed` for NaN, a repeated key, deep nesting or anything else odd."""
    try:
        value = json.loads(
            body.decode("utf-8"), object_pairs_hook=_object, parse_constant=_no_constant
        )
    except _Unwanted as unwanted:
        raise Malformed(f"{what} {unwanted}") from None
    except (ValueError, RecursionError):
        raise Malformed(f"{what} is not JSON that can be read") from None
    _check_depth(value, what)
    return value


def read_object(body: bytes, *, what: str = "The answer") -> dict[str, Any]:
    """The same, for a document that must be an object."""
    value = read(body, what=what)
    if not isinstance(value, dict):
        raise Malformed(f"{what} is not a JSON object")
    return value


class _Unwanted(Exception):
    """Valid for Python's reader, but not a JSON that two readers would understand alike."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise _Unwanted("names the same key twice")
    return result


def _no_constant(_name: str) -> NoReturn:
    raise _Unwanted("holds a number that is not one")


def _check_depth(value: Any, what: str) -> None:
    level: list[Any] = [[value]]
    for _ in range(MAX_DEPTH + 1):
        level = [child for parent in level for child in parent if type(child) in (dict, list)]
        level = [child.values() if type(child) is dict else child for child in level]
        if not level:
            return
    raise Malformed(f"{what} is nested too deeply")
