"""One decision in place of another: under locks, in batches, and never freeing a leaver unseen."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from access.models import Account, Identification
from audit import services as audit
from people import selectors as people
from people.addresses import normalise
from people.services import Problem
from workspaces.models import User, Workspace

MOST_AT_ONCE = 200  # accounts that one request may decide about
Why = Identification.Why
Terms = Callable[[Account], dict[str, Any]]


def locked(accounts: Iterable[Account], workspace: Workspace) -> list[Account]:
    """The accounts, held until commit and always in the same order. Raises Problem."""
    ids = {account.pk for account in accounts}
    if len(ids) > MOST_AT_ONCE:
        raise Problem(
            "accounts", f"Choose at most {MOST_AT_ONCE} accounts at once. Nothing was changed."
        )
    rows = Account.objects.select_for_update(of=("self",), no_key=True).filter(
        workspace=workspace, pk__in=ids
    )
    found = list(rows.order_by("id"))
    if not found or len(found) != len(ids):
        raise Problem("accounts", "Choose accounts of this workspace. Nothing was changed.")
    return found


def current(accounts: Iterable[Account]) -> dict[UUID, Identification]:
    """The present decisions, by account; accounts that nobody decided about are left out."""
    rows = Identification.objects.filter(
        account__in=[each.pk for each in accounts], withdrawn_at__isnull=True
    )
    return {each.account_id: each for each in rows.select_related("staff")}


def decide(
    accounts: list[Account],
    *,
    workspace: Workspace,
    user: User | None,
    why: str = Why.REPLACED,
    terms: Terms,
    now: datetime,
) -> list[Identification]:
    """Within an act, on locked accounts: `terms` says for each what the new decision is.

    The one before is withdrawn; what it gave to a leaver stays held for them until approved.
    """
    before = current(accounts)
    own = _own_staff(user, workspace)
    made = [
        _made(account, terms(account), workspace=workspace, user=user, own=own, now=now)
        for account in accounts
    ]
    heirs = {each.account_id: each.staff_id for each in made}
    withdraw(before.values(), workspace=workspace, user=user, why=why, heirs=heirs, now=now)
    Identification.objects.bulk_create(made, batch_size=200)
    _give_back(made, now)
    for account, decision in zip(accounts, made, strict=True):
        _record_decision(account, decision, before.get(account.pk))
    return made


def withdraw(
    rows: Iterable[Identification],
    *,
    workspace: Workspace,
    user: User | None,
    why: str,
    heirs: Mapping[UUID, UUID | None] | None = None,
    now: datetime,
) -> list[Identification]:
    """End decisions. One that named a leaver, gone or upcoming, keeps the account held for them.

    Somebody whose leaving was withdrawn, or who came back, counts as well: else a return recorded
    for a moment would let go of an account.
    `heirs` are the people that the accounts go to; a leaver who keeps theirs is held nothing.
    """
    ended = list(rows)
    leaving = people.ever_leaving({each.staff_id for each in ended if each.staff_id})
    for each in ended:
        each.withdrawn_at, each.withdrawn_by, each.withdrawn_why = now, user, why
        heir = (heirs or {}).get(each.account_id)
        if each.staff_id in leaving and each.staff_id != heir:
            each.held_for_id = each.staff_id
    changed = ["withdrawn_at", "withdrawn_by", "withdrawn_why", "held_for"]
    Identification.objects.bulk_update(ended, changed, batch_size=200)
    return ended


def _made(
    account: Account,
    terms: dict[str, Any],
    *,
    workspace: Workspace,
    user: User | None,
    own: set[UUID],
    now: datetime,
) -> Identification:
    staff = terms.get("staff")
    same = user is not None and account.normalised_email == normalise(user.email) != ""
    return Identification(
        workspace=workspace,
        account=account,
        decided_by=user,
        decided_at=now,
        email=account.normalised_email,
        own_access=same or (staff is not None and staff.pk in own),
        **terms,
    )


def _own_staff(user: User | None, workspace: Workspace) -> set[UUID]:
    """Who in the directory the deciding user is, by address."""
    address = normalise(user.email) if user is not None else ""
    if not address:
        return set()
    rows = people.addresses(workspace).filter(normalised=address, until__isnull=True)
    return set(rows.values_list("staff_id", flat=True))


def _give_back(made: list[Identification], now: datetime) -> None:
    """An account that is the leaver's again needs nobody's approval any more."""
    for staff_id in {each.staff_id for each in made if each.staff_id}:
        accounts = [each.account_id for each in made if each.staff_id == staff_id]
        Identification.objects.filter(
            account__in=accounts, held_for=staff_id, approved_at__isnull=True
        ).update(approved_at=now)


def record(kind: str, account: Account, /, **body: Any) -> None:
    """Queue an event about one account; its system is judged again."""
    audit.record(
        kind,
        subject=f"account:{account.id}",
        touched={f"connection:{account.connection_id}"},
        account=account.label,
        **body,
    )


def _record_decision(account: Account, made: Identification, before: Identification | None) -> None:
    record(
        "account.identified",
        account,
        decision=str(made.kind),
        person=made.staff.name if made.staff else None,
        before=before.kind if before else None,
        before_person=before.staff.name if before and before.staff else None,
        held_for=str(before.held_for_id) if before and before.held_for_id else None,
        own_access=made.own_access,
    )
