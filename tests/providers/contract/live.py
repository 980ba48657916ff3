"""Worlds that stand on a running sandbox: real HTTP, real link tokens, real webhooks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from integrations.providers import PROVIDERS, TrutoConfig
from integrations.providers.base import Provider
from tests.providers.contract.worlds import QUICK, RETURN_TO, SECRET, World
from tests.sandbox.conftest import Listener
from tests.sandbox.flow import FIRST, wait_for
from tests.sandbox_process import SandboxProcess

ENVIRONMENT = "5a9db0c5-0000-4000-8000-00000000e001"
TENANT = "tenant-0001"
OPTIONS: Mapping[str, Any] = {
    "rate_limited_local": {"retry_after": 45},
    "rate_limited_remote": {"retry_after": 45},
}


@contextmanager
def truto_live(request: pytest.FixtureRequest) -> Iterator[World]:
    """Truto, played by the sandbox; every page of users comes after an empty one."""
    sandbox: SandboxProcess = request.getfixturevalue("sandbox")
    listener: Listener = request.getfixturevalue("listener")
    url = sandbox.base_url
    config = TrutoConfig(url, url, sandbox.token, ("older", SECRET), ENVIRONMENT)
    provider = PROVIDERS["truto"](config, limits=QUICK)
    ref = connected(provider, sandbox)

    def fault(kind: str) -> None:
        sandbox.control("POST", f"accounts/{ref}/faults", **{kind: OPTIONS.get(kind, True)})

    def event(encoding: str) -> tuple[dict[str, str], bytes]:
        sandbox.control(
            "POST", "webhooks", target_url=listener.url, secret=SECRET, encoding=encoding
        )
        fault("needs_reauth")
        wait_for(lambda: listener.received)
        return listener.received[0]

    fault("empty_pages")
    yield World(
        provider=provider,
        token=sandbox.token,
        integration="xero",
        tenant_id=TENANT,
        ref=ref,
        nonce="nonce-0001",
        environment_id=ENVIRONMENT,
        organisation=FIRST,
        users=users(sandbox),
        fault=fault,
        remove=lambda: sandbox.api("DELETE", f"/integrated-account/{ref}") and None,
        event=event,
    )
    provider.close()


def connected(provider: Provider, sandbox: SandboxProcess) -> str:
    """Connect as a person would: our link, their consent; gives the connection's reference."""
    link = provider.start(TENANT, "nonce-0001", RETURN_TO, None, "xero")
    approve(link.url, sandbox)
    (found,) = provider.candidates(TENANT, "xero")
    return found.ref


def approve(url: str, sandbox: SandboxProcess) -> dict[str, Any]:
    """Allow access on the page that the link leads to."""
    token = parse_qs(urlsplit(url).query)["link_token"][0]
    answer: dict[str, Any] = sandbox.control(
        "POST", "approve", link_token=token, organisation=FIRST
    )
    return answer


def users(sandbox: SandboxProcess) -> dict[str, tuple[str, bool]]:
    """The first organisation's users; one of them removed, one in a role that is new."""
    listed = sandbox.control("GET", "organisations")["organisations"]
    first = next(one["id"] for one in listed if one["name"] == FIRST)
    rows = sandbox.control("GET", f"organisations/{first}/users")["users"]
    sandbox.control("PATCH", f"users/{rows[-1]['user_id']}", role="REMOVED")
    rows = sandbox.control("GET", f"organisations/{first}/users")["users"]
    assert "REMOVED" in json.dumps(rows)
    return {row["email"]: (row["role"], row["is_subscriber"]) for row in rows}
