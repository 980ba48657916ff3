"""Where the contract tests run: a world is a provider with a live connection and faults to switch.

The recorded answers are written by us after the published contract; they hold no real data.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import responses
from responses import matchers

from integrations.providers import PROVIDERS, TrutoConfig
from integrations.providers.base import Provider
from integrations.providers.http import Limits

RECORDED = Path(__file__).parent.parent / "recorded"
SECRET = "webhook-secret-for-tests"
TOKEN = "secret-api-token-for-tests"
RETURN_TO = "https://hub.example/return"
QUICK = Limits(backoff=0.01, total=10, connect=2, read=5)


@dataclass(frozen=True)
class World:
    """A connection of `tenant_id` that works until `fault` switches something on."""

    provider: Provider
    token: str
    integration: str
    tenant_id: str
    ref: str
    nonce: str
    environment_id: str
    organisation: str
    users: Mapping[str, tuple[str, bool]]
    """What must be read: e-mail address to (level, is subscriber)."""
    fault: Callable[[str], None]
    remove: Callable[[], None]
    """Remove the connection behind the provider's back."""
    event: Callable[[str], tuple[dict[str, str], bytes]]
    """A signed webhook about the connection, with the signature in `hex` or `base64`."""


@contextmanager
def truto_recorded(_: pytest.FixtureRequest) -> Iterator[World]:
    """Truto, played from recorded answers."""
    config = TrutoConfig(
        "https://api.truto.one", "https://app.truto.one", TOKEN, ("older", SECRET),
        "0c7c0e0d-0000-4000-8000-000000000002",
    )  # fmt: skip
    provider = PROVIDERS["truto"](config, limits=QUICK)
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        _play(mock, "connected")
        yield World(
            provider=provider,
            token=TOKEN,
            integration="xero",
            tenant_id="tenant-0001",
            ref="7b7f5d1c-0000-4000-8000-000000000001",
            nonce="nonce-0001",
            environment_id="0c7c0e0d-0000-4000-8000-000000000002",
            organisation="Demo Company",
            users={
                "owner@example.test": ("FINANCIALADVISER", True),
                "accountant@example.test": ("STANDARD", False),
                "leaver@example.test": ("REMOVED", False),
                "viewer@example.test": ("READONLY", False),
                "mailbox@example.test": ("SOMETHINGNEW", False),
            },
            fault=lambda kind: _play(mock, kind),
            remove=lambda: _play(mock, "deleted"),
            event=lambda encoding: signed((RECORDED / "truto_event.json").read_bytes(), encoding),
        )
    provider.close()


def signed(body: bytes, encoding: str, secret: str = SECRET) -> tuple[dict[str, str], bytes]:
    """Headers and body of a webhook as Truto would send it."""
    digest = hmac.digest(secret.encode(), body, hashlib.sha256)
    value = digest.hex() if encoding == "hex" else base64.b64encode(digest).decode()
    return {"X-Truto-Signature": f"format=sha256,v={value}", "User-Agent": "truto"}, body


def recorded_exchanges(name: str) -> list[dict[str, Any]]:
    content = json.loads((RECORDED / f"truto_{name}.json").read_text())
    return list(content["exchanges"])


def _play(mock: responses.RequestsMock, name: str) -> None:
    """Answer as recorded from now on, in place of what was played for the same requests."""
    exchanges = recorded_exchanges(name)
    for exchange in exchanges:
        mock.remove(exchange["method"], _url(exchange)) if name != "connected" else None
    for exchange in exchanges:
        body = exchange["body"]
        text = body if isinstance(body, str) else json.dumps(body)
        match = [matchers.header_matcher({"Authorization": f"Bearer {TOKEN}"})]
        if "query" in exchange:
            match.append(matchers.query_param_matcher(exchange["query"]))
        if "json" in exchange:
            match.append(matchers.json_params_matcher(exchange["json"]))
        mock.add(
            exchange["method"], _url(exchange), body=text, status=exchange["status"],
            headers=exchange["headers"], match=match,
        )  # fmt: skip


def _url(exchange: Mapping[str, Any]) -> str:
    return f"https://api.truto.one{exchange['path']}"
