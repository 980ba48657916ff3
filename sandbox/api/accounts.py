"""Integrated accounts: list, read, change, delete, and their small actions."""

import uuid
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime

from sandbox import errors, paging, wire
from sandbox.api.gate import Call, account_token, mapping
from sandbox.errors import ApiError
from sandbox.models import IntegratedAccount
from sandbox.services import accounts

PAGE = 5000


def find(account_id: Any) -> IntegratedAccount:
    """Find an account by its id; raises ApiError 404, also for what is no id at all."""
    try:
        key = uuid.UUID(str(account_id))
        return IntegratedAccount.objects.select_related("organisation").get(pk=key)
    except (ValueError, IntegratedAccount.DoesNotExist) as error:
        raise errors.not_found("Integrated account") from error


def list_accounts(call: Call) -> dict[str, Any]:
    """Answer `GET /integrated-account`."""
    size = paging.limit(call.query.get("limit"), default=PAGE, most=PAGE)
    start = paging.decode(call.query.get("next_cursor")).after
    rows = list(_filtered(call)[start : start + size + 1])
    more = paging.Cursor(after=start + size).encode() if len(rows) > size else None
    return {
        "result": [wire.account(row) for row in rows[:size]],
        "next_cursor": more,
        "limit": size,
    }


def _filtered(call: Call) -> QuerySet[IntegratedAccount]:
    rows = IntegratedAccount.objects.select_related("organisation")
    for name in ("tenant_id", "status"):
        if name in call.query:
            rows = rows.filter(**{name: call.query[name]})
    for name in ("created_at", "updated_at"):
        for operator in ("gt", "lt"):
            moment = parse_datetime(call.query.get(f"{name}[{operator}]", ""))
            rows = rows.filter(**{f"{name}__{operator}": moment}) if moment else rows
    nothing = call.query.get("integration.name", "xero") != "xero"
    nothing |= call.query.get("is_sandbox", "false") == "true"
    nothing |= call.query.get("environment_id", settings.ENVIRONMENT_ID) != settings.ENVIRONMENT_ID
    return rows.none() if nothing else rows


def read(call: Call, account_id: uuid.UUID) -> dict[str, Any]:
    """Answer `GET /integrated-account/{id}`."""
    return wire.account(find(account_id))


def change(call: Call, account_id: uuid.UUID) -> dict[str, Any]:
    """Answer `PATCH /integrated-account/{id}`."""
    account = find(account_id)
    accounts.merge_context(account, mapping(call.body(), "context"))
    return wire.account(account)


def delete(call: Call, account_id: uuid.UUID) -> dict[str, Any]:
    """Answer `DELETE /integrated-account/{id}`."""
    return {"id": accounts.delete(find(account_id))}


def capabilities(call: Call, account_id: uuid.UUID) -> dict[str, Any]:
    """Answer `GET /integrated-account/{id}/capabilities`."""
    full = wire.capabilities(find(account_id))
    wanted = call.query.get("type", "all")
    dropped = {"unified": "proxy", "proxy": "unified"}.get(wanted)
    return {name: value for name, value in full.items() if name != dropped}


def token(call: Call) -> dict[str, Any]:
    """Answer `POST /integrated-account/token`."""
    account = find(call.body().get("integrated_account_id"))
    return {"integrated_account_token": account_token(str(account.pk))}


def refresh_credentials(call: Call) -> dict[str, Any]:
    """Answer `POST /integrated-account/refresh-credentials`."""
    account = find(call.body().get("id"))
    if account.status == IntegratedAccount.Status.NEEDS_REAUTH or "needs_reauth" in account.faults:
        accounts.refuse_credentials(account)
        raise errors.credentials_refused("invalid_grant")
    return {"success": True}


def run_post_install_actions(call: Call) -> dict[str, Any]:
    """Answer `POST /integrated-account/run-post-install-actions`: a second try always works."""
    account = find(call.body().get("id"))
    if account.status == IntegratedAccount.Status.POST_INSTALL_ERROR:
        accounts.activate(account)
    return wire.account(account)


def bulk_delete(call: Call) -> dict[str, Any]:
    """Answer `POST /integrated-account/bulk-delete`."""
    body = call.body()
    tenant_id = mapping(body, "query").get("tenant_id")
    if not tenant_id:
        raise errors.invalid(query="query.tenant_id is required")
    for account in IntegratedAccount.objects.filter(tenant_id=tenant_id):
        if not body.get("dry_run"):
            accounts.delete(account)
    return {"success": True}


def _own(call: Call) -> IntegratedAccount:
    if call.account_id is None:
        raise ApiError(403, "This path needs an integrated-account token")
    return find(call.account_id)


def read_own(call: Call) -> dict[str, Any]:
    """Answer `GET /integrated-account/me`."""
    return wire.account(_own(call))


def change_own(call: Call) -> dict[str, Any]:
    """Answer `PATCH /integrated-account/me`."""
    account = _own(call)
    accounts.merge_context(account, mapping(call.body(), "context"))
    return wire.account(account)
