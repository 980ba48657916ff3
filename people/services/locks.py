"""Whom an act changes is held first and in one order, so that acts wait and never block each other."""

import uuid
from collections.abc import Iterable

from people.models import EmploymentPeriod, StaffMember
from people.services.problems import Problem

BATCH = 2_000


def hold(staff_ids: Iterable[uuid.UUID]) -> None:
    """Within an act, before anything of them is read: hold these people until commit.

    Their periods stand for them, sorted; what is read afterwards is what is so.
    """
    everybody = sorted(set(staff_ids))
    for start in range(0, len(everybody), BATCH):
        rows = EmploymentPeriod.objects.filter(staff__in=everybody[start : start + BATCH])
        rows = rows.select_for_update(of=("self",), no_key=True).order_by("staff_id", "number")
        for _ in rows.values_list("pk").iterator(BATCH):
            pass


def held_period(staff: StaffMember) -> EmploymentPeriod:
    """The latest period, held until commit. Raises Problem where the record was merged meanwhile."""
    hold([staff.pk])
    period = staff.periods.filter(latest=True).first()
    if period is None:
        staff.refresh_from_db()
        into = staff.merged_into.name if staff.merged_into else "another person"
        words = (
            f"{staff.name} was merged into {into} meanwhile. Open that person; nothing was saved."
        )
        raise Problem("", words)
    return period
