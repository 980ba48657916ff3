"""Acts that add a person to the directory and change what is known of them."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from audit import selectors as record
from audit import services as audit
from people import days
from people.models import EmailAddress, EmploymentPeriod, OrgRole, Source, StaffMember
from people.services.addresses import replace_work_address
from people.services.leaving import offboard
from people.services.locks import held_period
from people.services.problems import Problem, refuse_owned
from people.services.roles import set_org_roles
from workspaces.models import Workspace
from workspaces.overlapping import refuse_overlap, version_of

EDITED = ["name", "external_id", "employment_type", "manager", "on_leave"]


def add(
    workspace: Workspace,
    *,
    name: str,
    email: str = "",
    external_id: str = "",
    employment_type: str = StaffMember.Employment.EMPLOYEE,
    org_roles: Iterable[OrgRole] = (),
    manager: StaffMember | None = None,
    starts_on: date | None = None,
    last_day: date | None = None,
    on_leave: bool = False,
    by: audit.Actor,
) -> StaffMember:
    """Put a person into the directory; with `last_day` they leave at the end of it.

    Raises Problem: no name, neither e-mail nor external id, or one that is somebody's already.
    """
    with audit.act(workspace, by=by) as act:
        source = Source.API if by.kind == "token" else Source.MANUAL
        staff = StaffMember(
            workspace=workspace, created_at=act.now, on_leave=on_leave, source=source
        )
        _fill(staff, name, external_id, employment_type, manager)
        _refuse_nameless(email, staff.external_id)
        _refuse_start(starts_on, None)
        _save(staff, force_insert=True)
        EmploymentPeriod.objects.create(
            workspace=workspace, staff=staff, starts_on=starts_on, created_at=act.now
        )
        _record("staff.added", staff, **_shown(staff, starts_on))
        replace_work_address(staff, email=email, by=by)
        set_org_roles(staff, org_roles=org_roles, by=by)
        if last_day:
            offboard(staff, last_day=last_day, by=by)
    return staff


def edit(
    staff: StaffMember,
    *,
    name: str,
    email: str,
    external_id: str,
    employment_type: str,
    org_roles: Iterable[OrgRole],
    manager: StaffMember | None,
    starts_on: date | None,
    on_leave: bool | None = None,
    seen: str | None = None,
    by: audit.Actor,
) -> StaffMember:
    """Replace what is known of a person; `starts_on` is that of the present employment.

    `on_leave` None leaves it; `seen` is the `staff_version` that was chosen from. Records only what
    differs. Raises Problem as `add` does, where a field belongs to the person's source, and where
    somebody else changed the person meanwhile.
    """
    with audit.act(staff.workspace, by=by):
        period = held_period(staff)
        staff.refresh_from_db()
        if seen is not None:
            refuse_overlap(
                seen,
                staff_version(staff),
                who=record.last_hand(staff.workspace_id, f"staff:{staff.pk}"),
            )
        before = _shown(staff, period.starts_on)
        staff.on_leave = staff.on_leave if on_leave is None else on_leave
        _fill(staff, name, external_id, employment_type, manager)
        _refuse_nameless(email, staff.external_id)
        _refuse_start(starts_on, period)
        after = _shown(staff, starts_on)
        refuse_owned(staff, [key for key in after if after[key] != before[key]], by)
        if before != after:
            _save(staff, update_fields=EDITED)
            period.starts_on = starts_on
            period.save(update_fields=["starts_on"])
            changed = [key for key in after if after[key] != before[key]]
            _record(
                "staff.changed",
                staff,
                before={key: before[key] for key in changed},
                after={key: after[key] for key in changed},
            )
        if replace_work_address(staff, email=email, by=by):
            refuse_owned(staff, ["email"], by)
        set_org_roles(staff, org_roles=org_roles, by=by)
    return staff


def change(staff: StaffMember, *, by: audit.Actor, **given: Any) -> StaffMember:
    """Replace only what is `given` of a person (the arguments of `edit`); the rest stays.

    What the rest is, is read while the person is held. Raises Problem as `edit` does.
    """
    with audit.act(staff.workspace, by=by):
        period = held_period(staff)
        staff.refresh_from_db()
        work = staff.addresses.filter(kind=EmailAddress.Kind.WORK, until__isnull=True).first()
        known = {
            "name": staff.name,
            "email": work.address if work else "",
            "external_id": staff.external_id,
            "employment_type": staff.employment_type,
            "org_roles": list(staff.org_roles.all()),
            "manager": staff.manager,
            "starts_on": period.starts_on,
        }
        return edit(staff, **(known | given), by=by)


def _fill(
    staff: StaffMember,
    name: str,
    external_id: str,
    employment_type: str,
    manager: StaffMember | None,
) -> None:
    staff.name = " ".join(name.split())
    staff.external_id = external_id.strip()
    if not staff.name or len(staff.name) > 200:
        raise Problem("name", "Enter the person's name, in at most 200 characters.")
    if len(staff.external_id) > 100:
        raise Problem("external_id", "Shorten the external id to 100 characters.")
    if employment_type not in StaffMember.Employment.values:
        raise Problem("employment_type", "Choose employee, contractor or intern.")
    if manager and (manager.workspace_id != staff.workspace_id or manager.id == staff.id):
        raise Problem("manager", "Choose another person of this company as the manager.")
    staff.employment_type, staff.manager = employment_type, manager


def _refuse_nameless(email: str, external_id: str) -> None:
    if not email.strip() and not external_id:
        raise Problem(
            "email",
            "Enter an e-mail address or an external id: one of them is needed to know the person.",
        )


def _refuse_start(starts_on: date | None, period: EmploymentPeriod | None) -> None:
    if starts_on is None:
        return
    if not days.is_plausible(starts_on):
        raise Problem("starts_on", f"Enter a day between {days.EARLIEST} and {days.LATEST}.")
    if period and period.last_day and starts_on > period.last_day:
        raise Problem(
            "starts_on",
            f"The last working day is {period.last_day:%-d %B %Y}. Enter that day or an earlier"
            " one.",
        )


def _save(staff: StaffMember, **how: Any) -> None:
    """Let the database decide whether the external id is free. Raises Problem."""
    try:
        with transaction.atomic():
            staff.save(**how)
    except IntegrityError as error:
        holder = StaffMember.objects.filter(
            workspace=staff.workspace, external_id=staff.external_id
        ).first()
        raise Problem(
            "external_id",
            f"This external id belongs to {holder.name if holder else 'somebody else'}. Open that"
            " person, or enter another id.",
        ) from error


def _shown(staff: StaffMember, starts_on: date | None) -> dict[str, Any]:
    """What the record says of a person, beside addresses and Org roles."""
    return {
        "name": staff.name,
        "external_id": staff.external_id,
        "employment_type": str(staff.employment_type),
        "manager": str(staff.manager_id or ""),
        "starts_on": starts_on,
        "on_leave": staff.on_leave,
    }


def staff_version(staff: StaffMember) -> str:
    """Names the state of what `edit` replaces."""
    addresses = staff.addresses.filter(kind=EmailAddress.Kind.WORK, until__isnull=True)
    starts_on = staff.periods.order_by("-number").values_list("starts_on", flat=True).first()
    more = {
        "roles": sorted(map(str, staff.org_roles.values_list("pk", flat=True))),
        "addresses": sorted(addresses.values_list("address", flat=True)),
    }
    return version_of(_shown(staff, starts_on) | more)


def _record(kind: str, staff: StaffMember, **body: Any) -> None:
    audit.record(kind, subject=f"staff:{staff.id}", touched={f"staff:{staff.id}"}, **body)
