"""The one way out: HTTP to a single fixed address, bounded in time, bytes and attempts."""

from __future__ import annotations

import hashlib
import ipaddress
import math
import random
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.util import Retry

from integrations.providers.base import (
    Malformed,
    Pace,
    ProviderError,
    Refused,
    TryLater,
)
from integrations.providers.deadline import CURRENT, Deadline, DeadlineAdapter

RETRIED = frozenset({429, 500, 502, 504})
UNSTATED_WAIT = 10
"""Seconds to wait after a 429 that names no time, the default of Truto's own client."""

_PATH = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+")


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one call. Times in seconds; `total` covers all attempts and the waits between.

    `whole` bounds everything that one client does, from its making on.
    """

    connect: float = 5
    read: float = 60
    total: float = 120
    whole: float = math.inf
    body_bytes: int = 16 * 1024 * 1024
    retries: int = 3
    longest_wait: float = 30
    backoff: float = 0.5


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, whatever its status."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def digest(self) -> str:
        """SHA-256 of the body, in hex."""
        return hashlib.sha256(self.body).hexdigest()

    @property
    def retry_after(self) -> int | None:
        """Whole seconds from `Retry-After`, given there as seconds or as a date."""
        return _seconds(self.headers.get("Retry-After", "").strip())


class Egress:
    """A client that can reach one scheme, host and port, and only by path."""

    def __init__(
        self,
        base_url: str,
        *,
        token: str,
        pace: Pace,
        limits: Limits | None = None,
        passing: Callable[[Answer], bool] | None = None,
    ) -> None:
        """`passing` says of an answer that it may be another one in a moment."""
        self._passing = passing or _is_passing
        self._origin = origin(base_url)
        self._token = token
        self._pace = pace
        self._limits = limits or Limits()
        self._whole = Deadline(self._limits.whole)
        self._session = _session(token)

    def __repr__(self) -> str:
        return f"Egress({self._origin!r})"

    def get(self, path: str, query: Mapping[str, str | int] | None = None) -> Answer:
        """Read; tried again on a passing failure."""
        return self._call("GET", path, query, None)

    def post(self, path: str, body: Mapping[str, Any]) -> Answer:
        """Send JSON, once."""
        return self._call("POST", path, None, body)

    def delete(self, path: str) -> Answer:
        """Remove, once."""
        return self._call("DELETE", path, None, None)

    def close(self) -> None:
        self._session.close()

    def scrub(self, text: str) -> str:
        """The text without our token or anything else sent as a bearer."""
        if self._token:
            text = text.replace(self._token, "[removed]")
        return re.sub(r"(?i)\bbearer\s+\S+", "[removed]", text)

    def _call(
        self,
        method: str,
        path: str,
        query: Mapping[str, str | int] | None,
        body: Mapping[str, Any] | None,
    ) -> Answer:
        deadline = Deadline(min(self._limits.total, self._whole.left()))
        retry = _retry_policy(self._limits)
        while True:
            self._pace()
            outcome = self._attempt(method, self._address(path), query, body, deadline)
            wait = self._wait(retry, method, outcome)
            if wait is None or wait >= deadline.left():
                break
            time.sleep(wait)
            retry = retry.increment(method, path)
        if isinstance(outcome, TryLater) and self._whole.over:
            raise TryLater(None, f"Everything together took over {self._limits.whole:.0f} seconds")
        return _answer_or_error(outcome)

    def _address(self, path: str) -> str:
        if not _PATH.fullmatch(path):
            raise Refused("A request was built with a path that is not allowed")
        return self._origin + path

    def _attempt(
        self,
        method: str,
        url: str,
        query: Mapping[str, str | int] | None,
        body: Mapping[str, Any] | None,
        deadline: Deadline,
    ) -> Answer | ProviderError:
        """One try. Failures are returned, so that no library error (it holds our headers) is kept.

        TLS is always verified: `verify` is said here and the session ignores the environment.
        """
        left = deadline.left()
        if not left:
            return _too_slow()
        patience = (min(self._limits.connect, left), min(self._limits.read, left))
        token = CURRENT.set(deadline)
        try:
            with self._session.request(
                method, url, params=query, json=body, timeout=patience, stream=True,
                allow_redirects=False, verify=True,
            ) as response:  # fmt: skip
                return self._read(response, deadline)
        except requests.RequestException as error:
            return _meaning(error, deadline)
        finally:
            CURRENT.reset(token)

    def _read(self, response: requests.Response, deadline: Deadline) -> Answer | ProviderError:
        body = bytearray()
        for chunk in response.iter_content(64 * 1024):
            body += chunk
            if len(body) > self._limits.body_bytes:
                return Malformed("The answer is larger than any we accept")
            if deadline.over:
                return _too_slow()
        return Answer(response.status_code, response.headers, bytes(body))

    def _wait(self, retry: Retry, method: str, outcome: Answer | ProviderError) -> float | None:
        """Seconds until the next attempt, or None when there is none."""
        if retry.total == 0 or method != "GET" or not self._may_pass(outcome):
            return None
        wait = self._limits.backoff * random.uniform(0.5, 1)  # noqa: S311 spreads load, guards nothing
        wait += retry.get_backoff_time()
        if isinstance(outcome, Answer) and outcome.status == 429:
            stated = outcome.retry_after
            wait += UNSTATED_WAIT if stated is None else stated
        return wait if wait <= self._limits.longest_wait + self._limits.backoff else None

    def _may_pass(self, outcome: Answer | ProviderError) -> bool:
        if isinstance(outcome, Answer):
            return self._passing(outcome)
        return isinstance(outcome, TryLater)


def origin(base_url: str) -> str:
    """Scheme, host and port of a base URL; ValueError unless HTTPS, or HTTP to this machine."""
    parts = urlsplit(base_url)
    plain = parts.path in ("", "/") and not (parts.query or parts.fragment or "@" in parts.netloc)
    if not parts.hostname or not plain or base_url != base_url.strip():
        raise ValueError("A base URL is a scheme, a host and perhaps a port, nothing more")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts.hostname)):
        raise ValueError("A base URL needs https; http is for this machine only")
    _ = parts.port  # raises ValueError when it is no port
    return f"{parts.scheme}://{parts.netloc}"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class _Bearer(requests.auth.AuthBase):
    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _session(token: str) -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # no proxy, .netrc or other CA bundle from the environment
    session.auth = _Bearer(token)
    session.headers.update({"Accept": "application/json", "User-Agent": "sprinto-xero"})
    session.mount("https://", DeadlineAdapter(max_retries=0))
    session.mount("http://", DeadlineAdapter(max_retries=0))
    return session


def _retry_policy(limits: Limits) -> Retry:
    return Retry(total=limits.retries, backoff_factor=limits.backoff, backoff_max=8)


def _is_passing(answer: Answer) -> bool:
    return answer.status in RETRIED


def _answer_or_error(outcome: Answer | ProviderError) -> Answer:
    if isinstance(outcome, ProviderError):
        raise outcome
    return outcome


def _meaning(error: requests.RequestException, deadline: Deadline) -> ProviderError:
    if isinstance(error, requests.exceptions.SSLError):
        return Refused("The service's certificate is not trusted")
    if isinstance(error, requests.exceptions.ContentDecodingError):
        return Malformed("The answer's compression cannot be read")
    if deadline.over or isinstance(error, requests.exceptions.Timeout):
        return _too_slow()
    return TryLater(None, "The service cannot be reached, or it broke off its answer")


def _too_slow() -> TryLater:
    return TryLater(None, "The service did not answer in time")


def _seconds(text: str) -> int | None:
    if text.isascii() and text.isdigit():
        return int(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0, round((moment - datetime.now(UTC)).total_seconds()))
