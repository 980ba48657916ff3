"""Remote control of the pretend Truto: consent without a browser, faults, webhooks."""

import uuid
from typing import Any

from sandbox import catalog, wire
from sandbox.control.gate import Refused
from sandbox.control.world import find_organisation
from sandbox.models import Delivery, IntegratedAccount, LinkToken, Webhook
from sandbox.services import accounts, consent, deliveries, link_tokens
from sandbox.services.accounts import Ending, Status

Body = dict[str, Any]


def approve(body: Body) -> Body:
    """End a consent as if a person had: gives the message that the opener would get.

    `outcome` is success, connecting, validation_error, post_install_error or denied.
    """
    token = link_tokens.usable(body["link_token"])
    if token is None:
        return consent.failure("invalid_token")
    outcome = body.get("outcome", "success")
    if outcome == "denied":
        return consent.failure("connection_error", integration="xero")
    status = Status("active" if outcome == "success" else outcome)
    approval = consent.Approval(
        find_organisation(body["organisation"]),
        body.get("authorised_by", ""),
        Ending(status, float(body.get("seconds", 0))),
    )
    try:
        return consent.approve(token, approval)
    except consent.NotEligible as error:
        raise Refused(str(error)) from error


def expire_link_token(body: Body) -> Body:
    """Let a link token's seven days be over."""
    token = LinkToken.objects.filter(pk=body["link_token"]).first()
    if token is None:
        raise Refused("There is no such link token.")
    link_tokens.expire(token)
    return {"link_token": token.token}


def _shown(item: IntegratedAccount) -> Body:
    return wire.account(item) | {
        "organisation": str(item.organisation_id),
        "authorised_by": item.authorised_by,
        "faults": item.faults,
    }


def list_accounts(body: Body) -> Body:
    """List all accounts with what Truto would not show: organisation, authoriser, faults."""
    rows = IntegratedAccount.objects.select_related("organisation")
    return {"accounts": [_shown(item) for item in rows]}


def find_account(pk: uuid.UUID) -> IntegratedAccount:
    """Find an account; raises Refused."""
    item = IntegratedAccount.objects.filter(pk=pk).first()
    if item is None:
        raise Refused(f"There is no account {pk}.")
    return item


def set_faults(body: Body, pk: uuid.UUID) -> Body:
    """Switch faults: each key is a kind, its value true, an object of options, or null for off."""
    item = find_account(pk)
    unknown = set(body) - set(catalog.FAULTS)
    if unknown:
        raise Refused(f"Unknown faults: {', '.join(sorted(unknown))}.")
    for kind, value in body.items():
        if value is not None and not isinstance(value, dict | bool):
            raise Refused(f"{kind} must be true, an object, or null.")
        accounts.switch_fault(
            item, kind, {} if value is True else None if value is False else value
        )
    return _shown(find_account(pk))


def clear_faults(body: Body, pk: uuid.UUID) -> Body:
    """Switch all faults off."""
    item = find_account(pk)
    for kind in list(item.faults):
        accounts.switch_fault(item, kind, None)
    return _shown(find_account(pk))


def set_webhook(body: Body) -> Body:
    """Add a webhook with a chosen `secret` and `encoding`; `only` drops all the others."""
    if body.get("only"):
        Webhook.objects.all().delete()
    row = Webhook.objects.create(
        target_url=body["target_url"],
        encoding=body.get("encoding", ""),
        event_types=body.get("event_types"),
        **({"secret": body["secret"]} if "secret" in body else {}),
    )
    return wire.webhook(row, with_secret=True)


def list_deliveries(body: Body) -> Body:
    """List all deliveries, oldest first."""
    columns = ("id", "event_id", "event", "state", "attempts", "last_status", "last_error", "body")
    return {"deliveries": list(Delivery.objects.order_by("id").values(*columns))}


def hold_deliveries(body: Body) -> Body:
    """Keep new events back until released."""
    deliveries.hold()
    return {"held": True}


def release_deliveries(body: Body) -> Body:
    """Send what was held: `order` queued, reverse or shuffle (with `seed`), `copies` times."""
    order = body.get("order", "queued")
    if order not in ("queued", "reverse", "shuffle"):
        raise Refused("order must be queued, reverse or shuffle.")
    copies = int(body.get("copies", 1))
    return {"released": deliveries.release(order=order, seed=body.get("seed"), copies=copies)}


def resend_delivery(body: Body, pk: int) -> Body:
    """Send one delivery again, `copies` times."""
    row = Delivery.objects.filter(pk=pk).first()
    if row is None:
        raise Refused(f"There is no delivery {pk}.")
    deliveries.resend(row, copies=int(body.get("copies", 1)))
    return {"event_id": row.event_id}
