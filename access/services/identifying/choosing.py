"""What a person answers to "User is": staff, new staff, not a staff account, not identified."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from access import selectors
from access.models import Account, Identification
from access.services.identifying.aliases import remember_addresses
from access.services.identifying.deciding import decide, locked, record
from audit import services as audit
from checks.facts import DecisionKind, NotStaffKind
from people import selectors as people
from people import services as people_services
from people.days import end_of_day, today
from people.models import OrgRole, StaffMember
from people.services import Problem
from workspaces import selectors as workspaces
from workspaces.models import User, Workspace

LONGEST = timedelta(days=366 * 2)


def identify_as_staff(
    accounts: Iterable[Account],
    *,
    staff: StaffMember,
    user: User | None,
    kind: DecisionKind = DecisionKind.EXISTING_STAFF,
    by: audit.Actor,
) -> list[Identification]:
    """ "Existing staff": these accounts are this person's, current or former.

    An address that could only be theirs becomes their alias, so that it is known elsewhere too.
    At most MOST_AT_ONCE accounts. Raises Problem.
    """
    with audit.act(staff.workspace, by=by) as act:
        _refuse_merged([staff.pk])
        made = decide(
            locked(accounts, staff.workspace),
            workspace=staff.workspace,
            user=user,
            terms=lambda _: {"kind": kind, "staff": staff},
            now=act.now,
        )
        remember_addresses(made, workspace=staff.workspace, by=by)
        return made


def accept_suggestions(
    workspace: Workspace, *, chosen: Mapping[UUID, UUID], user: User | None, by: audit.Actor
) -> list[Identification]:
    """Each account of `chosen` is the person's that it names; all of them, or none.

    Only accounts without a standing decision: what somebody decided meanwhile is not replaced.
    Raises Problem.
    """
    with audit.act(workspace, by=by) as act:
        _refuse_merged(chosen.values())
        found = locked([Account(pk=pk) for pk in chosen], workspace)
        rows = people.for_workspace(workspace).filter(pk__in=set(chosen.values()))
        persons = {each.pk: each for each in rows}
        if not persons.keys() >= set(chosen.values()):
            raise Problem("staff", "Choose people of this directory. Nothing was recorded.")
        _refuse_decided(found)
        made = decide(
            found,
            workspace=workspace,
            user=user,
            terms=lambda account: {
                "kind": DecisionKind.EXISTING_STAFF,
                "staff": persons[chosen[account.pk]],
            },
            now=act.now,
        )
        remember_addresses(made, workspace=workspace, by=by)
        return made


def identify_as_new_staff(
    accounts: Iterable[Account],
    *,
    workspace: Workspace,
    name: str,
    email: str,
    employment_type: str,
    org_roles: Iterable[OrgRole] = (),
    last_day: date | None = None,
    user: User | None,
    by: audit.Actor,
) -> list[Identification]:
    """ "New staff": creates the person and links. Raises Problem as adding a person does."""
    with audit.act(workspace, by=by):
        staff = people_services.add(
            workspace,
            name=name,
            email=email,
            employment_type=employment_type,
            org_roles=org_roles,
            last_day=last_day,
            by=by,
        )
        return identify_as_staff(
            accounts, staff=staff, user=user, kind=DecisionKind.NEW_STAFF, by=by
        )


def identify_as_not_staff(
    accounts: Iterable[Account],
    *,
    workspace: Workspace,
    kind: str,
    owner: StaffMember | User | None,
    reason: str,
    ends_on: date | None,
    users: Iterable[StaffMember] = (),
    password_changed: bool = False,
    user: User | None,
    by: audit.Actor,
) -> list[Identification]:
    """ "Not a staff account": whose business it is, why, until when; holds for the present role.

    `users` are the people who use a shared account, at least one. `password_changed` is what a
    person confirms once somebody who used it has left. Raises Problem.
    """
    if kind not in {each.value for each in NotStaffKind}:
        raise Problem("not_staff_kind", "Choose service, shared or external.")
    if not reason.strip():
        raise Problem("reason", "Say what the account is for.")
    using = list(users)
    with audit.act(workspace, by=by) as act:
        _refuse_merged([each.pk for each in (owner, *using) if isinstance(each, StaffMember)])
        terms = {
            "kind": DecisionKind.NOT_STAFF,
            "not_staff_kind": kind,
            "reason": reason.strip()[:500],
            "ends_at": _end(ends_on, workspace, act.now),
            **_owner(owner, workspace, act.now),
        }
        found = _users(using, kind, workspace, act.now)
        held = locked(accounts, workspace)
        _hear_of_passwords(held, workspace, changed=password_changed, now=act.now)
        made = decide(
            held,
            workspace=workspace,
            user=user,
            terms=lambda account: {**terms, "level": account.level},
            now=act.now,
        )
        for decision in made:
            decision.users.set(found)
        return made


def leave_unidentified(
    accounts: Iterable[Account], *, workspace: Workspace, user: User | None, by: audit.Actor
) -> list[Identification]:
    """ "Not identified": recorded, and does not pass."""
    with audit.act(workspace, by=by) as act:
        return decide(
            locked(accounts, workspace),
            workspace=workspace,
            user=user,
            terms=lambda _: {"kind": DecisionKind.NOT_IDENTIFIED},
            now=act.now,
        )


def _refuse_merged(staff_ids: Iterable[UUID]) -> None:
    """Hold these people until commit: nobody becomes part of another record meanwhile.

    Before accounts are locked, as a merge does. Raises Problem for a record that was merged.
    """
    rows = StaffMember.objects.select_for_update(of=("self",), no_key=True)
    for each in rows.filter(pk__in=set(staff_ids)).order_by("pk"):
        if each.merged_into is not None:
            raise Problem(
                "staff",
                f"{each.name} was merged into {each.merged_into.name} meanwhile. Choose"
                f" {each.merged_into.name}; nothing was recorded.",
            )


def _refuse_decided(accounts: list[Account]) -> None:
    decided = Identification.objects.filter(
        account__in=[each.pk for each in accounts], withdrawn_at__isnull=True
    ).exclude(kind=DecisionKind.NOT_IDENTIFIED)
    first = decided.select_related("account").first()
    if first is not None:
        raise Problem(
            "accounts",
            f"{first.account.label} has been identified meanwhile. Nothing was recorded; look at"
            " the list again.",
        )


def _hear_of_passwords(
    accounts: list[Account], workspace: Workspace, *, changed: bool, now: datetime
) -> None:
    """Whoever left still knows the password of a shared account, until somebody says it is new."""
    left = selectors.users_who_left(workspace, accounts, now)
    for account in accounts:
        names = left.get(account.pk)
        if names and not changed:
            raise Problem(
                "password_changed",
                f"{account.label} was used by {names[0]}, who has left. Change its password, then"
                " confirm that here. Nothing was recorded.",
            )
        if names:
            record("account.password_changed", account, used_by=names)


def _users(
    users: Iterable[StaffMember], kind: str, workspace: Workspace, now: datetime
) -> list[StaffMember]:
    if kind != NotStaffKind.SHARED:
        return []
    wanted = {each.pk for each in users}
    found = list(people.current(workspace, now=now).filter(pk__in=wanted))
    if not found or len(found) != len(wanted):
        raise Problem("users", "Name the people who use it now: one of them leaving matters.")
    return found


def _end(ends_on: date | None, workspace: Workspace, now: datetime) -> datetime:
    if ends_on is None:
        raise Problem("ends_on", "Give the day on which this decision is to be looked at again.")
    ahead = ends_on - today(now, workspace.zone)
    if ahead < timedelta(0):
        raise Problem("ends_on", "Choose a day that is still ahead.")
    if ahead > LONGEST:  # looked at before any instant is made of it: the year 9999 has no morrow
        raise Problem("ends_on", "Choose a day within the next two years.")
    return end_of_day(ends_on, workspace.zone)


def _owner(owner: StaffMember | User | None, workspace: Workspace, now: datetime) -> dict[str, Any]:
    """Who answers for the account: somebody who is here, or an administrator."""
    if isinstance(owner, StaffMember):
        if people.current(workspace, now=now).filter(pk=owner.pk).exists():
            return {"owner_staff": owner}
    elif owner is not None and workspaces.admins(workspace).filter(user=owner).exists():
        return {"owner_user": owner}
    raise Problem("owner", "Choose somebody who works here now, or an administrator.")
