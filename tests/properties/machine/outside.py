"""The outside of the machine: one Xero organisation, and the ways in which reading it goes wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from integrations.providers.base import (
    AccountPage,
    ConnectLink,
    Malformed,
    NeedsReconnect,
    Organisation,
    ProviderSignal,
    RemoteAccount,
    RemoteConnection,
    TryLater,
)

PAGE = 3
FAULTS = ("refused", "busy", "later", "error", "cut", "partial", "repeated", "empty", "swapped")


@dataclass
class Xero:
    """Stands where the provider stands; `users` is the truth, `fault` how it answers now."""

    integration: str = "xero"
    organisation_id: str = "organisation-1"
    other_organisation: bool = False
    authorised: bool = True
    fault: str = ""
    users: dict[str, RemoteAccount] = field(default_factory=dict)
    refs: dict[str, RemoteConnection] = field(default_factory=dict)

    def __call__(self, config: Any, **how: Any) -> "Xero":
        return self

    def start(
        self, tenant: str, nonce: str, back: str, ref: str | None, integration: str
    ) -> ConnectLink:
        ref = ref or f"ref-{len(self.refs) + 1}"
        self.refs[ref] = RemoteConnection(
            *(ref, tenant, integration, "active", False, {"connect_nonce": nonce}, None),
            *(("accounting.settings.read",), None),
        )
        return ConnectLink(f"https://connect.example.test/{ref}")

    def candidates(self, tenant: str, integration: str) -> list[RemoteConnection]:
        return [each for each in self.refs.values() if each.tenant_id == tenant]

    def connection(self, ref: str) -> RemoteConnection:
        return self.refs[ref]

    def organisation(self, ref: str) -> Organisation:
        if not self.authorised or self.fault == "refused":
            raise NeedsReconnect("No longer accepted")
        if self.other_organisation or self.fault == "swapped":
            return Organisation("organisation-2", "Other Books", None)
        return Organisation(self.organisation_id, "Example Books", None)

    def page(self, ref: str, cursor: str | None, limit: int) -> AccountPage:
        rows = [] if self.fault == "empty" else list(self.users.values())
        start = int(cursor or 0)
        last = start + PAGE >= len(rows)
        if last:
            self._fail()
        page = AccountPage(
            accounts=tuple(rows[start : start + PAGE]),
            next_cursor=None if last else str(start + PAGE),
            partial=False,
            total=len(rows),
            raw_digest=f"{start}",
        )
        return self._spoil(page, last)

    def _fail(self) -> None:
        if self.fault == "busy":
            raise TryLater(5)
        if self.fault == "later":
            raise TryLater(120)
        if self.fault == "error":
            raise Malformed("Rubbish")

    def _spoil(self, page: AccountPage, last: bool) -> AccountPage:
        accounts, cursor, partial = page.accounts, page.next_cursor, page.partial
        if self.fault == "cut" and last:
            accounts = accounts[:-1]
        if self.fault == "partial":
            accounts, partial = accounts[1:], True
        if self.fault == "repeated" and last:
            cursor = "0"
        total = None if self.fault == "partial" else page.total
        return AccountPage(accounts, cursor, partial, total, page.raw_digest)

    def revoke(self, ref: str) -> None:
        self.refs.pop(ref, None)

    def read_event(self, headers: Mapping[str, str], body: bytes) -> ProviderSignal:
        raise NotImplementedError("Signals enter behind the signature here.")

    def close(self) -> None:
        pass
