"""Truto's provider against the running sandbox, where only a real wire shows the fault."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from integrations.providers import PROVIDERS, TrutoConfig
from integrations.providers.base import NeedsReconnect, Provider, Refused, TryLater
from integrations.providers.http import Limits
from integrations.providers.listing import read_all
from tests.providers.contract.live import TENANT, approve, connected
from tests.providers.contract.worlds import RETURN_TO, SECRET
from tests.sandbox.flow import SECOND
from tests.sandbox_process import SandboxProcess


@pytest.fixture
def provider(sandbox: SandboxProcess) -> Iterator[Provider]:
    url = sandbox.base_url
    config = TrutoConfig(url, url, sandbox.token, (SECRET,))
    made = PROVIDERS["truto"](config, limits=Limits(backoff=0.01, total=1.5, connect=2, read=1))
    yield made
    made.close()


@pytest.fixture
def ref(provider: Provider, sandbox: SandboxProcess) -> str:
    return connected(provider, sandbox)


def read(provider: Provider, ref: str) -> int:
    whole = read_all(provider, ref, page_size=5, page_cap=9, on_page=lambda found, page: None)
    return len(whole.accounts)


def test_reconnect_keeps_the_reference_and_brings_the_new_nonce(
    provider: Provider, sandbox: SandboxProcess, ref: str
) -> None:
    sandbox.control("POST", f"accounts/{ref}/faults", needs_reauth=True)
    with pytest.raises(NeedsReconnect):
        provider.page(ref, None, 5)

    approve(provider.start(TENANT, "nonce-again", RETURN_TO, ref, "xero").url, sandbox)

    (found,) = provider.candidates(TENANT, "xero")
    assert (found.ref, found.nonce, found.status) == (ref, "nonce-again", "active")


def test_a_dripping_answer_ends_with_the_deadline(
    provider: Provider, sandbox: SandboxProcess, ref: str
) -> None:
    sandbox.control("POST", f"accounts/{ref}/faults", dripping={"seconds": 0.4, "bytes": 20})
    began = time.monotonic()

    with pytest.raises(TryLater, match="in time"):
        read(provider, ref)

    assert time.monotonic() - began < 4


def test_a_slow_answer_ends_with_the_deadline(
    provider: Provider, sandbox: SandboxProcess, ref: str
) -> None:
    sandbox.control("POST", f"accounts/{ref}/faults", slow={"seconds": 2})

    with pytest.raises(TryLater, match="in time"):
        provider.organisation(ref)


def test_a_connection_dropped_within_a_page_fails_the_whole(
    provider: Provider, sandbox: SandboxProcess, ref: str
) -> None:
    sandbox.control("POST", f"accounts/{ref}/faults", dropped={"after_page": 1})

    with pytest.raises(TryLater):
        read(provider, ref)


def test_a_passing_failure_is_not_noticed(
    provider: Provider, sandbox: SandboxProcess, ref: str
) -> None:
    sandbox.control("POST", f"accounts/{ref}/faults", server_error={"remaining": 2})

    assert read(provider, ref) == 12


def test_a_swapped_organisation_shows(
    provider: Provider, sandbox: SandboxProcess, ref: str
) -> None:
    before = provider.organisation(ref)
    listed = sandbox.control("GET", "organisations")["organisations"]
    other = next(one["id"] for one in listed if one["name"] == SECOND)

    sandbox.control("POST", f"accounts/{ref}/faults", organisation_swapped={"organisation": other})

    assert provider.organisation(ref).id == other != before.id


def test_a_wrong_api_token_is_for_the_operator(sandbox: SandboxProcess, ref: str) -> None:
    url = sandbox.base_url
    stranger = PROVIDERS["truto"](TrutoConfig(url, url, "wrong-token"))

    for ask in (stranger.connection, stranger.organisation, stranger.revoke):
        with pytest.raises(Refused, match="API token"):
            ask(ref)

    stranger.close()
