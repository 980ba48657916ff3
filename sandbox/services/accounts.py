"""Changes to integrated accounts, each with the webhooks that Truto would send."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from sandbox import catalog, wire
from sandbox.models import IntegratedAccount, LinkToken, Organisation
from sandbox.services import deliveries, link_tokens

Status = IntegratedAccount.Status
REAUTH_ERROR = "Failed to refresh the access token: invalid_grant"
ERRORS = {
    Status.VALIDATION_ERROR: "The permission check failed: this user may not read users.",
    Status.POST_INSTALL_ERROR: "A set-up step failed after the connection was made.",
}


class TokenSpent(Exception):
    """The link token is unknown, used or too old."""


@dataclass(frozen=True)
class Ending:
    """How a consent ends: a status, and the seconds until a connecting account becomes active."""

    status: IntegratedAccount.Status = Status.ACTIVE
    seconds: float = 0


def tell(account: IntegratedAccount, what: str) -> None:
    """Queue a webhook about an account as it is now."""
    deliveries.queue(f"integrated_account:{what}", wire.account_in_event(account))


@transaction.atomic
def connect(
    token: LinkToken, *, organisation: Organisation, authorised_by: str, ending: Ending
) -> IntegratedAccount:
    """Use up a link token and make, or renew, the account it stands for.

    Raises TokenSpent when the token cannot be used any more.
    """
    if not link_tokens.use_up(token):
        raise TokenSpent
    account = token.account or IntegratedAccount(tenant_id=token.tenant_id, region=token.region)
    account.context = _context(token, account.context)
    account.organisation, account.authorised_by = organisation, authorised_by
    account.status, account.last_error, account.faults = Status.CONNECTING, None, {}
    account.last_forbidden_error = None
    account.settles_at = None
    account.updated_at = timezone.now()
    account.save()
    tell(account, "updated" if token.account else "created")
    _end(account, ending)
    return account


def _context(token: LinkToken, existing: dict[str, Any]) -> dict[str, Any]:
    base = existing if token.persist_previous_context else {}
    scopes = token.scopes or catalog.DEFAULT_SCOPES
    return {**base, "oauth": {"scope": scopes}, **token.context}


def _end(account: IntegratedAccount, ending: Ending) -> None:
    if ending.status == Status.CONNECTING:
        account.change(settles_at=timezone.now() + timedelta(seconds=ending.seconds))
    elif ending.status == Status.ACTIVE:
        activate(account)
    else:
        fail(account, status=ending.status)


def activate(account: IntegratedAccount) -> None:
    """Make an account usable."""
    account.change(status=Status.ACTIVE, last_error=None, settles_at=None)
    tell(account, "active")


def fail(account: IntegratedAccount, *, status: IntegratedAccount.Status) -> None:
    """Leave an account behind that was saved but did not get through its checks."""
    account.change(status=status, last_error=ERRORS[status], settles_at=None)
    tell(account, status.value)


@transaction.atomic
def settle_due() -> int:
    """Activate the accounts whose time of connecting is over; gives their number."""
    due = list(
        IntegratedAccount.objects.filter(
            status=Status.CONNECTING, settles_at__lte=timezone.now()
        ).select_related("organisation")
    )
    for account in due:
        activate(account)
    return len(due)


@transaction.atomic
def refuse_credentials(account: IntegratedAccount) -> None:
    """Let the provider have refused the credentials."""
    if account.status != Status.NEEDS_REAUTH:
        account.change(status=Status.NEEDS_REAUTH, last_error=REAUTH_ERROR)
        tell(account, "authentication_error")


@transaction.atomic
def reactivate(account: IntegratedAccount) -> None:
    """Let calls succeed again without a reconnect."""
    if account.status == Status.NEEDS_REAUTH:
        account.change(status=Status.ACTIVE, last_error=None)
        tell(account, "reactivated")


@transaction.atomic
def delete(account: IntegratedAccount) -> str:
    """Remove an account and give its id; the webhook carries the id only."""
    account_id = str(account.pk)
    account.delete()
    deliveries.queue("integrated_account:deleted", {"id": account_id})
    return account_id


@transaction.atomic
def merge_context(account: IntegratedAccount, context: dict[str, Any]) -> None:
    """Merge new context over the old, one level deep; what OAuth gave stays."""
    kept = {key: account.context[key] for key in ("oauth",) if key in account.context}
    account.change(context={**account.context, **context, **kept})
    tell(account, "updated")


def note_forbidden(account: IntegratedAccount, *, resource: str, scopes: list[str]) -> None:
    """Remember that the provider forbade a call; the status stays as it is, and nobody is told."""
    account.change(
        last_forbidden_error={
            "resource": resource,
            "method": "list",
            "missing_scopes": scopes,
            "occurred_at": wire.timestamp(timezone.now()),
        }
    )


@transaction.atomic
def switch_fault(account: IntegratedAccount, kind: str, options: dict[str, Any] | None) -> None:
    """Switch a fault on with its options, or off with None."""
    account.refresh_from_db()
    faults = {name: value for name, value in account.faults.items() if name != kind}
    if options is not None:
        faults[kind] = options
    account.faults = faults
    account.save(update_fields=["faults"])
    if kind == "needs_reauth" and options is not None and not options.get("on_call"):
        refuse_credentials(account)
    elif kind == "needs_reauth" and options is None:
        reactivate(account)
