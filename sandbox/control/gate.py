"""The door of the remote control: its header, and the form of its answers."""

import hmac
import json
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

HEADER = "X-Sandbox-Control"
Handler = Callable[..., Any]


class Refused(Exception):
    """The command cannot be carried out; the text says why."""


def commands(**handlers: Handler) -> Callable[..., HttpResponseBase]:
    """Make a view out of one handler per HTTP method; handlers get the JSON body and URL values."""

    @csrf_exempt
    def view(request: HttpRequest, **values: Any) -> HttpResponseBase:
        sent = request.headers.get(HEADER, "").encode()
        if not hmac.compare_digest(sent, settings.API_TOKEN.encode()):
            return JsonResponse({"error": f"{HEADER} is missing or wrong"}, status=403)
        handler = handlers.get(request.method or "")
        if handler is None:
            return JsonResponse({"error": "Method not allowed"}, status=405)
        try:
            answer = handler(_body(request), **values)
        except (Refused, ValueError, KeyError, TypeError) as error:
            return JsonResponse({"error": f"{type(error).__name__}: {error}"}, status=400)
        return JsonResponse(answer, safe=False)

    return view


def _body(request: HttpRequest) -> dict[str, Any]:
    data = json.loads(request.body or b"{}")
    if not isinstance(data, dict):
        raise Refused("The body must be a JSON object.")
    return data
