"""What the directory knows of the people that a list is about, read a chunk at a time."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from people.models import (
    EmailAddress,
    EmploymentPeriod,
    OrgRole,
    StaffMember,
    StaffOrgRole,
)
from workspaces.models import Workspace


@dataclass(slots=True)
class Known:
    """One person as the directory has them: the latest period and present addresses."""

    staff: StaffMember
    period: EmploymentPeriod
    addresses: dict[str, EmailAddress] = field(default_factory=dict)  # by their normal form
    roles: frozenset[uuid.UUID] = frozenset()

    @property
    def work(self) -> EmailAddress | None:
        kind = EmailAddress.Kind.WORK
        return next((each for each in self.addresses.values() if each.kind == kind), None)


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose an address or an external id is."""

    id: uuid.UUID
    name: str
    merged: bool = False  # known by the id of a record that was merged into theirs


def owners_of_ids(workspace: Workspace, ids: Collection[str]) -> dict[str, Owner]:
    """By external id; a merged record leads to the person it was merged into."""
    rows = StaffMember.objects.filter(workspace=workspace, external_id__in=ids)
    found = rows.values_list("external_id", "id", "name", "merged_into_id", "merged_into__name")
    return {
        key: Owner(into, into_name or "", merged=True) if into else Owner(pk, name)
        for key, pk, name, into, into_name in found
    }


def owners_of_addresses(workspace: Workspace, normalised: Collection[str]) -> dict[str, Owner]:
    """By present address, work e-mail or alias."""
    rows = EmailAddress.objects.filter(
        workspace=workspace, normalised__in=normalised, until__isnull=True
    )
    found = rows.values_list("normalised", "staff_id", "staff__name")
    return {key: Owner(pk, name) for key, pk, name in found}


def people(ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Known]:
    """These people, in three queries; where they are to be changed they are held before."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    periods = EmploymentPeriod.objects.filter(staff__in=wanted, latest=True).select_related("staff")
    found = {each.staff_id: Known(each.staff, each) for each in periods.order_by("staff_id")}
    for address in EmailAddress.objects.filter(staff__in=wanted, until__isnull=True):
        if address.staff_id in found:
            found[address.staff_id].addresses[address.normalised] = address
    roles: defaultdict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    for staff_id, role_id in StaffOrgRole.objects.filter(staff__in=wanted).values_list(
        "staff_id", "org_role_id"
    ):
        roles[staff_id].add(role_id)
    for key, known in found.items():
        known.roles = frozenset(roles[key])
    return found


def role_ids(workspace: Workspace) -> dict[str, uuid.UUID]:
    """Org roles by their name in lower case; the name of a merged one leads to the other."""
    rows = OrgRole.objects.filter(workspace=workspace)
    found = rows.values_list("name", "id", "merged_into_id")
    return {name.lower(): into or pk for name, pk, into in found}
