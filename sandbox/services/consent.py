"""How the connect page ends: the message for the opener, and what happens to the account."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from sandbox.models import IntegratedAccount, LinkToken, Organisation
from sandbox.services import accounts, organisations
from sandbox.services.accounts import Ending

Status = IntegratedAccount.Status
MESSAGES = {
    "invalid_token": "The link token is invalid, was used before, or has expired",
    "invalid_integration": "This integration is not available",
    "connection_error": "The connection was not allowed",
    "validation_error": "Connection could not be validated",
    "post_install_error": "The set-up after the connection failed",
}


class NotEligible(Exception):
    """This person may not connect this organisation; the text says why."""


@dataclass(frozen=True)
class Approval:
    """What a person chose on the consent page."""

    organisation: Organisation
    authorised_by: str = ""
    ending: Ending = field(default_factory=Ending)


def origin(address: str) -> str:
    """Give the origin of an http address, or nothing."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return ""
    return f"{parts.scheme}://{parts.netloc}"


def success(account: IntegratedAccount) -> dict[str, Any]:
    """Give the message of a connection that was made."""
    return {
        "is_truto": True,
        "result": "success",
        "integration": "xero",
        "integrated_account_id": str(account.pk),
    }


def failure(kind: str, *, integration: str = "", account_id: str = "") -> dict[str, Any]:
    """Give the message of a connection that was not made, or not made well."""
    message = {"is_truto": True, "result": "error", "error": MESSAGES[kind], "error_type": kind}
    if integration:
        message["integration"] = integration
    if account_id:
        message["integrated_account_id"] = account_id
    return message


def approve(token: LinkToken, approval: Approval) -> dict[str, Any]:
    """Connect, and give the message for the opener.

    Raises NotEligible when the chosen person may not connect the organisation.
    """
    user_id = _authoriser(approval.organisation, approval.authorised_by)
    try:
        account = accounts.connect(
            token,
            organisation=approval.organisation,
            authorised_by=user_id,
            ending=approval.ending,
        )
    except accounts.TokenSpent:
        return failure("invalid_token", integration="xero")
    if approval.ending.status in accounts.ERRORS:
        kind = approval.ending.status.value
        return failure(kind, integration="xero", account_id=str(account.pk))
    return success(account)


def _authoriser(organisation: Organisation, wanted: str) -> str:
    able = organisations.who_can_connect(organisation)
    if not wanted:
        return able.values_list("user_id", flat=True).first() or ""
    if not able.filter(user_id=wanted).exists():
        raise NotEligible("Only a Standard user or an Adviser of the organisation can connect it.")
    return wanted
