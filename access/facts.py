"""Fills in the facts that the checks judge, from tables; a constant number of queries."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from access.matching import Candidate, PeopleIndex, resembles
from access.models import (
    AccessRule,
    Account,
    CriticalSystem,
    Identification,
    RuleEntry,
    SystemGap,
)
from checks import facts
from checks import selectors as checks
from checks.rules.user_identified import is_unidentified
from integrations.catalog import CATALOG, Integration
from integrations.models import Connection, Snapshot
from people import selectors as people
from people.models import EmploymentPeriod, OrgRole
from workspaces import selectors as workspaces
from workspaces.models import Workspace

STAFF_KINDS = (facts.DecisionKind.EXISTING_STAFF, facts.DecisionKind.NEW_STAFF)


def product_of(system: CriticalSystem) -> Integration:
    return CATALOG[system.integration]


def name_of(system: CriticalSystem) -> str:
    """ "Xero" while it waits for its organisation, then "Xero · the organisation's name"."""
    product = product_of(system).name
    if system.connection is None or not system.connection.organisation_name:
        return product
    return f"{product} · {system.connection.organisation_name}"


def candidates(workspace: Workspace) -> list[Candidate]:
    """Everybody who is or was in the directory, with present and earlier addresses."""
    present: defaultdict[str, list[str]] = defaultdict(list)
    earlier: defaultdict[str, list[str]] = defaultdict(list)
    for staff_id, address, until in people.addresses(workspace).values_list(
        "staff_id", "address", "until"
    ):
        (present if until is None else earlier)[str(staff_id)].append(address)
    return [
        Candidate(str(pk), name, tuple(present[str(pk)]), tuple(earlier[str(pk)]))
        for pk, name in people.for_workspace(workspace).values_list("id", "name")
    ]


@dataclass
class _Gathered:
    """What the tables say of one system, before it is put into words of the rules."""

    accounts: list[Any]
    decisions: dict[Any, Identification]
    held: dict[Any, set[str]]
    persons: dict[str, people.PersonRow]
    past: tuple[facts.PastAccount, ...]
    shared_users: dict[Any, list[str]]


def system_facts(system: CriticalSystem, *, now: datetime) -> facts.SystemFacts:
    """All facts of one critical system, as they stand."""
    connection = system.connection
    product = product_of(system)
    gathered = _gather(system)
    leavers = {key: row for key, row in gathered.persons.items() if row.access_ends_at is not None}
    accounts = [_account(row, gathered, system) for row in gathered.accounts]
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


def _gather(system: CriticalSystem) -> _Gathered:
    if system.connection is None:
        return _Gathered([], {}, {}, {}, (), {})
    rows = Account.objects.filter(connection=system.connection)
    decisions = {
        each.account_id: each
        for each in Identification.objects.filter(
            account__connection=system.connection, withdrawn_at__isnull=True
        ).select_related("owner_staff", "owner_user", "decided_by")
    }
    held = _held(system)
    past_people = _past(system)
    shared = _shared_users(system)
    wanted = _concerned(decisions.values()) | _leavers(system.workspace)
    wanted |= {key for ids in (*held.values(), *shared.values()) for key in ids}
    wanted |= {each.person_id for each in past_people}
    persons = {row.id: row for row in people.person_rows(system.workspace, wanted)}
    return _Gathered(
        accounts=list(rows.filter(present=True).order_by("id")),
        decisions=decisions,
        held=held,
        persons=persons,
        past=past_people,
        shared_users=shared,
    )


def _concerned(decisions: Iterable[Identification]) -> set[str]:
    """Whom decisions name: the person, or whoever answers for an account of nobody."""
    pairs = [(each.staff_id, each.owner_staff_id) for each in decisions]
    return {str(pk) for pair in pairs for pk in pair if pk is not None}


def _leavers(workspace: Workspace) -> set[str]:
    """Everybody with a leaving recorded: an unidentified account may be theirs."""
    rows = EmploymentPeriod.objects.filter(
        workspace=workspace, latest=True, access_ends_at__isnull=False
    )
    return {str(pk) for pk in rows.values_list("staff_id", flat=True)}


def _held(system: CriticalSystem) -> dict[Any, set[str]]:
    """Leavers whose account this was and whose release no other admin has approved yet."""
    rows = Identification.objects.filter(
        account__connection=system.connection, held_for__isnull=False, approved_at__isnull=True
    )
    held: dict[Any, set[str]] = {}
    for account_id, staff_id in rows.values_list("account_id", "held_for_id"):
        held.setdefault(account_id, set()).add(str(staff_id))
    return held


def _shared_users(system: CriticalSystem) -> dict[Any, list[str]]:
    links = Identification.users.through.objects.filter(
        identification__account__connection=system.connection,
        identification__withdrawn_at__isnull=True,
    )
    found: dict[Any, list[str]] = {}
    for account_id, staff_id in links.values_list("identification__account_id", "staffmember_id"):
        found.setdefault(account_id, []).append(str(staff_id))
    return found


def _past(system: CriticalSystem) -> tuple[facts.PastAccount, ...]:
    """Accounts that people had and that the current list no longer shows."""
    rows = Identification.objects.filter(
        account__connection=system.connection,
        account__present=False,
        withdrawn_at__isnull=True,
        staff__isnull=False,
    ).select_related("account")
    return tuple(
        facts.PastAccount(
            id=str(each.account_id),
            name=each.account.label,
            person_id=str(each.staff_id),
            last_seen_at=each.account.last_seen_at or each.account.first_seen_at,
            gone_at=each.account.gone_at or each.account.first_seen_at,
        )
        for each in rows
    )


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
    )


def _account(row: Account, gathered: _Gathered, system: CriticalSystem) -> facts.Account:
    decision = gathered.decisions.get(row.id)
    return facts.Account(
        id=str(row.id),
        name=row.name,
        email=row.email,
        level=row.level,
        is_subscriber=row.is_subscriber,
        first_seen_at=row.first_seen_at,
        appeared_at=row.appeared_at,
        level_since=row.level_since,
        decision=None if decision is None else _decision(decision, row, gathered, system),
        still_held_for=frozenset(gathered.held.get(row.id, ())),
    )


def _decision(
    made: Identification,
    row: Account,
    gathered: _Gathered,
    system: CriticalSystem,
) -> facts.Decision:
    kind = facts.DecisionKind(made.kind)
    return facts.Decision(
        kind=kind,
        decided_at=made.decided_at,
        automatic=made.automatic,
        by_label=made.decided_by.label if made.decided_by else "",
        person_id=str(made.staff_id) if kind in STAFF_KINDS else None,
        not_staff=_not_staff(made, row, gathered, system)
        if kind is facts.DecisionKind.NOT_STAFF
        else None,
    )


def _not_staff(
    made: Identification,
    row: Account,
    gathered: _Gathered,
    system: CriticalSystem,
) -> facts.NotStaff:
    owner = gathered.persons.get(str(made.owner_staff_id))
    label, ended = "", None
    if owner is not None:
        label = owner.name
        ended = owner.access_ends_at  # may lie ahead: the rules compare it with the clock
    elif made.owner_user is not None:
        label = made.owner_user.label
        ended = None if _is_admin(made, system) else made.decided_at
    else:
        ended = made.decided_at  # the owner's record is gone: nobody answers for the account
    left = [
        (gathered.persons[key].name, gathered.persons[key].access_ends_at)
        for key in gathered.shared_users.get(row.id, [])
        if key in gathered.persons
    ]
    gone = sorted((at, name) for name, at in left if at and made.decided_at < at)
    return facts.NotStaff(
        kind=facts.NotStaffKind(made.not_staff_kind),
        owner_label=label,
        owner_id=str(made.owner_staff_id or made.owner_user_id or "") or None,
        owner_ended_at=ended,
        level=made.level,
        ends_at=made.ends_at,
        reason=made.reason,
        user_left=(gone[0][1], gone[0][0]) if gone else None,
    )


def _is_admin(made: Identification, system: CriticalSystem) -> bool:
    return workspaces.admins(system.workspace).filter(user=made.owner_user).exists()


def _with_likeness(
    accounts: list[facts.Account], leavers: dict[str, Any], workspace: Workspace
) -> list[facts.Account]:
    """Mark unidentified accounts that may be a leaver's; compared with leavers only."""
    unknown = [each for each in accounts if is_unidentified(each)]
    if not unknown or not leavers:
        return accounts
    index = PeopleIndex([each for each in candidates(workspace) if each.id in leavers])
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
