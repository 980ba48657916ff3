"""Bodies of requests: JSON that two readers would understand alike, up to a size."""

import json
import math
from typing import Any, NoReturn

from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

LARGEST = 1 << 20  # bytes
DEEPEST = 16


class TooLarge(APIException):
    status_code = 413

    def __init__(self, largest: int) -> None:
        super().__init__(f"The body is larger than {largest // 1024:,} KiB. Send it in parts.")


class StrictJSON(BaseParser):
    """`application/json` in UTF-8, without repeated keys, NaN, lone surrogates or deep nesting."""

    media_type = "application/json"
    largest = LARGEST

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        body = stream.read(self.largest + 1)
        if len(body) > self.largest:
            raise TooLarge(self.largest)
        return read(body)


class JSONWithFile(StrictJSON):
    """The same with room for a file in Base64."""

    largest = 8 << 20


def read(body: bytes) -> Any:
    """The value that `body` holds. Raises ParseError, which says what is odd about it."""
    try:
        value = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_no_number,
            parse_float=_finite,
        )
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # lone surrogates cannot be encoded
    except UnicodeError:
        raise ParseError("The body is not text in UTF-8. Nothing was changed.") from None
    except (ValueError, RecursionError):
        raise ParseError("The body is not JSON that can be read. Nothing was changed.") from None
    _refuse_depth(value)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ParseError("The body names the same field twice. Nothing was changed.")
    return found


def _no_number(name: str) -> NoReturn:
    raise ParseError(f"The body holds {name}, which is no JSON number. Nothing was changed.")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ParseError("The body holds a number that is too large. Nothing was changed.")
    return number


def _refuse_depth(value: Any) -> None:
    level = [value]
    for _ in range(DEEPEST):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return
    raise ParseError(f"The body is nested more than {DEEPEST} deep. Nothing was changed.")


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
