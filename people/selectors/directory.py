"""The directory as a list: search by the beginnings of words, filters, orders; the cost is flat."""

import uuid
from datetime import date, datetime

from django.db import models
from django.db.models import F, Prefetch, Q, QuerySet
from django.db.models.functions import Lower

from people import words
from people.models import (
    OrgRole,
    SearchWord,
    StaffMember,
    StaffOrgRole,
    StaffStatus,
)
from people.selectors.staff import standing
from workspaces.models import Workspace


class Standing(models.TextChoices):
    """What the list can be narrowed to: the three states, and two kinds of current staff."""

    CURRENT = StaffStatus.CURRENT.value, StaffStatus.CURRENT.label
    STARTING = "starting", "Not yet started"
    ON_LEAVE = "on_leave", "On leave"
    UPCOMING = StaffStatus.UPCOMING.value, "Upcoming leavers"
    OFFBOARDED = StaffStatus.OFFBOARDED.value, StaffStatus.OFFBOARDED.label


class Order(models.TextChoices):
    """Orders of the list, each the keys of a keyset page."""

    NAME = "name", "Name, A to Z"
    NAME_BACK = "-name", "Name, Z to A"
    NEWEST = "-added", "Newest in the directory"
    LEAVING = "-leaving", "Leavers, latest first"


KEYS: dict[str, tuple[str, ...]] = {
    Order.NAME: ("sort_name", "id"),
    Order.NAME_BACK: ("-sort_name", "-id"),
    Order.NEWEST: ("-created_at", "-id"),
    Order.LEAVING: ("-access_ends_at", "-id"),
}


def directory(
    workspace: Workspace,
    *,
    search: str = "",
    status: str = "",
    org_role: uuid.UUID | None = None,
    source: str = "",
    employment_type: str = "",
    order: str = Order.NAME,
    today: date | None = None,
    now: datetime,
) -> QuerySet[StaffMember]:
    """People with their Org roles, as `standing` describes them, in `order` (KEYS pages it).

    Every word of `search` must begin a part of the name, a present address or the external id.
    `status` is one of Standing; `today` is the workspace's day, needed for "not yet started".
    """
    rows = standing(workspace, now=now)
    for start, end in words.terms(search):
        found = SearchWord.objects.filter(workspace=workspace, word__gte=start, word__lt=end)
        rows = rows.filter(pk__in=found.values("staff"))
    if status:
        rows = rows.filter(_stands(status, today or now.date(), now))
    if org_role:
        rows = rows.filter(pk__in=StaffOrgRole.objects.filter(org_role=org_role).values("staff"))
    for field, value in (("source", source), ("employment_type", employment_type)):
        rows = rows.filter(**{field: value}) if value else rows
    # Said once: a condition twice makes the planner believe in few rows, and sort them all.
    if order == Order.LEAVING and status not in (Standing.UPCOMING, Standing.OFFBOARDED):
        rows = rows.filter(Q(access_ends_at__isnull=False))
    roles = Prefetch(
        "org_roles", queryset=OrgRole.objects.only("id", "name").order_by(Lower("name"))
    )
    keys = [F(key[1:]).desc() if key.startswith("-") else key for key in KEYS[Order(order)]]
    return rows.prefetch_related(roles).order_by(*keys)


def _stands(status: str, today: date, now: datetime) -> Q:
    """By the columns of `standing`, which the join to the one latest period gives."""
    here = Q(access_ends_at__isnull=True) | Q(access_ends_at__gt=now)
    return {
        Standing.CURRENT: Q(access_ends_at__isnull=True),
        Standing.STARTING: Q(starts_on__gt=today) & here,
        Standing.ON_LEAVE: Q(on_leave=True) & here,
        Standing.UPCOMING: Q(access_ends_at__gt=now),
        Standing.OFFBOARDED: Q(access_ends_at__lte=now),
    }[Standing(status)]
