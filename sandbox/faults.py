"""How a switched-on fault changes the answers of an account's data calls."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from django.db import transaction
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from sandbox import errors
from sandbox.errors import ApiError
from sandbox.models import IntegratedAccount
from sandbox.services import accounts

Options = dict[str, Any]
Active = dict[str, Options]

OFFLINE = "The Organisation is offline"


def active(account: IntegratedAccount, *, resource: str, page: int) -> Active:
    """Pick the faults that apply to this call, and use up those that were set for a few calls.

    `page` counts from 1. Any fault may carry `resource`, `from_page` and `remaining`.
    """
    chosen = {
        kind: options
        for kind, options in account.faults.items()
        if options.get("resource", resource) == resource and options.get("from_page", 1) <= page
    }
    if any("remaining" in options for options in chosen.values()):
        return _use_up(account, chosen)
    return chosen


@transaction.atomic
def _use_up(account: IntegratedAccount, chosen: Active) -> Active:
    account.refresh_from_db(fields=["faults"])
    for kind, options in list(chosen.items()):
        now = account.faults.get(kind)
        if now is None:
            del chosen[kind]
        elif "remaining" in options:
            now["remaining"] -= 1
            if now["remaining"] <= 0:
                del account.faults[kind]
    account.save(update_fields=["faults"])
    return chosen


def _needs_reauth(account: IntegratedAccount, _: Options) -> ApiError:
    accounts.refuse_credentials(account)
    return errors.credentials_refused("AuthenticationUnsuccessful")


def _forbidden(account: IntegratedAccount, options: Options) -> ApiError:
    scopes = options.get("missing_scopes", ["accounting.settings.read"])
    accounts.note_forbidden(account, resource="users", scopes=scopes)
    return errors.provider_forbids("AuthenticationUnsuccessful", scopes)


def _scope_missing(account: IntegratedAccount, _: Options) -> ApiError:
    accounts.refuse_credentials(account)
    return errors.credentials_refused("AuthorizationUnsuccessful")


def _server_error(_: IntegratedAccount, options: Options) -> ApiError:
    if options.get("remote"):
        return ApiError(500, "Xero failed", remote=True, raw="Internal Server Error")
    return ApiError(500, "An internal server error occurred")


REFUSALS: dict[str, Callable[[IntegratedAccount, Options], ApiError]] = {
    "blocked": lambda _, __: ApiError(503, "This integrated account is blocked"),
    "rate_limited_local": lambda _, o: errors.too_many_requests(int(o.get("retry_after", 10))),
    "needs_reauth": _needs_reauth,
    "forbidden": _forbidden,
    "scope_missing": _scope_missing,
    "rate_limited_remote": lambda _, o: errors.provider_too_many_requests(
        int(o.get("retry_after", 22))
    ),
    "server_error": _server_error,
    "bad_gateway": lambda _, __: ApiError(502, "Bad gateway"),
    "gateway_timeout": lambda _, __: ApiError(504, "The provider took too long"),
    "offline": lambda _, __: ApiError(503, OFFLINE, remote=True, raw=OFFLINE),
}


def refuse(account: IntegratedAccount, faults: Active, *, page: int) -> None:
    """Wait if the answer is to be slow, and raise the error that is switched on, if any."""
    if "slow" in faults:
        time.sleep(float(faults["slow"].get("seconds", 5)))
    for kind, refusal in REFUSALS.items():
        if kind in faults:
            raise refusal(account, faults[kind])
    if "cut_paging" in faults and page > int(faults["cut_paging"].get("after_page", 1)):
        raise errors.not_found("Page")


def transmit(faults: Active, response: HttpResponse, *, page: int) -> HttpResponseBase:
    """Spoil the way in which a good answer travels."""
    if "non_json" in faults:
        page_text = "<!doctype html><title>Gateway</title><p>Something went wrong.</p>"
        return HttpResponse(page_text, content_type="text/html")
    if "dropped" in faults and page > int(faults["dropped"].get("after_page", 1)):
        return _streamed(response, _broken(response.content))
    if "dripping" in faults:
        options = faults["dripping"]
        pause, size = float(options.get("seconds", 0.5)), int(options.get("bytes", 64))
        return _streamed(response, _drops(response.content, pause=pause, size=size))
    return response


def _streamed(response: HttpResponse, pieces: Iterator[bytes]) -> StreamingHttpResponse:
    length = str(len(response.content))
    return StreamingHttpResponse(
        pieces, content_type=response["Content-Type"], headers={"Content-Length": length}
    )


def _drops(content: bytes, *, pause: float, size: int) -> Iterator[bytes]:
    for start in range(0, len(content), size):
        time.sleep(pause if start else 0)
        yield content[start : start + size]


def _broken(content: bytes) -> Iterator[bytes]:
    yield content[: len(content) // 2]
    raise ConnectionAbortedError("the sandbox drops this connection on purpose")
