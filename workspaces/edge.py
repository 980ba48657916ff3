"""The edge: what no view should ever see is refused in words; every answer leaves with its headers."""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes

import structlog
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from redis.exceptions import RedisError

from workspaces.permissions import PUBLIC, needs

GetResponse = Callable[[HttpRequest], HttpResponseBase]
log = structlog.get_logger(__name__)
FORM = "application/x-www-form-urlencoded"
HEADERS = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    # What is shown here is nobody else's: no cache keeps it, not even the browser's.
    "Cache-Control": "no-store, private",
}


class Edge:
    """Refuses what is too large (413), NUL bytes and broken Unicode (400); 503 without the cache."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._refusal(request) or self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Sign-in counts attempts, and must not go on uncounted where the cache is out of reach."""
        if not isinstance(exception, RedisError):
            return None
        log.error("cache out of reach", error=type(exception).__name__)
        return render(request, "503.html", status=503)

    def _refusal(self, request: HttpRequest) -> HttpResponseBase | None:
        largest = settings.LARGEST_BODIES.get(request.path_info, settings.LARGEST_BODY)
        if _length(request) > largest:
            return too_large(request)
        if any("\x00" in value for value in _head(request)):
            return bad_request(request)
        if (request.encoding or "utf-8").lower() not in ("utf-8", "utf8"):
            return bad_request(request)
        if not _is_text(unquote_to_bytes(request.META.get("QUERY_STRING", ""))):
            return bad_request(request)
        if request.method == "POST" and request.content_type == FORM:
            return _refuse_form(request)
        return None


def _head(request: HttpRequest) -> list[str]:
    headers = (value for name, value in request.META.items() if name.startswith("HTTP_"))
    return [request.path, *(str(value) for value in headers)]


def _length(request: HttpRequest) -> int:
    text = str(request.META.get("CONTENT_LENGTH") or "0")
    return int(text) if text.isdecimal() and len(text) < 20 else 0


def _refuse_form(request: HttpRequest) -> HttpResponseBase | None:
    try:
        body = request.body
    except RequestDataTooBig:
        return too_large(request)
    except ValueError:  # a length that is no number
        return bad_request(request)
    # "+" is a space in forms, which changes nothing here.
    return None if _is_text(unquote_to_bytes(body)) else bad_request(request)


def _is_text(data: bytes) -> bool:
    """Whether it is UTF-8 without NUL, which no database of ours takes."""
    try:
        return "\x00" not in data.decode()
    except UnicodeDecodeError:
        return False


@needs(PUBLIC)
def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """What Django shows for a request that it cannot read; its own limits on size are a 413."""
    if isinstance(exception, RequestDataTooBig):
        return too_large(request)
    return render(request, "400.html", status=400)


def too_large(request: HttpRequest) -> HttpResponse:
    """A body above the limit."""
    return render(request, "413.html", status=413)
