"""Addresses that decisions teach: an account's address becomes its person's alias."""

from collections import defaultdict
from uuid import UUID

from access.matching import may_be_alias
from access.models import Identification
from audit import services as audit
from people import selectors as people
from people import services as people_services
from people.services import Problem
from workspaces.models import Workspace


def remember_addresses(
    made: list[Identification], *, workspace: Workspace, by: audit.Actor
) -> None:
    """Within an act: note addresses that are nobody's and never were anybody else's."""
    wanted: dict[str, Identification] = {}
    for decision in made:
        if decision.email and may_be_alias(decision.account.email):
            wanted.setdefault(decision.email, decision)
    had = _holders(list(wanted), workspace)
    for address, decision in wanted.items():
        if had[address] == {decision.staff_id}:
            _remember(decision, by)


def _remember(decision: Identification, by: audit.Actor) -> None:
    staff = decision.staff
    if (
        staff is None
        or staff.addresses.filter(normalised=decision.email, until__isnull=True).exists()
    ):
        return
    try:
        decision.brought = people_services.add_alias(staff, address=decision.account.email, by=by)
    except Problem:
        return  # somebody was given the address at this moment; the decision stands without it
    decision.save(update_fields=["brought"])


def _holders(addresses: list[str], workspace: Workspace) -> defaultdict[str, set[UUID]]:
    """Who ever had each address, in the directory or on an account."""
    found: defaultdict[str, set[UUID]] = defaultdict(set)
    listed = people.addresses(workspace).filter(normalised__in=addresses)
    for address, staff_id in listed.values_list("normalised", "staff_id"):
        found[address].add(staff_id)
    for address, staff_id in Identification.seen(workspace, addresses):
        found[address].add(staff_id)
    return found
