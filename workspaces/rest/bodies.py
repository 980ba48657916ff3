"""What requests may say: bodies and query parameters, with everything unknown refused in words."""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from rest_framework import serializers
from rest_framework.exceptions import ParseError

from workspaces.rest.fields import Number, Text

PAGE, LARGEST_PAGE = 100, 500


class Body(serializers.Serializer[Any]):
    """The body of a request; a field that nobody reads is an error, never ignored."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = [name for name in data if name not in self.writable()]
            if unknown:
                known = ", ".join(self.writable()) or "none"
                words = [f"There is no such field. Known are: {known}."]
                raise serializers.ValidationError({str(name)[:100]: words for name in unknown[:20]})
        return super().to_internal_value(data)

    def writable(self) -> list[str]:
        return [name for name, field in self.fields.items() if not field.read_only]


class Query(Body):
    """The query parameters of one endpoint."""


class ListQuery(Query):
    """The query parameters that every list takes."""

    limit = Number(
        min_value=1, max_value=LARGEST_PAGE, default=PAGE, help_text="How many a page holds."
    )
    cursor = Text(
        required=False,
        max_length=2000,
        help_text="Which page: taken unchanged from `next` or `previous` of another one.",
    )


class BadQuery(ParseError):
    """Query parameters that are unknown or not acceptable; `errors` says which and why."""

    default_detail = "Some query parameters are not acceptable."

    def __init__(self, errors: Mapping[str, Any]) -> None:
        super().__init__()
        self.errors = errors


def parameters(of: type[Query], given: QueryDict) -> dict[str, Any]:
    """The query parameters, parsed. Raises BadQuery, also for one that is given twice."""
    twice = [name for name, values in given.lists() if len(values) > 1]
    if twice:
        raise BadQuery({name: ["Give this once."] for name in twice[:20]})
    query = of(data=given.dict())
    if not query.is_valid():
        raise BadQuery(query.errors)
    return dict(query.validated_data)
