"""How endpoints describe themselves in OpenAPI: from what they declare, so that both stay one."""

import inspect
from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    inline_serializer,
)
from rest_framework import serializers

from workspaces import permissions
from workspaces.rest.bodies import Query
from workspaces.rest.endpoints import Does, Endpoint, Item, Listing
from workspaces.rest.problems import MEDIA_TYPE, ProblemData

KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]{1,200}$"},
    OpenApiParameter.HEADER,
    description="1 to 200 visible ASCII characters of your choice. The same request with the same"
    " key within 24 hours has no second effect and gets the first answer again.",
)
SEEN = OpenApiParameter(
    "If-None-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The ETag of an earlier answer: 304 without a body where nothing has changed.",
    examples=[OpenApiExample("of-an-earlier-answer", '"5d41402abc4b2a76b9719d911017c592"')],
)
RATE = {
    "RateLimit-Limit": "How many requests of this kind the token may make a minute.",
    "RateLimit-Remaining": "How many of them are left.",
    "RateLimit-Reset": "In how many seconds the minute is over.",
}
ERRORS = {
    400: "The request cannot be read: malformed JSON, or a parameter that is unknown or wrong.",
    401: "No token, or one that is wrong, expired or revoked.",
    403: "The token's scopes, or the role of whoever made it, do not allow this.",
    404: "There is nothing under this address for this token.",
    406: "Answers are JSON only.",
    413: "The body is larger than 1 MiB, or 8 MiB where it may hold a file.",
    415: "Bodies are `application/json` only.",
    422: "Understood, but it cannot be done; `errors` names the fields. Nothing was changed.",
    429: "Too many requests; Retry-After says for how many seconds to wait.",
    503: "The provider of the connection does not answer. Nothing was changed.",
}


class Description(AutoSchema):  # type: ignore[misc]
    """drf-spectacular's view of one operation, read from our declarations."""

    view: Endpoint

    def get_summary(self) -> str:
        return self._words()[0].rstrip(".")

    def get_description(self) -> str:
        needed = self.view.needs if self.method == "GET" else self.view.needs_to_write
        scopes = [str(scope) for scope, held in permissions.SCOPES.items() if needed in held]
        wanted = f"Needs `{needed}`, which a token with the scope `{'` or `'.join(scopes)}` has."
        return "\n\n".join([*self._words()[1:], wanted])

    def get_tags(self) -> list[str]:
        return [self.path.split("/")[3]]

    def get_operation_id(self) -> str:
        many = isinstance(self.view, Listing) or getattr(self.view, "many", False)
        kinds = {"GET": "list" if many else "get"}
        kinds |= {"POST": "create", "PUT": "save", "PATCH": "change", "DELETE": "delete"}
        parts = [each for each in self.path.split("/")[3:] if each and "{" not in each]
        words = "_".join(parts).replace("-", "_")
        inside = self.path.rstrip("/").split("/")[-1]
        if self.method == "POST" and len(parts) > 1 and "{" not in inside:
            return words
        return f"{words}_{kinds[self.method]}"

    def get_override_parameters(self) -> list[Any]:
        if self.method == "GET":
            return [*_query(self.view.query_class()), SEEN, *_response_headers("ETag", 200)]
        own = [KEY] if self._does().repeatable else []
        return [*_query(self._does().query), *own, *_response_headers("", self._does().status)]

    def get_request_serializer(self) -> Any:
        return self._does().takes

    def get_response_serializers(self) -> Any:
        if self.method == "GET":
            good: dict[Any, Any] = {
                200: self._read(),
                304: OpenApiResponse(description="The same."),
            }
        else:
            does = self._does()
            empty = OpenApiResponse(description="Done; there is nothing more to say.")
            good = {does.status: does.answers or empty}
        return good | {
            (status, MEDIA_TYPE): OpenApiResponse(ProblemData, description=ERRORS[status])
            for status in self._errors()
        }

    def _read(self) -> Any:
        shown = self.view.answers  # type: ignore[attr-defined]
        if isinstance(self.view, Item) or not getattr(self.view, "many", True):
            return shown
        name = f"{shown.__name__.removesuffix('Data')}Page"
        fields: dict[str, Any] = {"results": shown(many=True)}
        if isinstance(self.view, Listing):
            fields["next"] = serializers.URLField(
                allow_null=True, help_text="The page after this one; null on the last."
            )
            fields["previous"] = serializers.URLField(allow_null=True)
            fields |= self.view.beside().get_fields() if self.view.beside else {}  # type: ignore[attr-defined]
        else:
            name = f"{shown.__name__.removesuffix('Data')}List"
        return inline_serializer(name, fields)

    def _errors(self) -> list[int]:
        found = [400, 401, 403, 406, 429]
        if "{" in self.path or isinstance(self.view, Listing):
            found.append(404)
        if self.method != "GET":
            found += [413, 415, 422]
            found += [503] if self._does().asks_provider else []
        return sorted(found)

    def _does(self) -> Does:
        return getattr(self.view, self.method.lower()).does  # type: ignore[no-any-return]

    def _words(self) -> list[str]:
        of = type(self.view) if self.method == "GET" else getattr(self.view, self.method.lower())
        text = inspect.getdoc(of) or ""
        return [" ".join(part.split()) for part in text.split("\n\n")]


class ClosedBody(OpenApiSerializerExtension):  # type: ignore[misc]
    """Bodies take the fields that are described and no others; registered by being defined."""

    target_class = "workspaces.rest.bodies.Body"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: Any) -> Any:
        described = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return {**described, "additionalProperties": False}


def _query(of: type[Query]) -> list[type[Query]]:
    return [of] if of().fields else []


def _response_headers(etag: str, status: int) -> list[OpenApiParameter]:
    said = RATE | ({etag: "Names this answer; send it back as If-None-Match."} if etag else {})
    return [
        OpenApiParameter(
            name, OpenApiTypes.STR, OpenApiParameter.HEADER, description=words, response=[status]
        )
        for name, words in said.items()
    ]
