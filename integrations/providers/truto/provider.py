"""The provider contract, spoken through Truto."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from integrations.providers import strict_json
from integrations.providers.base import (
    NONCE_KEY,
    AccountPage,
    ConnectLink,
    Gone,
    Malformed,
    Organisation,
    Pace,
    ProviderSignal,
    Refused,
    RemoteConnection,
)
from integrations.providers.http import Limits, origin
from integrations.providers.truto import reading, signature
from integrations.providers.truto.client import Document, TrutoClient

LARGEST_EVENT = 256 * 1024
CANDIDATE_PAGES = 50
CANDIDATES_A_PAGE = 100

_REF = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,199}")


@dataclass(frozen=True, slots=True)
class TrutoConfig:
    """Where Truto is and who we are there. Several webhook secrets serve during a rotation."""

    api_base_url: str
    app_base_url: str
    api_token: str = field(repr=False)
    webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    environment_id: str | None = None


class TrutoProvider:
    """Connections, users and webhooks of every product that Truto reaches."""

    def __init__(
        self,
        config: TrutoConfig,
        *,
        pace: Pace | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._config = config
        self._app = origin(config.app_base_url)
        self._client = TrutoClient(
            config.api_base_url,
            token=config.api_token,
            pace=pace or _no_pace,
            limits=limits,
        )

    def __repr__(self) -> str:
        return f"TrutoProvider({self._client!r})"

    def start(
        self,
        tenant_id: str,
        nonce: str,
        redirect_uri: str,
        reconnect_ref: str | None,
        integration: str,
    ) -> ConnectLink:
        """Ask for a single-use link token. Truto takes a tenant or a connection, never both."""
        wish: dict[str, Any] = {
            "redirect_uri": redirect_uri,
            "context": {NONCE_KEY: nonce},
        }
        if reconnect_ref is None:
            wish["tenant_id"] = tenant_id
        else:
            wish["integrated_account_id"] = reconnect_ref
            wish["persist_previous_context"] = True
        token = self._client.post("/link-token", wish).content.get("link_token")
        query = {"link_token": reading.identifier(token, "The link token"),
                 "integration": integration}  # fmt: skip
        return ConnectLink(f"{self._app}/connect-account?{urlencode(query)}")

    def candidates(self, tenant_id: str, integration: str) -> list[RemoteConnection]:
        """Filtered once more here, since Truto ignores filters that it does not know."""
        found: list[RemoteConnection] = []
        seen: set[str] = set()
        cursor: str | None = None
        for _ in range(CANDIDATE_PAGES):
            document = self._candidate_page(tenant_id, integration, cursor)
            found += [self._ours(reading.connection(row)) for row in document.rows]
            cursor = document.next_cursor
            if cursor is None:
                return [
                    one
                    for one in found
                    if one.tenant_id == tenant_id and one.integration == integration
                ]
            if cursor in seen:
                break
            seen.add(cursor)
        raise Malformed("Truto's list of connections does not end")

    def connection(self, ref: str) -> RemoteConnection:
        document = self._client.get(f"/integrated-account/{_path_part(ref)}")
        found = self._ours(reading.connection(document.content))
        if found.ref != ref:
            raise Malformed("Truto answered with another connection than the one asked for")
        return found

    def organisation(self, ref: str) -> Organisation:
        rows = self._data("/unified/accounting/company_info", {"integrated_account_id": ref}).rows
        if len(rows) != 1:
            raise Malformed(f"One organisation was expected, but {len(rows)} came")
        return reading.organisation(rows[0])

    def page(self, ref: str, cursor: str | None, limit: int) -> AccountPage:
        query: dict[str, str | int] = {"integrated_account_id": ref, "limit": limit}
        if cursor is not None:
            query["next_cursor"] = cursor
        document = self._data("/unified/user-directory/users", query)
        return AccountPage(
            accounts=tuple(map(reading.account, document.rows)),
            next_cursor=document.next_cursor,
            partial=document.content.get("is_partial_response") not in (None, False),
            total=_total(document.content.get("result_count")),
            raw_digest=document.digest,
        )

    def revoke(self, ref: str) -> None:
        try:
            self._client.delete(f"/integrated-account/{_path_part(ref)}")
        except Gone:
            return

    def read_event(self, headers: Mapping[str, str], body: bytes) -> ProviderSignal:
        """The signature first, and only then size and meaning: whoever signed gets no refusal."""
        signature.verify(headers, body, self._config.webhook_secrets)
        if len(body) > LARGEST_EVENT:
            raise Malformed("The webhook is larger than any that we read")
        return _signal(strict_json.read_object(body, what="The webhook"))

    def close(self) -> None:
        self._client.close()

    def _candidate_page(self, tenant_id: str, integration: str, cursor: str | None) -> Document:
        query: dict[str, str | int] = {
            "tenant_id": tenant_id,
            "integration.name": integration,
            "limit": CANDIDATES_A_PAGE,
        }
        if cursor is not None:
            query["next_cursor"] = cursor
        return self._client.get("/integrated-account", query)

    def _data(self, path: str, query: Mapping[str, str | int]) -> Document:
        """Data of a connection. A 404 here may also mean a model that is not installed at Truto,
        so the connection counts as gone only when Truto says so of the connection itself."""
        try:
            return self._client.get(path, query)
        except Gone:
            self.connection(str(query["integrated_account_id"]))
        raise Refused("Truto knows the connection but not what we asked of it (404)")

    def _ours(self, found: RemoteConnection) -> RemoteConnection:
        expected = self._config.environment_id
        if expected and found.environment_id not in (None, expected):
            raise Refused("The API token belongs to another Truto environment than the one set")
        return found


def _no_pace() -> None:
    return None


def _path_part(ref: str) -> str:
    if not _REF.fullmatch(ref):
        raise Refused("A connection's reference has a form that Truto never gives")
    return ref


def _total(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise Malformed("Truto's answer holds a count that is none")
    return value


def _signal(event: Mapping[str, Any]) -> ProviderSignal:
    kind = reading.text(event.get("event")) or reading.text(event.get("event_type"))
    if not kind:
        raise Malformed("The webhook does not say what happened")
    about = reading.mapping(event.get("payload")) if kind.startswith("integrated_account:") else {}
    return ProviderSignal(
        event_id=reading.identifier(event.get("id"), "The webhook"),
        kind=kind,
        ref=reading.text(about.get("id")) or None,
        tenant_id=reading.text(about.get("tenant_id")) or None,
        environment_id=reading.text(event.get("environment_id")) or None,
        created_at=reading.moment(event.get("created_at")),
    )
