"""What must hold of every task, said from the tables of facts and the machine's own list.

Written apart from `access.facts` and the rules: sets and comparisons, no clocks of its own.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from access.models import AccessRule, Account, CriticalSystem, Identification
from integrations.providers.base import RemoteAccount
from people.models import EmploymentPeriod, StaffOrgRole
from tests.properties.oracle import BELOW, DOCUMENTED, FRESH
from workspaces.models import Workspace

STAFF = ("existing_staff", "new_staff")


@dataclass
class Believed:
    """What the product may rest on, as the machine followed it from outside."""

    users: dict[str, RemoteAccount] = field(default_factory=dict)
    read_at: datetime | None = None
    readable: bool = True  # authorised, the pinned organisation, not disconnected
    came_back: set[str] = field(default_factory=set)  # since their last decision
    decided: dict[str, str] = field(default_factory=dict)  # account id -> staff id, as last seen
    holds: dict[str, set[str]] = field(default_factory=dict)  # account id -> leavers it is held for

    def follow(self, decided: dict[str, str], leaving: set[str]) -> None:
        """Note what decisions became; an account taken from a leaver stays theirs until approved."""
        for account, person in self.decided.items():
            if person in leaving and decided.get(account) != person:
                self.holds.setdefault(account, set()).add(person)
        for account, person in decided.items():
            self.holds.get(account, set()).discard(person)
        self.decided = decided

    def fresh(self, now: datetime) -> bool:
        return self.readable and self.read_at is not None and now < self.read_at + FRESH


@dataclass(frozen=True)
class Expected:
    """Per (check, subject id): whether a pass would be true, and whether a fault must show."""

    may_pass: frozenset[tuple[str, str]]
    must_fail: frozenset[tuple[str, str]]


def expected(workspace: Workspace, believed: Believed, now: datetime) -> Expected:
    """What is true of the believed list at `now`."""
    system = CriticalSystem.objects.get(workspace=workspace)
    facts = _Facts(workspace, system, now)
    passes, fails = set(), set()
    holding: set[str] = set()
    for account in Account.objects.filter(connection_id=system.connection_id):
        remote = believed.users.get(account.external_id)
        if remote is None or remote.level == "REMOVED":
            continue
        key, decision = str(account.id), facts.decisions.get(account.id)
        known = _identified(decision, remote, facts, believed, now)
        (passes if known else fails).add(("user_identified", key))
        holders = {str(decision.staff_id)} if decision and decision.kind in STAFF else set()
        holding |= holders | believed.holds.get(key, set())
        if holders and not holders & facts.left:
            valid = _valid(remote, facts.roles.get(next(iter(holders)), set()), facts.rule)
            if valid is not None:
                (passes if valid else fails).add(("user_access_valid", key))
    for person, ended_at in facts.ends.items():
        if person in facts.left and person in holding:
            fails.add(("offboarded_access_removed", person))
        elif person in facts.left and believed.read_at and believed.read_at > ended_at:
            passes.add(("offboarded_access_removed", person))
    (passes if facts.configured else fails).add(("access_control_configured", str(system.id)))
    return Expected(frozenset(passes), frozenset(fails))


def decisions(workspace: Workspace) -> dict[UUID, Identification]:
    """The present decisions, by account."""
    rows = Identification.objects.filter(workspace=workspace, withdrawn_at__isnull=True)
    return {each.account_id: each for each in rows}


def ends(workspace: Workspace) -> dict[str, datetime]:
    """When access ends, of everybody with a leaving recorded."""
    rows = EmploymentPeriod.objects.filter(
        workspace=workspace, latest=True, staff__merged_into__isnull=True
    )
    return {str(each.staff_id): each.access_ends_at for each in rows if each.access_ends_at}


class _Facts:
    """The tables as they stand, by id."""

    def __init__(self, workspace: Workspace, system: CriticalSystem, now: datetime) -> None:
        self.decisions = decisions(workspace)
        self.ends = ends(workspace)
        self.left = {person for person, at in self.ends.items() if at <= now}
        self.roles: dict[str, set[object]] = {}
        for link in StaffOrgRole.objects.filter(staff__workspace=workspace):
            self.roles.setdefault(str(link.staff_id), set()).add(link.org_role_id)
        self.rule = AccessRule.objects.filter(system=system).first()
        self.configured = self.rule is not None


def _identified(
    decision: Identification | None,
    remote: RemoteAccount,
    facts: _Facts,
    believed: Believed,
    now: datetime,
) -> bool:
    if decision is None or decision.kind == "not_identified":
        return False
    if decision.kind in STAFF:
        return True
    covered = remote.level == decision.level or remote.level in BELOW.get(decision.level, ())
    in_time = decision.ends_at is None or decision.ends_at > now
    owned = decision.owner_user_id is not None or str(decision.owner_staff_id) not in facts.left
    return covered and in_time and owned and remote.external_id not in believed.came_back


def _valid(remote: RemoteAccount, roles: set[object], rule: AccessRule | None) -> bool | None:
    if rule is None:
        return None
    if rule.mode == "all_staff":
        sets = [rule.levels]
    else:
        sets = [each.levels for each in rule.entries.all() if each.org_role_id in roles]
    return any(remote.level in (DOCUMENTED if each is None else each) for each in sets)


def surprising(
    before: dict[str, RemoteAccount], after: dict[str, RemoteAccount], asked: set[str]
) -> bool:
    """Whether a complete list shrank so that a person must confirm it."""
    live = {key for key, each in before.items() if each.level != "REMOVED"}
    here = {key for key, each in after.items() if each.level != "REMOVED"}
    unasked = live - here - asked
    limit = 1 if len(live) <= 10 else max(3, len(live) / 10)
    subscribers = {key for key in live if before[key].is_subscriber}
    advisers = {key for key in live if before[key].level == "FINANCIALADVISER"}
    return (
        len(unasked) > limit
        or (bool(live) and not here)
        or (bool(before) and not after)
        or (bool(subscribers) and not any(after[key].is_subscriber for key in here))
        or (len(advisers) >= 2 and not advisers & here and bool(advisers & unasked))
    )
