"""`POST /link-token`: the way every connection begins."""

import uuid
from typing import Any

from sandbox import catalog, errors
from sandbox.api import gate
from sandbox.api.accounts import find
from sandbox.api.gate import Call
from sandbox.models import IntegratedAccount
from sandbox.services import link_tokens


def create(call: Call) -> dict[str, Any]:
    """Make a link token for a tenant, or for an account that is to be connected again."""
    body = call.body()
    tenant_id = gate.text(body, "tenant_id").strip()
    account_id = gate.text(body, "integrated_account_id")
    _exactly_one(tenant_id, account_id)
    region = gate.text(body, "region", default="wnam")
    if region not in catalog.REGIONS:
        raise errors.invalid(region=f"region must be one of {', '.join(catalog.REGIONS)}")
    account = _account(account_id) if account_id else None
    token = link_tokens.create(
        tenant_id=account.tenant_id if account else tenant_id,
        account=account,
        context=gate.mapping(body, "context"),
        scopes=gate.strings(body, "scopes"),
        redirect_uri=_redirect_uri(body),
        region=region,
        persist_previous_context=gate.flag(body, "persist_previous_context"),
    )
    return {"link_token": token.token}


def _exactly_one(tenant_id: str, account_id: str) -> None:
    # Truto picks one in silence when both are sent. An error finds the bug in the client instead.
    if bool(tenant_id) == bool(account_id):
        message = "Send either tenant_id or integrated_account_id"
        raise errors.invalid(tenant_id=message, integrated_account_id=message)


def _account(account_id: str) -> IntegratedAccount:
    try:
        uuid.UUID(account_id)
    except ValueError as error:
        message = "integrated_account_id must be a UUID"
        raise errors.invalid(integrated_account_id=message) from error
    return find(account_id)


def _redirect_uri(body: dict[str, Any]) -> str:
    uri = gate.text(body, "redirect_uri")
    if uri and not uri.startswith(("http://", "https://")):
        raise errors.invalid(redirect_uri="redirect_uri must be an http or https address")
    return uri
