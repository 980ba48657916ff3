"""Puts what the tables say of a system into the facts of the checks."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from math import inf

from access.facts.directory import candidates
from access.facts.gathering import AccountRow, Gathered, Made, gather
from access.facts.naming import name_of, product_of
from access.matching import PeopleIndex, resembles
from access.models import AccessRule, CriticalSystem, RuleEntry, SystemGap
from checks import facts
from checks import selectors as checks
from checks.rules.user_identified import is_unidentified
from integrations.models import Connection, Snapshot
from people import selectors as people
from people.models import OrgRole
from workspaces.models import Workspace


def system_facts(system: CriticalSystem, *, now: datetime) -> facts.SystemFacts:
    """All facts of one critical system, as they stand."""
    connection = system.connection
    product = product_of(system)
    gathered = gather(system)
    leavers = {key for key, row in gathered.persons.items() if row.access_ends_at is not None}
    accounts = [_account(row, gathered) for row in gathered.accounts]
    return facts.SystemFacts(
        system_id=str(system.id),
        system_name=name_of(system),
        product=product.name,
        added_at=system.added_at,
        scheme=product.scheme,
        calendar=checks.calendar(system.workspace),
        policies=checks.policies(system.workspace),
        user_list=_user_list(connection),
        rule=_rule(system),
        accounts=tuple(_with_likeness(accounts, leavers, system.workspace)),
        past_accounts=gathered.past,
        people=tuple(_person(row) for row in gathered.persons.values()),
        offboarded_total=people.offboarded_total(system.workspace, now=now),
        org_role_names={
            str(pk): name
            for pk, name in OrgRole.objects.filter(workspace=system.workspace).values_list(
                "id", "name"
            )
        },
        gaps=_gaps(system),
    )


def _gaps(system: CriticalSystem) -> tuple[facts.Gap, ...]:
    rows = SystemGap.objects.filter(system=system).order_by("began_at", "id")
    return tuple(facts.Gap(each.began_at, each.ended_at, each.words) for each in rows)


def _user_list(connection: Connection | None) -> facts.UserList | None:
    if connection is None or connection.snapshot_id is None or connection.read_at is None:
        return None
    digest = Snapshot.objects.values_list("digest", flat=True).get(pk=connection.snapshot_id)
    return facts.UserList(digest=digest, read_at=connection.read_at)


def _person(row: people.PersonRow) -> facts.Person:
    return facts.Person(
        id=row.id,
        name=row.name,
        org_roles=row.org_roles,
        roles_changed_at=row.roles_changed_at,
        last_day=row.last_day,
        access_ends_at=row.access_ends_at,
        offboarded_recorded_at=row.leaving_recorded_at,
        returned_at=row.returned_at,
        returned_on=row.returned_on,
        starts_on=row.starts_on,
    )


def _account(row: AccountRow, gathered: Gathered) -> facts.Account:
    made = gathered.decisions.get(row.id)
    decision = None if made is None else _decision(made, gathered)
    stated = facts.Account(
        *row,
        decision=decision,
        still_held_for=frozenset(gathered.held.get(row.id, ())),
    )
    if row.id in gathered.ended and is_unidentified(stated):
        return replace(stated, unidentified_since=gathered.ended[row.id])
    return stated


def _decision(made: Made, gathered: Gathered) -> facts.Decision:
    kind = facts.DecisionKind(made.kind)
    not_staff = kind is facts.DecisionKind.NOT_STAFF
    return facts.Decision(
        kind=kind,
        decided_at=made.decided_at,
        automatic=made.automatic,
        by_label=gathered.users.get(made.decided_by_id or "", ""),
        person_id=made.staff_id,
        not_staff=_not_staff(made, gathered) if not_staff else None,
    )


def _not_staff(made: Made, gathered: Gathered) -> facts.NotStaff:
    owner = gathered.persons.get(made.owner_staff_id or "")
    user = made.owner_user_id or ""
    if owner is not None:
        label = owner.name
        ended = owner.access_ends_at  # may lie ahead: the rules compare it with the clock
    else:  # where the owner's record is gone, nobody answers for the account
        label = gathered.users.get(user, "")
        ended = gathered.admins.get(user, made.decided_at)  # None: an admin without an end
    return facts.NotStaff(
        kind=facts.NotStaffKind(made.not_staff_kind),
        owner_label=label,
        owner_id=made.owner_staff_id or made.owner_user_id,
        owner_ended_at=ended,
        level=made.level,
        ends_at=made.ends_at,
        reason=made.reason,
        user_left=_first_to_leave(made, gathered),
    )


def _first_to_leave(made: Made, gathered: Gathered) -> tuple[str, datetime] | None:
    """Of those who use a shared account, the first whose access ends.

    Only present people can be named: an end before the decision was recorded after it.
    """
    users = gathered.shared_users.get(made.account_id, ())
    persons = [gathered.persons[key] for key in users if key in gathered.persons]
    ends = [(each.access_ends_at, each.name) for each in persons if each.access_ends_at]
    at, name = min(ends, default=(None, ""))
    return None if at is None else (name, at)


def _with_likeness(
    accounts: list[facts.Account], leavers: Collection[str], workspace: Workspace
) -> list[facts.Account]:
    """Mark unidentified accounts that may be a leaver's; compared with leavers only."""
    unknown = [each for each in accounts if is_unidentified(each)]
    if not unknown or not leavers:
        return accounts
    # However many leavers share a name, each is compared: one left out would be one let go.
    index = PeopleIndex(candidates(workspace, leavers), most=inf)
    marks = {
        each.id: found
        for each in unknown
        if (found := resembles(name=each.name, email=each.email, index=index))
    }
    return [
        replace(each, resembles=marks[each.id]) if each.id in marks else each for each in accounts
    ]


def _rule(system: CriticalSystem) -> facts.AccessRule | None:
    saved = AccessRule.objects.filter(system=system).first()
    if saved is None:
        return None
    entries = RuleEntry.objects.filter(rule=saved).select_related("org_role")
    return facts.AccessRule(
        mode=facts.RuleMode(saved.mode),
        saved_at=saved.saved_at,
        levels=None if saved.levels is None else frozenset(saved.levels),
        allowances=tuple(
            facts.Allowance(
                org_role_id=str(each.org_role_id),
                org_role_name=each.org_role.name,
                levels=None if each.levels is None else frozenset(each.levels),
            )
            for each in sorted(entries, key=lambda each: each.org_role.name)
        ),
    )
