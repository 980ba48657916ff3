"""The edge of the API: every error is a problem, times are UTC, and nothing is kept by caches."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from workspaces import edge
from workspaces.rest import problems

PREFIX = "/api/"
KEPT = ("Allow", "Retry-After", "WWW-Authenticate")


class ApiEdge:
    """Stands outside of all that may refuse a request, so that its refusals are problems too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path.startswith(PREFIX):
            return self.get_response(request)
        if "HTTP_TRANSFER_ENCODING" in request.META and not request.META.get("CONTENT_LENGTH"):
            response: HttpResponseBase = problems.answer(411)
        else:
            with timezone.override("UTC"):
                response = _problem(request, self.get_response(request))
        for name, value in edge.HEADERS.items():
            response.headers.setdefault(name, value)
        return response


def _problem(request: HttpRequest, response: Any) -> HttpResponseBase:
    """The response, as a problem where it is an error that no endpoint told of."""
    if response.status_code == 301 and request.method not in ("GET", "HEAD"):
        return problems.answer(404, "Addresses of the API end with a slash. Nothing was changed.")
    told = response.headers.get("Content-Type", "").startswith(problems.MEDIA_TYPE)
    if response.status_code < 400 or told:
        return response  # type: ignore[no-any-return]
    answer = problems.answer(response.status_code)
    for name in KEPT:
        if name in response.headers:
            answer.headers[name] = response.headers[name]
    return answer
