"""Fields that take exactly the JSON type they name: 1 is no text, and "true" is no flag."""

import re
import uuid
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from workspaces.models import Workspace

FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


Method = TypeVar("Method", bound=Callable[..., Any])


def shown_as(field: Any) -> Callable[[Method], Method]:
    """What the value of a serializer's method looks like, for the description of the API."""
    described: Callable[[Method], Method] = extend_schema_field(field)
    return described


class Text(serializers.CharField):
    """A JSON string."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Flag(serializers.BooleanField):
    """`true` or `false`."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class QueryFlag(serializers.BooleanField):
    """`true` or `false` where they stand in an address."""

    def to_internal_value(self, data: Any) -> bool:
        if data not in ("true", "false"):
            self.fail("invalid", input=data)
        return bool(data == "true")


class Number(serializers.IntegerField):
    """A whole number, written in digits where it stands in an address."""

    def to_internal_value(self, data: Any) -> int:
        digits = isinstance(data, str) and re.fullmatch(r"-?\d{1,18}", data, re.ASCII)
        if not digits and type(data) is not int:
            self.fail("invalid")
        return super().to_internal_value(data)


class Choice(serializers.ChoiceField):
    """One of a few words."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=data)
        return super().to_internal_value(data)


class Day(serializers.DateField):
    """A day of the calendar, as 2027-04-01."""

    def to_internal_value(self, value: Any) -> Any:
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            self.fail("invalid", format="YYYY-MM-DD")
        return super().to_internal_value(value)


class Instant(serializers.DateTimeField):
    """An instant with its zone, as 2027-04-01T12:00:00Z."""

    def to_internal_value(self, value: Any) -> datetime:
        if not isinstance(value, str) or not _INSTANT.fullmatch(value):
            self.fail("invalid", format="YYYY-MM-DDThh:mm:ssZ")
        try:
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
        except OverflowError:  # in the years 1 and 9999, depending on the zone
            return FIRST if value.startswith("0001") else LAST
        except ValueError:
            self.fail("invalid", format="YYYY-MM-DDThh:mm:ssZ")


@extend_schema_field(OpenApiTypes.BYTE)
class Base64(serializers.Field):  # type: ignore[type-arg]
    """Bytes as a JSON string in Base64 (RFC 4648), up to `largest` of them.

    No kind of text field: what looks at each character would take seconds for a file.
    """

    default_error_messages = {
        "invalid": "Give it in Base64.",
        "too_large": "This is larger than {largest} bytes.",
    }

    def __init__(self, *, largest: int, **how: Any) -> None:
        super().__init__(**how)
        self.largest = largest

    def to_internal_value(self, data: Any) -> bytes:
        if not isinstance(data, str):
            self.fail("invalid")
        if len(data) > (self.largest + 2) // 3 * 4:
            self.fail("too_large", largest=self.largest)
        try:
            return b64decode(data, validate=True)
        except ValueError:
            self.fail("invalid")

    def to_representation(self, value: bytes) -> str:
        return b64encode(value).decode()


class Id(serializers.UUIDField):
    """A UUID in its usual spelling."""

    def to_internal_value(self, data: Any) -> uuid.UUID:
        if not isinstance(data, str) or not _ID.fullmatch(data):
            self.fail("invalid", value=data)
        return uuid.UUID(data)


@extend_schema_field(OpenApiTypes.UUID)
class Ref(serializers.Field):  # type: ignore[type-arg]
    """The id of a thing of the token's workspace; a foreign id answers as one that is nobody's."""

    default_error_messages = {
        "invalid": "Give an id, as in the list of these.",
        "absent": "There is nothing with this id in the workspace.",
    }

    def __init__(self, rows: Callable[[Workspace], QuerySet[Any]], **how: Any) -> None:
        super().__init__(**how)
        self.rows = rows

    def to_internal_value(self, data: Any) -> Model:
        if not isinstance(data, str) or not _ID.fullmatch(data):
            self.fail("invalid")
        found: Model | None = self.rows(self.context["workspace"]).filter(pk=data).first()
        if found is None:
            self.fail("absent")
        return found

    def to_representation(self, value: Any) -> str:
        return str(value.pk)


class Refs(serializers.ListField):
    """Ids of things of the token's workspace: looked up together, each counted once."""

    child = Id()

    def __init__(self, rows: Callable[[Workspace], QuerySet[Any]], **how: Any) -> None:
        super().__init__(**how)
        self.rows = rows

    def to_internal_value(self, data: Any) -> list[Any]:
        ids = super().to_internal_value(data)
        found = self.rows(self.context["workspace"]).in_bulk(ids)
        words = [Ref.default_error_messages["absent"]]
        absent: Any = {place: words for place, each in enumerate(ids) if each not in found}
        if absent:
            raise serializers.ValidationError(absent)
        return [found[each] for each in dict.fromkeys(ids)]
