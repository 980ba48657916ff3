"""What a refusing answer of Truto means: whose fault it is, and what helps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from integrations.providers import strict_json
from integrations.providers.base import (
    Gone,
    Malformed,
    NeedsReconnect,
    ProviderError,
    Refused,
    TryLater,
)
from integrations.providers.http import RETRIED, UNSTATED_WAIT, Answer
from integrations.providers.truto.reading import dig, strings, text

LONGEST_MESSAGE = 200
SCOPE_MISSING = "AuthorizationUnsuccessful"  # Xero's word, with a 401: its token is a good one
_PASSING = frozenset({408, 425})


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that is not a success, taken apart."""

    status: int
    remote: bool
    """The product refused, not Truto."""
    stated: bool
    """The body is Truto's own error object, not a gateway's page."""
    message: str
    detail: str
    """The product's own word for why."""
    missing_scopes: tuple[str, ...]
    retry_after: int | None


def meaning(answer: Answer, scrub: Callable[[str], str]) -> ProviderError:
    """The error by meaning for an answer outside 2xx."""
    refusal = read_refusal(answer, scrub)
    make = _MEANINGS.get((refusal.status, refusal.remote), _any_other)
    return make(refusal)


def is_passing(answer: Answer) -> bool:
    """Whether the same request may get another answer in a moment.

    A 503 of the product's own is; with one of Truto's, the account is blocked.
    """
    if answer.status != 503:  # the only one whose body is asked: a page of users is long
        return answer.status in RETRIED
    return _body(answer.body).get("truto_is_remote_error") is True


def read_refusal(answer: Answer, scrub: Callable[[str], str]) -> Refusal:
    """Take the answer apart; a body that cannot be read is no error of its own."""
    body = _body(answer.body)
    return Refusal(
        status=answer.status,
        remote=body.get("truto_is_remote_error") is True,
        stated="statusCode" in body or "message" in body,
        message=scrub(_message(body))[:LONGEST_MESSAGE],
        detail=text(dig(body, "raw_response", "Detail")),
        missing_scopes=strings(
            dig(
                body,
                "truto_error_insight",
                "forbidden_error",
                "value",
                "missing_scopes",
            )
        ),
        retry_after=answer.retry_after,
    )


def _body(raw: bytes) -> Mapping[str, Any]:
    try:
        return strict_json.read_object(raw)
    except Malformed:
        return {}


def _message(body: Mapping[str, Any]) -> str:
    """Truto may leave its message empty; then the product's own short words stand in."""
    native = body.get("raw_response")
    return (
        text(body.get("message"))
        or text(dig(native, "Detail"))
        or text(dig(native, "message"))
        or text(dig(native, "Title"))
    )


def _said(refusal: Refusal) -> str:
    return f" ({refusal.status}: {refusal.message})" if refusal.message else f" ({refusal.status})"


def _our_token(refusal: Refusal) -> ProviderError:
    return Refused(f"Truto does not accept our API token{_said(refusal)}")


def _our_reach(refusal: Refusal) -> ProviderError:
    return Refused(f"Our API token at Truto is not allowed to do this{_said(refusal)}")


def _credentials(refusal: Refusal) -> ProviderError:
    if refusal.detail == SCOPE_MISSING:
        return _permission(refusal)
    return NeedsReconnect(f"The product refused the authorisation{_said(refusal)}")


def _permission(refusal: Refusal) -> ProviderError:
    return NeedsReconnect(
        f"The product refused for lack of permission{_said(refusal)}",
        refusal.missing_scopes,
        lacks_permission=True,
    )


def _unknown_object(refusal: Refusal) -> ProviderError:
    if refusal.stated:
        return Gone(f"Truto no longer knows the connection{_said(refusal)}")
    return Refused(f"The address of Truto's API does not know this path{_said(refusal)}")


def _too_many(refusal: Refusal) -> ProviderError:
    whose = "the product's" if refusal.remote else "Truto's"
    wait = UNSTATED_WAIT if refusal.retry_after is None else refusal.retry_after
    return TryLater(wait, f"Too many requests for {whose} limit")


def _blocked(refusal: Refusal) -> ProviderError:
    if refusal.stated:
        return Refused(f"Truto has blocked this connection; ask Truto's support{_said(refusal)}")
    return _unwell(refusal)


def _unwell(refusal: Refusal) -> ProviderError:
    whose = "The product" if refusal.remote else "Truto"
    return TryLater(refusal.retry_after, f"{whose} has trouble answering ({refusal.status})")


def _any_other(refusal: Refusal) -> ProviderError:
    if refusal.status >= 500 or refusal.status in _PASSING:
        return _unwell(refusal)
    whose = "The product" if refusal.remote else "Truto"
    return Refused(f"{whose} did not accept our request{_said(refusal)}")


_MEANINGS: Mapping[tuple[int, bool], Callable[[Refusal], ProviderError]] = {
    (401, False): _our_token,
    (401, True): _credentials,
    (403, False): _our_reach,
    (403, True): _permission,
    (404, False): _unknown_object,
    (429, False): _too_many,
    (429, True): _too_many,
    (503, False): _blocked,
}
