"""What holds for every answer of the sandbox: loopback callers only, and a strict content policy."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.http.response import HttpResponseBase

Next = Callable[[HttpRequest], HttpResponseBase]

# form-action is left out on purpose: browsers apply it to redirects that follow a form, too, and
# the end of the connect page goes to the client's own origin.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
    )
)


def loopback_only(get_response: Next) -> Next:
    """Refuse callers from other machines: the sandbox has no sign-in."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        caller = request.META.get("REMOTE_ADDR", "")
        if caller.startswith("127.") or caller in ("", "::1", "::ffff:127.0.0.1"):
            return get_response(request)
        return HttpResponseForbidden("The sandbox answers only to this machine.")

    return middleware


def content_security(get_response: Next) -> Next:
    """Send the content policy with every page; only the connect page may be framed."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        framing = "" if request.path.startswith("/connect-account") else "; frame-ancestors 'none'"
        response["Content-Security-Policy"] = POLICY + framing
        return response

    return middleware


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an unknown address in the caller's language: JSON for clients, a page for people."""
    from django.shortcuts import render

    from sandbox.errors import ApiError

    if "Authorization" in request.headers or "X-Sandbox-Control" in request.headers:
        return ApiError(404, "Not Found").response()
    return render(request, "sandbox/not_found.html", status=404)
