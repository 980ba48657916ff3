"""The words every provider speaks: what it hands back, what it can be asked, and how it fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from textwrap import shorten
from typing import Any, Protocol

Pace = Callable[[], None]
"""Called before every request; it waits for the shared rate bucket or raises `TryLater`."""

NONCE_KEY = "connect_nonce"
"""The key under which a connect attempt's nonce travels through a provider's connection context."""


@dataclass(frozen=True, slots=True)
class RemoteAccount:
    """One user of the connected product, as one page of its list shows it."""

    external_id: str
    name: str
    email: str | None
    level: str
    """The product's own word for the role, untouched; empty when the product names none."""
    is_subscriber: bool


@dataclass(frozen=True, slots=True)
class AccountPage:
    """One page of a product's users; only `listing.read_all` may call a list complete."""

    accounts: tuple[RemoteAccount, ...]
    next_cursor: str | None
    partial: bool
    """The source itself says that records lack fields."""
    total: int | None
    """How many users the whole list holds, where the source says so."""
    raw_digest: str
    """SHA-256 of the answer's bytes, in hex."""


@dataclass(frozen=True, slots=True)
class Organisation:
    """The organisation that a connection reads."""

    id: str
    name: str
    short_code: str | None


@dataclass(frozen=True, slots=True)
class RemoteConnection:
    """A connection as the provider keeps it."""

    ref: str
    tenant_id: str
    integration: str
    status: str
    is_sandbox: bool
    context: Mapping[str, Any] = field(repr=False, hash=False)
    last_error: str | None
    granted_scopes: tuple[str, ...]
    environment_id: str | None
    updated_at: datetime | None = None

    @property
    def nonce(self) -> str | None:
        """The connect attempt's nonce, if the provider echoes it."""
        value = self.context.get(NONCE_KEY)
        return value if isinstance(value, str) and value else None


@dataclass(frozen=True, slots=True)
class ConnectLink:
    """Where the person's browser goes to allow access; the address holds a single-use token."""

    url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ProviderSignal:
    """A verified webhook: a hint to read the connection again, never the truth itself."""

    event_id: str
    kind: str
    ref: str | None
    tenant_id: str | None
    environment_id: str | None
    created_at: datetime | None


class ProviderError(Exception):
    """Anything that kept a provider from answering; `str` is for the log, `words` for people."""

    code = "provider_error"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason

    @property
    def words(self) -> str:
        """What happened, that nothing was lost, and what to do next."""
        return f"{sentence(self.reason)} Nothing was changed. Please try again."


class NeedsReconnect(ProviderError):
    """The product refuses the customer's authorisation; only a person can renew it."""

    code = "needs_reconnect"

    def __init__(
        self, reason: str, missing_scopes: tuple[str, ...] = (), lacks_permission: bool = False
    ) -> None:
        super().__init__(reason)
        self.args = (reason, missing_scopes, lacks_permission)
        self.missing_scopes = missing_scopes
        self.lacks_permission = lacks_permission or bool(missing_scopes)

    @property
    def words(self) -> str:
        again = 'Nothing was lost. Choose "Reconnect" and allow access again.'
        if self.lacks_permission:
            again += (
                " If the same is said then, the permission is not asked for, or whoever allows it"
                " does not have it: tell whoever runs this installation."
            )
        return f"{self._cause()} {again}"

    def _cause(self) -> str:
        if not self.lacks_permission:
            return "The connected product no longer accepts our access."
        if not self.missing_scopes:
            return "The connection lacks a permission that we need."
        named = shorten(", ".join(self.missing_scopes), 200, placeholder=" …")
        return f"The connection lacks permissions that we need: {named}."


class TryLater(ProviderError):
    """Busy, slow or out of reach; the same request may work after `after_seconds`."""

    code = "try_later"

    def __init__(
        self,
        after_seconds: int | None = None,
        reason: str = "The service cannot answer just now",
    ) -> None:
        super().__init__(reason)
        self.args = (after_seconds, reason)
        self.after_seconds = after_seconds

    @property
    def words(self) -> str:
        return f"{sentence(self.reason)} Nothing was lost. We try again by ourselves."


class NotOurTurn(TryLater):
    """Our own pace kept the request back: the provider was not asked, and said nothing."""

    code = "not_our_turn"


class Refused(ProviderError):
    """Our own request or API token is not accepted: for the operator, not for the customer."""

    code = "refused"

    @property
    def words(self) -> str:
        return (
            f"{sentence(self.reason)} Your connection is not broken and nothing was lost."
            " Please tell whoever runs this installation."
        )


class Malformed(ProviderError):
    """The answer came, but it cannot be trusted."""

    code = "malformed"

    @property
    def words(self) -> str:
        return (
            f"{sentence(self.reason)} Nothing was changed: the last complete list stays."
            " We try again by ourselves; if this stays, tell whoever runs this installation."
        )


class BadSignature(ProviderError):
    """A webhook that the provider did not sign with a secret of ours."""

    code = "bad_signature"

    def __init__(self, reason: str = "The webhook's signature does not fit") -> None:
        super().__init__(reason)

    @property
    def words(self) -> str:
        return (
            f"{sentence(self.reason)} Nothing was changed."
            " Check that the webhook's secret is the one that this installation knows."
        )


class Gone(ProviderError):
    """The connection no longer exists at the provider."""

    code = "gone"

    def __init__(self, reason: str = "The connection no longer exists at the provider") -> None:
        super().__init__(reason)

    @property
    def words(self) -> str:
        return f"{sentence(self.reason)} What was gathered so far is kept. Please connect again."


class Provider(Protocol):
    """A way in to connected products. Every method may raise any `ProviderError`."""

    def start(
        self,
        tenant_id: str,
        nonce: str,
        redirect_uri: str,
        reconnect_ref: str | None,
        integration: str,
    ) -> ConnectLink:
        """Begin a connect, or with `reconnect_ref` a reconnect that keeps the reference."""

    def candidates(self, tenant_id: str, integration: str) -> list[RemoteConnection]:
        """Every connection of this tenant to this product, in any status."""

    def connection(self, ref: str) -> RemoteConnection:
        """The connection as it is now; `Gone` if it was removed."""

    def organisation(self, ref: str) -> Organisation:
        """The organisation that the connection reads."""

    def page(self, ref: str, cursor: str | None, limit: int) -> AccountPage:
        """One page of the product's users, from the start when `cursor` is None."""

    def revoke(self, ref: str) -> None:
        """Remove the connection; one that is gone already counts as removed."""

    def read_event(self, headers: Mapping[str, str], body: bytes) -> ProviderSignal:
        """Verify and read a webhook from its raw bytes; `BadSignature` or `Malformed`."""

    def close(self) -> None:
        """Let go of network connections."""


def sentence(text: str) -> str:
    """The text with exactly one full stop at its end."""
    return f"{text.rstrip(' .')}."
