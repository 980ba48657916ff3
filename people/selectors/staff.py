"""Readings of people: one person, everybody, where they stand, facts about many."""

import uuid
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import (
    Case,
    CharField,
    Count,
    F,
    FilteredRelation,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Lower

from people import days
from people.models import (
    EmailAddress,
    EmploymentPeriod,
    OrgRole,
    StaffMember,
    StaffOrgRole,
    StaffStatus,
)
from workspaces import bulk
from workspaces.models import Workspace

# More ids than this in one query would near SQLite's limit of variables: read all, then choose.
MOST_IDS = 5_000


@dataclass(frozen=True)
class PersonRow:
    """What judging needs of one person; instants are UTC, ids are strings.

    `access_ends_at` None means that no leaving is recorded. `returned_at` is when the return was
    recorded and `returned_on` when the new employment starts; None for a first employment.
    """

    id: str
    name: str
    org_roles: frozenset[str]
    roles_changed_at: datetime | None
    last_day: date | None
    access_ends_at: datetime | None
    leaving_recorded_at: datetime | None
    returned_at: datetime | None
    returned_on: date | None
    starts_on: date | None


def for_workspace(workspace: Workspace) -> QuerySet[StaffMember]:
    """Everybody who is or was in the directory of `workspace`; merged duplicates are nobody."""
    return StaffMember.objects.filter(workspace=workspace, merged_into__isnull=True)


def standing(workspace: Workspace, *, now: datetime) -> QuerySet[StaffMember]:
    """Everybody, each with `email`, `starts_on`, `last_day`, `access_ends_at` and `status`.

    `starting` tells of current staff whose first day is still ahead.
    """
    ahead = Q(period__starts_on__gt=days.today(now, workspace.zone))
    return (
        for_workspace(workspace)
        .annotate(
            period=FilteredRelation(
                "periods",
                # The workspace too: so its index gives leavers in the order of their day.
                condition=Q(periods__latest=True, periods__workspace=workspace),
            ),
            work=FilteredRelation(
                "addresses",
                condition=Q(addresses__until__isnull=True, addresses__kind="work"),
            ),
        )
        .annotate(
            email=F("work__address"),
            starts_on=F("period__starts_on"),
            last_day=F("period__last_day"),
            access_ends_at=F("period__access_ends_at"),
            status=Case(
                When(period__access_ends_at__isnull=True, then=Value(StaffStatus.CURRENT.value)),
                When(period__access_ends_at__lte=now, then=Value(StaffStatus.OFFBOARDED.value)),
                default=Value(StaffStatus.UPCOMING.value),
                output_field=CharField(),
            ),
            starting=Case(
                When(ahead, period__access_ends_at__isnull=True, then=Value(True)),
                default=Value(False),
            ),
            sort_name=Lower("name"),
        )
    )


def staff_member(workspace: Workspace, pk: uuid.UUID | str, *, now: datetime) -> StaffMember:
    """One person as `standing` describes them. Raises StaffMember.DoesNotExist."""
    return standing(workspace, now=now).get(pk=pk)


def survivor(workspace: Workspace, pk: uuid.UUID) -> StaffMember | None:
    """The person that this record was merged into; None for a record that was not."""
    rows = StaffMember.objects.filter(workspace=workspace, pk=pk).select_related("merged_into")
    found = rows.first()
    return found.merged_into if found else None


def latest_period(staff: StaffMember) -> EmploymentPeriod:
    """The period that says whether the person is here."""
    return staff.periods.get(latest=True)


def current(workspace: Workspace, *, now: datetime) -> QuerySet[StaffMember]:
    """People who are here (on leave, not yet started, or about to leave included), by name."""
    here = EmploymentPeriod.objects.filter(workspace=workspace, latest=True).exclude(
        access_ends_at__lte=now
    )
    return for_workspace(workspace).filter(pk__in=here.values("staff")).order_by(Lower("name"))


def any_leaving(staff_ids: Collection[uuid.UUID]) -> bool:
    """Whether a leaving is recorded of any of these people (at most MOST_IDS)."""
    rows = EmploymentPeriod.objects.filter(staff__in=staff_ids, latest=True)
    return rows.filter(access_ends_at__isnull=False).exists()


def ever_leaving(staff_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those of whom a leaving is or was recorded, whether or not it happened or they came back."""
    recorded = Q(access_ends_at__isnull=False) | Q(leaving_withdrawn_at__isnull=False)
    rows = EmploymentPeriod.objects.filter(recorded, staff__in=staff_ids)
    return set(rows.values_list("staff_id", flat=True))


def offboarded_total(workspace: Workspace, *, now: datetime) -> int:
    """How many people of the directory have left."""
    left = Q(workspace=workspace, latest=True, access_ends_at__lte=now)
    return EmploymentPeriod.objects.filter(left).count()


def org_roles(workspace: Workspace, *, now: datetime | None = None) -> QuerySet[OrgRole]:
    """Org roles by name; with `now` each has `people`, how many have it who are here then."""
    rows = OrgRole.objects.filter(workspace=workspace, merged_into__isnull=True)
    rows = rows.order_by(Lower("name"))
    if now is None:
        return rows
    ends = "staff__periods__access_ends_at"
    here = Q(staff__periods__latest=True) & (
        Q(**{f"{ends}__isnull": True}) | Q(**{f"{ends}__gt": now})
    )
    return rows.annotate(people=Count("staff", filter=here, distinct=True))


def addresses(workspace: Workspace) -> QuerySet[EmailAddress]:
    """Every address of every person, ended ones too: matching needs to know whose it ever was."""
    return EmailAddress.objects.filter(workspace=workspace).order_by("normalised", "since")


def merged_into(staff_ids: Collection[uuid.UUID | str]) -> dict[str, str]:
    """Of these people, the ones that were merged, by id: the name of the record that remains."""
    if not staff_ids:
        return {}
    wanted = {str(pk) for pk in staff_ids}
    rows = StaffMember.objects.filter(merged_into__isnull=False)
    if len(wanted) <= MOST_IDS:
        rows = rows.filter(pk__in=wanted)
    names = {str(pk): name for pk, name in rows.values_list("pk", "merged_into__name")}
    return {pk: name for pk, name in names.items() if pk in wanted}


def person_rows(workspace: Workspace, staff_ids: Collection[uuid.UUID | str]) -> list[PersonRow]:
    """The people with these ids, in two queries however many they are; unknown ids are left out."""
    wanted = {str(pk) for pk in staff_ids}
    periods = EmploymentPeriod.objects.filter(workspace=workspace, latest=True)
    links = StaffOrgRole.objects.filter(staff__workspace=workspace)
    if len(wanted) <= MOST_IDS:
        ids = [uuid.UUID(pk) for pk in wanted]
        periods, links = periods.filter(staff__in=ids), links.filter(staff__in=ids)
    roles: dict[str, set[str]] = defaultdict(set)
    for staff_id, role_id in bulk.read(links, "staff_id", "org_role_id"):
        roles[staff_id].add(role_id)
    rows = bulk.read(periods, *OF_PERIOD)
    return [_row(row, frozenset(roles.get(row[0], ()))) for row in rows if row[0] in wanted]


OF_PERIOD = (
    "staff_id",
    "staff__name",
    "staff__roles_changed_at",
    "last_day",
    "access_ends_at",
    "leaving_recorded_at",
    "number",
    "created_at",
    "starts_on",
)


def _row(period: bulk.Row, roles: frozenset[str]) -> PersonRow:
    pk, name, roles_changed_at, last_day, ends_at, recorded_at, number, began_at, starts_on = period
    returned = number > 1
    return PersonRow(
        id=pk,
        name=name,
        org_roles=roles,
        roles_changed_at=roles_changed_at,
        last_day=last_day,
        access_ends_at=ends_at,
        leaving_recorded_at=recorded_at,
        returned_at=began_at if returned else None,
        returned_on=starts_on if returned else None,
        starts_on=starts_on,
    )
