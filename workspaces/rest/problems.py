"""Errors as RFC 9457 problem details: what happened and what to do, in one shape."""

import json
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Protocol, runtime_checkable

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from rest_framework import exceptions, serializers
from rest_framework.response import Response
from rest_framework.views import exception_handler

from audit import contention

MEDIA_TYPE = "application/problem+json"
NOT_FOUND = "There is nothing here under this address for your token."
BUSY = "Another large change is being saved. Nothing was changed by this one; send it again soon."
NOT_ALLOWED = "Your token may not do this. Its scopes and its maker's role decide what it may."
WORDS = {
    400: "The request cannot be read. Nothing was changed.",
    403: NOT_ALLOWED,
    404: NOT_FOUND,
    405: "This address does not take this method. The Allow header names those that it takes.",
    411: "Say how long the body is, in Content-Length. Nothing was changed.",
    413: "The request is too large. Nothing was changed.",
    500: "Something went wrong on our side; it is in our log. Try again in a minute.",
}


@runtime_checkable
class Told(Protocol):
    """What services of every app raise: the field it is about ("" for none) and words for people."""

    field: str
    words: str


class Unprocessable(exceptions.APIException):
    """Understood, but it cannot be done."""

    status_code = 422


class Unavailable(exceptions.APIException):
    """Somebody whom we need does not answer."""

    status_code = 503


class Busy(exceptions.APIException):
    """Another act of the same workspace took too long."""

    status_code = 503
    default_detail = BUSY
    wait = 10  # seconds; becomes Retry-After


class ProblemData(serializers.Serializer[Any]):
    """The body of every error."""

    type = serializers.CharField(help_text="`about:blank`: the status says what kind it is.")
    title = serializers.CharField(help_text="The status in words.")
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="What happened and what to do, for people.")
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="Per field or parameter what is wrong with it; nested ones as `roles.0.levels`.",
    )


def details(status: int, detail: str, errors: Mapping[str, list[str]] | None = None) -> Any:
    """The body that tells of an error."""
    told = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": int(status)}
    told["detail"] = detail
    return told | ({"errors": dict(errors)} if errors else {})


def answer(status: int, detail: str = "") -> HttpResponse:
    """The same outside of the endpoints, where there is only a status."""
    body = details(status, detail or WORDS.get(status, HTTPStatus(status).phrase))
    return HttpResponse(json.dumps(body), status=status, content_type=MEDIA_TYPE)


def problem_details(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: the same body for what is absent and what belongs to others."""
    if isinstance(error, Told):
        field = {error.field: [error.words]} if error.field else None
        return Response(details(422, error.words, field), status=422, content_type=MEDIA_TYPE)
    if contention.is_busy(error):
        error = Busy()
    response = exception_handler(error, context)
    if response is None:
        return None
    status, errors = response.status_code, None
    if isinstance(error, exceptions.ValidationError):
        status, errors = 422, _flat(response.data)
    elif isinstance(getattr(error, "errors", None), Mapping):
        errors = _flat(error.errors)  # type: ignore[attr-defined]
    response.data = details(status, _detail(error, status), errors)
    response.status_code, response.content_type = status, MEDIA_TYPE
    return response


def _detail(error: Exception, status: int) -> str:
    if isinstance(error, Http404) or type(error) is exceptions.NotFound:
        return NOT_FOUND
    if isinstance(error, exceptions.ValidationError):
        return "Some fields are not acceptable. Nothing was changed."
    if isinstance(error, PermissionDenied | exceptions.PermissionDenied):
        return NOT_ALLOWED
    if isinstance(error, exceptions.APIException):
        return str(error.detail)
    return WORDS.get(status, HTTPStatus(status).phrase)


def _flat(errors: Any) -> dict[str, list[str]]:
    """Nested errors as paths with dots; what is about the whole stands under "body"."""
    found: dict[str, list[str]] = {}
    for path, words in _leaves(errors, ""):
        found.setdefault(path.replace("non_field_errors", "body") or "body", []).append(words)
    return found


def _leaves(errors: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(errors, Mapping):
        for name, inner in errors.items():
            yield from _leaves(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(errors, list):
        for place, inner in enumerate(errors):
            nested = isinstance(inner, Mapping | list)
            yield from _leaves(inner, f"{path}.{place}" if nested else path)
    else:
        yield path, str(errors)
