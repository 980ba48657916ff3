"""What follows from addresses alone: exact matches, and those that lose their ground."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from access.matching import AddressBook, automatic_match
from access.models import Account, Identification
from access.services.identifying.deciding import Why, record, withdraw
from audit import services as audit
from checks.facts import DecisionKind
from people import selectors as people
from people.models import EmailAddress
from workspaces.models import Workspace

CHUNK = 500  # ids in one query, far below what a database takes


def match_automatically(accounts: list[Account], workspace: Workspace, now: datetime) -> int:
    """Within an act: link accounts whose exact address is one person's; returns how many.

    What anybody has decided stays: that is looked up again once the accounts are locked.
    """
    made = []
    for chunk in _chunks([each for each in accounts if each.normalised_email]):
        found = _matches(chunk, workspace)
        for account in _still_undecided(found, chunk):
            made.append(
                Identification(
                    workspace=workspace,
                    account=account,
                    kind=DecisionKind.EXISTING_STAFF,
                    staff_id=UUID(found[account.pk]),
                    automatic=True,
                    email=account.normalised_email,
                    decided_at=now,
                )
            )
    Identification.objects.bulk_create(made, batch_size=CHUNK)
    if made:
        _record_many(workspace, made)
    return len(made)


def _matches(accounts: list[Account], workspace: Workspace) -> dict[UUID, str]:
    book = _book({each.normalised_email for each in accounts}, workspace)
    owned = [each for each in accounts if book.owners.of(each.normalised_email)]
    earlier: defaultdict[UUID, set[str]] = defaultdict(set)
    held = Identification.objects.filter(
        account__in=[each.pk for each in owned], staff__isnull=False
    )
    for account_id, staff_id in held.values_list("account_id", "staff_id"):
        earlier[account_id].add(str(staff_id))
    found = {
        each.pk: automatic_match(each.email, book, holders=earlier[each.pk]).person_id
        for each in owned
    }
    return {pk: person for pk, person in found.items() if person is not None}


def _book(addresses: set[str], workspace: Workspace) -> AddressBook:
    """Who has or had these addresses; the directory's size does not matter."""
    book = AddressBook()
    rows = people.addresses(workspace).filter(normalised__in=addresses)
    for address, staff_id, until in rows.values_list("address", "staff_id", "until"):
        book.note(address, str(staff_id), now=until is None)
    for address, staff_id in Identification.seen(workspace, addresses):
        book.note(address, str(staff_id), now=False)
    return book


def _still_undecided(found: dict[UUID, str], accounts: list[Account]) -> list[Account]:
    """Those matched accounts that nobody has decided about, locked before this is looked up."""
    rows = Account.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=list(found))
    list(rows.order_by("id").values_list("id"))
    return undecided([each for each in accounts if each.pk in found])


def undecided(accounts: list[Account]) -> list[Account]:
    """Those that nobody has decided about ("Not identified" is a decision against matching)."""
    decided: set[Any] = set()
    for chunk in _chunks(accounts):
        rows = Identification.objects.filter(account__in=chunk, withdrawn_at__isnull=True)
        decided |= set(rows.values_list("account_id", flat=True))
    return [account for account in accounts if account.id not in decided]


def withdraw_for_readdressed(accounts: list[Account], workspace: Workspace, now: datetime) -> None:
    """Within an act: an address that is now somebody else's makes the account unidentified again."""
    for chunk in _chunks(accounts):
        owners = _owners({each.normalised_email for each in chunk}, workspace)
        rows = (
            Identification.objects.filter(account__in=chunk, withdrawn_at__isnull=True)
            .exclude(kind=DecisionKind.NOT_IDENTIFIED)  # as open as it would be without
            .select_related("account")
        )
        address_of = {each.pk: each.normalised_email for each in chunk}
        lost = [
            each
            for each in rows
            if owners.get(address_of[each.account_id], each.staff_id) != each.staff_id
        ]
        _withdraw(lost, workspace, Why.ADDRESS, now)


def withdraw_ungrounded(
    staff_id: UUID, addresses: Iterable[str], workspace: Workspace, now: datetime
) -> None:
    """Within an act: matches that rest on an alias that turned out not to be this person's."""
    rows = Identification.resting_on(workspace, staff_id, addresses).select_related("account")
    _withdraw(list(rows), workspace, Why.ALIAS, now)


def _withdraw(rows: list[Identification], workspace: Workspace, why: str, now: datetime) -> None:
    for each in withdraw(rows, workspace=workspace, user=None, why=why, now=now):
        record("identification.withdrawn", each.account, why=str(why))


def _owners(addresses: set[str], workspace: Workspace) -> dict[str, UUID]:
    rows = EmailAddress.objects.filter(
        workspace=workspace, until__isnull=True, normalised__in=addresses - {""}
    )
    return dict(rows.values_list("normalised", "staff_id"))


def _chunks(accounts: list[Account]) -> Iterator[list[Account]]:
    return (accounts[start : start + CHUNK] for start in range(0, len(accounts), CHUNK))


def _record_many(workspace: Workspace, made: list[Identification]) -> None:
    """One event for a whole matching: a first sync matches thousands."""
    audit.record(
        "accounts.matched",
        subject=f"workspace:{workspace.id}",
        touched={f"connection:{each.account.connection_id}" for each in made},
        matched={str(each.account_id): str(each.staff_id) for each in made},
    )
