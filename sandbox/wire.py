"""The JSON shapes of Truto's objects and of the Xero records inside them."""

import string
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.conf import settings

from sandbox import catalog
from sandbox.models import IntegratedAccount, Organisation, Webhook

XERO = catalog.INTEGRATIONS["xero"]
USER_COLUMNS = (
    "id",
    "user_id",
    "global_user_id",
    "email",
    "first_name",
    "last_name",
    "role",
    "is_subscriber",
    "updated_ms",
)


def timestamp(moment: datetime) -> str:
    """Write a moment as Truto does, in either of the two forms that are known of it."""
    moment = moment.astimezone(UTC)
    if settings.TIMESTAMPS == "plain":
        return moment.strftime("%Y-%m-%d %H:%M:%S")
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@lru_cache(maxsize=4096)
def timestamp_of(milliseconds_since_1970: int) -> str:
    """Write a moment given as Xero counts; remembered, as many users change at one moment."""
    return timestamp(datetime.fromtimestamp(milliseconds_since_1970 / 1000, UTC))


def milliseconds(moment: datetime) -> int:
    """Give the milliseconds since 1970, as Xero counts."""
    return int(moment.timestamp() * 1000)


def xero_user(row: dict[str, Any]) -> dict[str, Any]:
    """Give a user as Xero writes it; empty names and addresses are left out, as Xero does."""
    user = {
        "UserID": row["user_id"],
        "GlobalUserID": row["global_user_id"],
        "EmailAddress": row["email"],
        "FirstName": row["first_name"],
        "LastName": row["last_name"],
        "UpdatedDateUTC": f"/Date({row['updated_ms']}+0000)/",
        "IsSubscriber": row["is_subscriber"],
        "OrganisationRole": row["role"],
    }
    if row["email"] and row["first_name"] and row["last_name"]:
        return user
    return {key: value for key, value in user.items() if value != ""}


def unified_user(row: dict[str, Any], *, with_remote: bool = True) -> dict[str, Any]:
    """Give a user in Truto's unified form; what Xero does not know is absent, not null."""
    user: dict[str, Any] = {"id": row["user_id"]}
    first, last = row["first_name"], row["last_name"]
    if first:
        user["first_name"] = first
    if last:
        user["last_name"] = last
    if first or last:
        user["name"] = f"{first} {last}".strip()
    if row["email"]:
        user["emails"] = [{"email": row["email"], "is_primary": True}]
    user["roles"] = [{"id": row["role"], "name": row["role"]}]
    user["updated_at"] = timestamp_of(row["updated_ms"])
    if with_remote:
        user["remote_data"] = xero_user(row)
    return user


def short_code(organisation: Organisation) -> str:
    """Five letters and digits behind "!", always the same for an organisation."""
    letters = string.ascii_letters + string.digits
    return "!" + "".join(letters[byte % len(letters)] for byte in organisation.pk.bytes[-5:])


def xero_organisation(organisation: Organisation) -> dict[str, Any]:
    """Give an organisation as Xero writes it."""
    return {
        "OrganisationID": str(organisation.pk),
        "ShortCode": short_code(organisation),
        "Name": organisation.name,
        "LegalName": organisation.legal_name or organisation.name,
        "CountryCode": organisation.country_code,
        "BaseCurrency": organisation.currency,
        "IsDemoCompany": True,
        "OrganisationStatus": "ACTIVE",
        "CreatedDateUTC": f"/Date({milliseconds(organisation.created_at)}+0000)/",
    }


def company_info(organisation: Organisation, *, with_remote: bool = True) -> dict[str, Any]:
    """Give an organisation in Truto's unified form."""
    company: dict[str, Any] = {
        "id": str(organisation.pk),
        "name": organisation.name,
        "legal_name": organisation.legal_name or organisation.name,
        "currency": organisation.currency,
        "created_at": timestamp(organisation.created_at),
        "updated_at": timestamp(organisation.updated_at),
    }
    if with_remote:
        company["remote_data"] = xero_organisation(organisation)
    return company


def account(row: IntegratedAccount) -> dict[str, Any]:
    """Give an integrated account as the API shows it."""
    return _account_core(row) | {
        "unified_model_override": {},
        "last_error": row.last_error,
        "last_forbidden_error": row.last_forbidden_error,
        "integration": _integration() | {"category": XERO.category, "is_beta": False},
        "environment_integration": _environment_integration()
        | {
            "integration_id": XERO.id,
            "environment_id": settings.ENVIRONMENT_ID,
            "show_in_catalog": True,
            "override": {},
        },
    }


def account_in_event(row: IntegratedAccount) -> dict[str, Any]:
    """Give an integrated account as webhooks carry it: trimmed."""
    return _account_core(row) | {
        "last_error": row.last_error,
        "integration": _integration(),
        "environment_integration": _environment_integration(),
    }


def _account_core(row: IntegratedAccount) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "tenant_id": row.tenant_id,
        "environment_id": settings.ENVIRONMENT_ID,
        "environment_integration_id": catalog.environment_integration_id(settings.ENVIRONMENT_ID),
        "status": str(row.status),
        "is_sandbox": False,
        "authentication_method": "oauth2",
        "region": row.region,
        "context": row.context,
        "object_store_context_fields": [],
        "created_at": timestamp(row.created_at),
        "updated_at": timestamp(row.updated_at),
    }


def _integration() -> dict[str, Any]:
    return {"id": XERO.id, "name": XERO.slug, "config": {"label": XERO.label}}


def _environment_integration() -> dict[str, Any]:
    return {
        "id": catalog.environment_integration_id(settings.ENVIRONMENT_ID),
        "is_enabled": True,
    }


def capabilities(row: IntegratedAccount) -> dict[str, Any]:
    """Give what an account can do."""
    list_users = {"name": "List users", "method": "list", "description": "Users of Xero"}
    return {
        "integration": {
            "id": XERO.id,
            "name": XERO.slug,
            "label": XERO.label,
            "category": XERO.category,
        },
        "environment_id": settings.ENVIRONMENT_ID,
        "account": {
            "id": str(row.pk),
            "status": str(row.status),
            "authentication_method": "oauth2",
            "is_blocked": "blocked" in row.faults,
        },
        "unified": [
            _unified_row("user-directory", "Unified User Directory", "users", ["list"]),
            _unified_row("accounting", "Unified Accounting", "company_info", ["list", "get"]),
        ],
        "proxy": [{"resource": "users", "methods": [list_users | {"has_query_schema": True}]}],
        "auth": {"formats": ["oauth2"], "fields": []},
        "ai_readiness": {},
    }


def _unified_row(model: str, label: str, resource: str, methods: list[str]) -> dict[str, Any]:
    return {
        "model": model,
        "model_label": label,
        "resource": resource,
        "description": f"{label}: {resource}",
        "docs_url": "",
        "methods": methods,
        "env_overridden": False,
    }


def webhook(row: Webhook, *, with_secret: bool = False) -> dict[str, Any]:
    """Give a webhook; its secret is shown once, in the answer to its creation."""
    shown = {
        "id": str(row.pk),
        "target_url": row.target_url,
        "is_active": row.is_active,
        "environment_id": settings.ENVIRONMENT_ID,
        "event_types": row.event_types or [],
        "created_at": timestamp(row.created_at),
        "updated_at": timestamp(row.updated_at),
    }
    return shown | {"secret": row.secret} if with_secret else shown
