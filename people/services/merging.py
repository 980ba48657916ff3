"""Merging duplicates: two records of one person become one; nobody is deleted, and it is final."""

from datetime import date, datetime
from itertools import pairwise

from audit import services as audit
from people.models import EmailAddress, EmploymentPeriod, StaffMember, StaffOrgRole
from people.services.locks import hold
from people.services.problems import Problem

EVER, NEVER = date.min, date.max


def merge(survivor: StaffMember, *, duplicate: StaffMember, by: audit.Actor) -> StaffMember:
    """Let everything of `duplicate` be the survivor's; the duplicate points to the survivor.

    Addresses become aliases, Org roles add up, periods of employment are put in order. Cannot be
    undone. Raises Problem where the two contradict each other.
    """
    if survivor.pk == duplicate.pk or survivor.workspace_id != duplicate.workspace_id:
        raise Problem("duplicate", "Choose another person of this company.")
    with audit.act(survivor.workspace, by=by) as act:
        survivor, duplicate = _locked(survivor, duplicate)
        ends = {f"{each.id}": _access_ends(each) for each in (survivor, duplicate)}
        _merge_periods(survivor, duplicate)
        _merge_addresses(survivor, duplicate)
        _merge_roles(survivor, duplicate)
        moved = StaffMember.objects.filter(manager=duplicate).exclude(pk=survivor.pk)
        moved.update(manager=survivor)
        StaffMember.objects.filter(merged_into=duplicate).update(merged_into=survivor)
        duplicate.merged_into, duplicate.merged_at = survivor, act.now
        duplicate.save(update_fields=["merged_into", "merged_at"])
        survivor.manager = None if survivor.manager_id == duplicate.pk else survivor.manager
        survivor.roles_changed_at = act.now
        survivor.save(update_fields=["manager", "roles_changed_at"])
        audit.record(
            "staff.merged",
            subject=f"staff:{survivor.id}",
            touched={f"staff:{survivor.id}", f"staff:{duplicate.id}"},
            survivor=str(survivor.id),
            duplicate=str(duplicate.id),
            name=survivor.name,
            duplicate_name=duplicate.name,
            access_ended_at_was=ends,
        )
    return survivor


def _access_ends(staff: StaffMember) -> datetime | None:
    return staff.periods.get(latest=True).access_ends_at


def _locked(survivor: StaffMember, duplicate: StaffMember) -> tuple[StaffMember, StaffMember]:
    hold([survivor.pk, duplicate.pk])
    rows = StaffMember.objects.select_for_update(of=("self",), no_key=True)
    found = {row.pk: row for row in rows.filter(pk__in=[survivor.pk, duplicate.pk]).order_by("pk")}
    if any(row.merged_into_id for row in found.values()):
        raise Problem("duplicate", "One of the two was merged already. Look at the list again.")
    return found[survivor.pk], found[duplicate.pk]


def _merge_periods(survivor: StaffMember, duplicate: StaffMember) -> None:
    """One row of periods in order; a period that both records know is kept once."""
    kept = list(survivor.periods.order_by("number"))
    moving = []
    for period in duplicate.periods.order_by("number"):
        same = next((each for each in kept if _same(each, period)), None)
        if same is None:
            moving.append(period)
        elif same.starts_on is None and period.starts_on:
            same.starts_on = period.starts_on
            same.save(update_fields=["starts_on"])
    ordered = sorted(kept + moving, key=lambda each: (each.starts_on or EVER, each.number))
    for earlier, later in pairwise(ordered):
        if (earlier.last_day or NEVER) > (later.starts_on or EVER):
            raise Problem("duplicate", _contradiction(survivor, duplicate))
    duplicate.periods.update(latest=False)
    _renumber(survivor, ordered)


def _renumber(survivor: StaffMember, ordered: list[EmploymentPeriod]) -> None:
    """In two steps, so that no number is taken twice on the way."""
    survivor.periods.update(latest=False)
    for step in (1000, 1):
        for number, period in enumerate(ordered, step):
            period.staff, period.number = survivor, number
            period.latest = step == 1 and period is ordered[-1]
            period.save(update_fields=["staff", "number", "latest"])


def _same(one: EmploymentPeriod, other: EmploymentPeriod) -> bool:
    ends = (one.last_day, one.access_ends_at) == (other.last_day, other.access_ends_at)
    return ends and (one.starts_on == other.starts_on or None in (one.starts_on, other.starts_on))


def _contradiction(survivor: StaffMember, duplicate: StaffMember) -> str:
    return (
        f"The periods of employment of {survivor.name} and {duplicate.name} contradict each other:"
        " they overlap, or one record says that the person left and the other that they are here."
        " Put the days right on one of them first; nothing was changed."
    )


def _merge_addresses(survivor: StaffMember, duplicate: StaffMember) -> None:
    present = duplicate.addresses.filter(until__isnull=True)
    work = survivor.addresses.filter(until__isnull=True, kind=EmailAddress.Kind.WORK)
    if work.exists():
        present.update(kind=EmailAddress.Kind.ALIAS)
    duplicate.addresses.update(staff=survivor)


def _merge_roles(survivor: StaffMember, duplicate: StaffMember) -> None:
    links = StaffOrgRole.objects.filter(staff=duplicate)
    had = StaffOrgRole.objects.filter(staff=survivor).values("org_role")
    links.filter(org_role__in=list(had.values_list("org_role", flat=True))).delete()
    links.update(staff=survivor)
