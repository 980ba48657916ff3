"""What every provider promises, whatever stands behind it."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from integrations.providers import PROVIDERS
from integrations.providers.base import (
    BadSignature,
    Gone,
    Malformed,
    NeedsReconnect,
    ProviderError,
    Refused,
    TryLater,
)
from integrations.providers.listing import CompleteList, read_all
from tests.providers.contract.worlds import RETURN_TO, World

FAULTS = {
    "needs_reauth": NeedsReconnect,
    "forbidden": NeedsReconnect,
    "scope_missing": NeedsReconnect,
    "rate_limited_local": TryLater,
    "rate_limited_remote": TryLater,
    "server_error": TryLater,
    "offline": TryLater,
    "blocked": Refused,
    "non_json": Malformed,
}
SPOILT_LISTS = {
    "wrong_shape": Malformed,
    "empty_list": Malformed,
    "partial": Malformed,
    "repeated_cursor": Malformed,
    "duplicate_row": Malformed,
    "cut_paging": Refused,
}


def read(world: World, page_cap: int = 50) -> CompleteList:
    return read_all(
        world.provider, world.ref, page_size=2, page_cap=page_cap, on_page=lambda found, page: None
    )


@pytest.mark.parametrize("source", ["recorded", "live"])
def test_every_provider_is_tested(worlds: frozenset[tuple[str, str]], source: str) -> None:
    assert set(PROVIDERS) == {name for name, where in worlds if where == source}


def test_connection_is_read(world: World) -> None:
    found = world.provider.connection(world.ref)

    assert (found.ref, found.tenant_id, found.integration) == (
        world.ref, world.tenant_id, world.integration,
    )  # fmt: skip
    assert (found.status, found.is_sandbox, found.last_error) == ("active", False, None)
    assert found.nonce == world.nonce
    assert found.environment_id == world.environment_id
    assert "accounting.settings.read" in found.granted_scopes


def test_candidates_are_those_of_tenant_and_product(world: World) -> None:
    assert [one.ref for one in world.provider.candidates(world.tenant_id, world.integration)] == [
        world.ref
    ]
    assert world.provider.candidates("tenant-unknown", world.integration) == []


def test_organisation_is_read(world: World) -> None:
    found = world.provider.organisation(world.ref)

    assert found.name == world.organisation
    assert found.id
    assert world.provider.organisation(world.ref) == found


def test_users_are_read_completely(world: World) -> None:
    seen: list[tuple[int, int]] = []

    whole = read_all(
        world.provider, world.ref, page_size=2, page_cap=50,
        on_page=lambda found, page: seen.append((found, page)),
    )  # fmt: skip

    assert {one.email: (one.level, one.is_subscriber) for one in whole.accounts} == world.users
    assert [page for _, page in seen] == list(range(1, len(whole.digests) + 1))
    assert seen[-1][0] == len(world.users)
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in whole.digests)


def test_users_beyond_the_page_cap_are_refused(world: World) -> None:
    with pytest.raises(Malformed, match="does not end"):
        read(world, page_cap=2)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_data_has_its_meaning(world: World, fault: str) -> None:
    world.fault(fault)

    with pytest.raises(FAULTS[fault]) as of_users:
        read(world)
    with pytest.raises(FAULTS[fault]) as of_organisation:
        world.provider.organisation(world.ref)

    assert world.token not in f"{of_users.value!r}{of_users.value}{of_users.value.words}"
    assert of_organisation.value.code == of_users.value.code


@pytest.mark.parametrize("fault", SPOILT_LISTS)
def test_a_spoilt_list_is_no_list(world: World, fault: str) -> None:
    world.fault(fault)

    with pytest.raises(SPOILT_LISTS[fault]):
        read(world)


def test_a_missing_permission_is_named(world: World) -> None:
    world.fault("forbidden")

    with pytest.raises(NeedsReconnect) as caught:
        read(world)

    assert caught.value.missing_scopes == ("accounting.settings.read",)
    assert "accounting.settings.read" in caught.value.words
    assert world.provider.connection(world.ref).status == "active"


def test_refused_credentials_show_on_the_connection(world: World) -> None:
    world.fault("needs_reauth")

    with pytest.raises(NeedsReconnect):
        read(world)

    found = world.provider.connection(world.ref)
    assert found.status == "needs_reauth"
    assert found.last_error


@pytest.mark.parametrize("fault", ["rate_limited_local", "rate_limited_remote"])
def test_a_long_limit_says_when_to_come_back(world: World, fault: str) -> None:
    world.fault(fault)

    with pytest.raises(TryLater) as caught:
        read(world)

    assert caught.value.after_seconds == 45


def test_a_removed_connection_is_gone(world: World) -> None:
    world.remove()

    for ask in (world.provider.connection, world.provider.organisation, lambda ref: read(world)):
        with pytest.raises(Gone):
            ask(world.ref)


def test_revoking_is_done_once_or_twice(world: World) -> None:
    world.provider.revoke(world.ref)
    world.remove()

    world.provider.revoke(world.ref)

    with pytest.raises(Gone):
        world.provider.connection(world.ref)


@pytest.mark.parametrize("again", [False, True])
def test_start_gives_a_link_for_one_browser(world: World, again: bool) -> None:
    link = world.provider.start(
        world.tenant_id, "nonce-0002", RETURN_TO, world.ref if again else None, world.integration
    )

    query = parse_qs(urlsplit(link.url).query)
    assert query["integration"] == [world.integration]
    assert query["link_token"][0] not in repr(link)
    assert world.token not in link.url


@pytest.mark.parametrize("encoding", ["hex", "base64"])
def test_a_signed_webhook_is_read(world: World, encoding: str) -> None:
    headers, body = world.event(encoding)

    signal = world.provider.read_event(headers, body)

    assert signal.kind == "integrated_account:authentication_error"
    assert (signal.ref, signal.tenant_id) == (world.ref, world.tenant_id)
    assert signal.environment_id == world.environment_id
    assert signal.event_id
    assert signal.created_at
    assert signal.created_at.tzinfo


@pytest.mark.parametrize("encoding", ["hex", "base64"])
def test_a_changed_webhook_is_refused(world: World, encoding: str) -> None:
    headers, body = world.event(encoding)

    with pytest.raises(BadSignature):
        world.provider.read_event(headers, body + b" ")
    with pytest.raises(BadSignature):
        world.provider.read_event({}, body)


@pytest.mark.parametrize("ref", ["", "..", "../link-token", "a/b", "a?b", "a b", "ä", "a" * 300])
def test_a_reference_that_is_none_never_leaves(world: World, ref: str) -> None:
    with pytest.raises(ProviderError):
        world.provider.connection(ref)
    with pytest.raises(ProviderError):
        world.provider.revoke(ref)
