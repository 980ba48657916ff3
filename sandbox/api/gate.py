"""What every API call passes first: the bearer token, the limits, and the form of errors."""

import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from sandbox import limits
from sandbox.errors import ApiError, invalid

SALT = "integrated-account-token"
ACCOUNT_TOKEN_SECONDS = 15 * 60
ACCOUNT_TOKEN_PATHS = ("/unified/", "/proxy/", "/custom/", "/integrated-account/me")


@dataclass
class Call:
    """One authenticated API call; `account_id` is set when an integrated-account token made it."""

    request: HttpRequest
    account_id: str | None = None

    @property
    def query(self) -> Any:
        """The query string's values."""
        return self.request.GET

    def body(self) -> dict[str, Any]:
        """Read the JSON object in the body; raises ApiError 400 for anything else."""
        try:
            data = json.loads(self.request.body or b"{}")
        except ValueError as error:
            raise ApiError(400, "The body is not valid JSON") from error
        if not isinstance(data, dict):
            raise ApiError(400, "The body must be a JSON object")
        return data


Handler = Callable[..., Any]


def account_token(account_id: str) -> str:
    """Make an integrated-account token; it lives for 15 minutes."""
    return signing.dumps(account_id, salt=SALT)


def identify(request: HttpRequest) -> Call:
    """Check the bearer token; raises ApiError 401, or 403 for a token outside its paths."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "bearer" and hmac.compare_digest(
        token.strip().encode(), settings.API_TOKEN.encode()
    ):
        return Call(request)
    try:
        account_id = signing.loads(token.strip(), salt=SALT, max_age=ACCOUNT_TOKEN_SECONDS)
    except signing.BadSignature as error:
        raise ApiError(401, "Invalid or missing API token") from error
    if not request.path.startswith(ACCOUNT_TOKEN_PATHS):
        raise ApiError(403, "This token may not be used on this path")
    return Call(request, account_id)


def methods(**handlers: Handler) -> Callable[..., HttpResponseBase]:
    """Make a view that answers each HTTP method with its handler.

    A handler gets the call and the URL's values and gives a JSON-able object, an (object, status)
    pair, or a finished response.
    """

    @csrf_exempt
    def view(request: HttpRequest, **values: Any) -> HttpResponseBase:
        try:
            call = identify(request)
            limits.count_token(call.account_id or "api")
            handler = handlers.get(request.method or "")
            if handler is None:
                raise ApiError(405, "Method not allowed", headers={"Allow": ", ".join(handlers)})
            return _response(handler(call, **values))
        except ApiError as error:
            return error.response()

    return view


def _response(answer: Any) -> HttpResponseBase:
    if isinstance(answer, HttpResponseBase):
        return answer
    data, status = answer if isinstance(answer, tuple) else (answer, 200)
    return compact(data, status=status)


def compact(data: Any, *, status: int = 200) -> JsonResponse:
    """Write JSON without spaces and without escapes: large pages are the usual case."""
    form = {"separators": (",", ":"), "ensure_ascii": False}
    return JsonResponse(data, status=status, safe=False, json_dumps_params=form)


def text(body: dict[str, Any], name: str, *, default: str = "") -> str:
    """Read an optional text from a body."""
    value = body.get(name, default)
    if value is None:
        return default
    if not isinstance(value, str):
        raise invalid(**{name: f"{name} must be a string"})
    return value


def mapping(body: dict[str, Any], name: str) -> dict[str, Any]:
    """Read an optional object from a body."""
    value = {} if body.get(name) is None else body[name]
    if not isinstance(value, dict):
        raise invalid(**{name: f"{name} must be an object"})
    return value


def strings(body: dict[str, Any], name: str) -> list[str]:
    """Read an optional list of texts from a body."""
    value = [] if body.get(name) is None else body[name]
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise invalid(**{name: f"{name} must be an array of strings"})
    return value


def flag(body: dict[str, Any], name: str, *, default: bool = False) -> bool:
    """Read an optional true or false from a body."""
    value = body.get(name, default)
    if not isinstance(value, bool):
        raise invalid(**{name: f"{name} must be true or false"})
    return value
