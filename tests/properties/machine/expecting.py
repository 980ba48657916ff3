"""What must hold of every task, said from the tables of facts and the machine's own list.

Written apart from `access.facts` and the rules: sets and comparisons, no clocks of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from access.models import AccessRule, Account, CriticalSystem, Identification, RuleEntry
from integrations.providers.base import RemoteAccount
from people.models import EmploymentPeriod, StaffList, StaffOrgRole
from tests.properties.machine.asking import asked
from tests.properties.oracle import BELOW, DOCUMENTED, FRESH

Rows = QuerySet[Any, Any]
STAFF = ("existing_staff", "new_staff")
SENT_BY_TOOLS = ("api", "scim", "hris")
SILENCE = timedelta(days=7)  # of a tool that sends whole lists, before they prove nothing
Key = tuple[str, str]  # check, subject


@dataclass
class Believed:
    """What the product may rest on, as the machine followed it from outside."""

    users: dict[str, RemoteAccount] = field(default_factory=dict)
    read_at: datetime | None = None
    readable: bool = True  # authorised, the pinned organisation, not disconnected
    came_back: set[str] = field(default_factory=set)  # since their last decision
    decided: dict[str, str] = field(default_factory=dict)  # account id -> staff id, as last seen
    holds: dict[str, set[str]] = field(default_factory=dict)  # account id -> leavers it is held for
    were_leaving: set[str] = field(default_factory=set)  # whatever became of it

    def follow(self, decided: dict[str, str], leaving: set[str]) -> None:
        """Note what decisions became; an account taken from a leaver stays theirs until approved.

        One of somebody whose leaving was withdrawn, or who came back, is held as well.
        """
        self.were_leaving |= leaving
        for account, person in self.decided.items():
            if person in self.were_leaving and decided.get(account) != person:
                self.holds.setdefault(account, set()).add(person)
        for account, person in decided.items():
            self.holds.get(account, set()).discard(person)
        self.decided = decided

    def merged(self, duplicate: str, survivor: str) -> None:
        """Everything that was the duplicate's is the survivor's."""

        def of(person: str) -> str:
            return survivor if person == duplicate else person

        self.were_leaving = set(map(of, self.were_leaving))
        self.decided = {account: of(person) for account, person in self.decided.items()}
        self.holds = {account: set(map(of, held)) for account, held in self.holds.items()}

    def fresh(self, now: datetime) -> bool:
        return self.readable and self.read_at is not None and now < self.read_at + FRESH


class Decided(NamedTuple):
    """A present decision; the names are those of the table."""

    account_id: str
    kind: str
    staff_id: str | None
    level: str
    ends_at: datetime | None
    owner_staff_id: str | None
    owner_user_id: str | None


@dataclass(frozen=True)
class Accepted:
    """A fault as somebody accepted it: until when, at which levels, of whom, and how they stood."""

    until: datetime
    levels: Mapping[str, str]
    holder: str
    ends: datetime | None

    def covers(self, present: "Accepted", now: datetime) -> bool:
        """Whether the present fault is the accepted one, or less."""
        same = (self.holder, self.ends) == (present.holder, present.ends)
        return same and now < self.until and self._no_wider(present.levels)

    def _no_wider(self, levels: Mapping[str, str]) -> bool:
        return all(
            key in self.levels
            and (level == self.levels[key] or level in BELOW.get(self.levels[key], ()))
            for key, level in levels.items()
        )


@dataclass(frozen=True)
class Expected:
    """Per (check, subject id): whether a pass would be true, and whether a fault must show."""

    facts: "Facts"
    may_pass: frozenset[Key]
    must_fail: frozenset[Key]


class Facts:
    """The tables as they stand, by id; `accounts` are those of the believed list."""

    def __init__(self, system: CriticalSystem, believed: Believed, now: datetime) -> None:
        self.now, self.believed = now, believed
        self.decisions = decisions(system)
        self.ends = ends(system.workspace_id)
        self.left = {person for person, at in self.ends.items() if at <= now}
        self.roles = org_roles(system.workspace_id)
        self.rule = _rule(system.pk)
        self.staff_list_is_old = any(
            source in SENT_BY_TOOLS and now >= at + SILENCE
            for source, at in _staff_lists(system.workspace_id)
        )
        self.accounts: dict[str, RemoteAccount] = {
            str(key): believed.users[external_id]
            for key, external_id in _accounts(system.connection_id)
            if external_id in believed.users and believed.users[external_id].level != "REMOVED"
        }

    def fault(self, key: Key, until: datetime) -> Accepted:
        """The present fault of a subject, as somebody would accept it."""
        check, subject = key
        if check == "offboarded_access_removed":
            levels = {
                a: each.level for a, each in self.accounts.items() if subject in self.holders(a)
            }
            return Accepted(until, levels, subject, self.ends.get(subject))
        account, made = self.accounts.get(subject), self.decisions.get(subject)
        levels = {subject: account.level} if account is not None else {}
        holder = made.staff_id or "" if made is not None else ""
        return Accepted(until, levels, holder, self.ends.get(holder))

    @property
    def holding(self) -> set[str]:
        """Everybody who has an account, or for whom one is held."""
        return {person for account in self.accounts for person in self.holders(account)}

    def holders(self, account: str) -> set[str]:
        """Whose the account is, and for which leavers it is still held."""
        made = self.decisions.get(account)
        named = {made.staff_id} if made is not None and made.staff_id else set()
        return named | self.believed.holds.get(account, set())


def expected(facts: Facts, system_id: str) -> Expected:
    """What is true of the believed list."""
    passes: set[Key] = set()
    fails: set[Key] = set()
    for key, remote in facts.accounts.items():
        made = facts.decisions.get(key)
        (passes if _identified(made, remote, facts) else fails).add(("user_identified", key))
        claims = facts.holders(key)
        # Whoever left comes first: one account never has both tasks.
        if made is not None and made.staff_id and not claims & facts.left:
            valid = _valid(remote, facts.roles.get(made.staff_id, set()), facts.rule)
            if valid is not None:
                (passes if valid else fails).add(("user_access_valid", key))
    read_at = facts.believed.read_at
    holding = facts.holding
    for person in facts.left:
        if person in holding:
            fails.add(("offboarded_access_removed", person))
        elif read_at and read_at > facts.ends[person]:
            passes.add(("offboarded_access_removed", person))
    (fails if facts.rule is None else passes).add(("access_control_configured", system_id))
    return Expected(facts, frozenset(passes), frozenset(fails))


def decisions(system: CriticalSystem) -> dict[str, Decided]:
    """The present decisions, by account."""
    return {str(row[0]): Decided(*map(_text, row)) for row in _decisions(system.workspace_id)}


def ends(workspace_id: UUID) -> dict[str, datetime]:
    """When access ends, of everybody with a leaving recorded."""
    return {str(person): at for person, at in _ends(workspace_id)}


def org_roles(workspace_id: UUID) -> dict[str, set[str]]:
    """The ids of everybody's Org roles."""
    found: dict[str, set[str]] = {}
    for person, role in _org_roles(workspace_id):
        found.setdefault(str(person), set()).add(str(role))
    return found


@asked(*Decided._fields)
def _decisions(workspace_id: UUID) -> Rows:
    return Identification.objects.filter(workspace=workspace_id, withdrawn_at=None)


@asked("staff_id", "access_ends_at")
def _ends(workspace_id: UUID) -> Rows:
    latest = EmploymentPeriod.objects.filter(workspace=workspace_id, latest=True)
    return latest.filter(access_ends_at__isnull=False, staff__merged_into__isnull=True)


@asked("staff_id", "org_role_id")
def _org_roles(workspace_id: UUID) -> Rows:
    return StaffOrgRole.objects.filter(staff__workspace=workspace_id)


@asked("source", "confirmed_at")
def _staff_lists(workspace_id: UUID) -> Rows:
    return StaffList.objects.filter(workspace=workspace_id)


@asked("id", "external_id")
def _accounts(connection_id: UUID) -> Rows:
    return Account.objects.filter(connection=connection_id)


@asked("mode", "levels")
def _rules(system_id: UUID) -> Rows:
    return AccessRule.objects.filter(system=system_id)


@asked("org_role_id", "levels")
def _entries(system_id: UUID) -> Rows:
    return RuleEntry.objects.filter(rule=system_id)


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value


# None where no rule is saved; else the allowed levels by Org role, "" standing for everybody.
Rule = dict[str, set[str]] | None


def merged(rule: Rule, old: str, into: str) -> Rule:
    """The rule once the role `old` is part of `into`: what either allowed."""
    if rule is None or old not in rule:
        return rule
    rest = {role: levels for role, levels in rule.items() if role != old}
    return rest | {into: rule[old] | rest.get(into, set())}


def _rule(system_id: UUID) -> Rule:
    for mode, levels in _rules(system_id):
        rows = [("", levels)] if mode == "all_staff" else _entries(system_id)
        return {
            str(role): DOCUMENTED if allowed is None else set(allowed) for role, allowed in rows
        }
    return None


def _identified(made: Decided | None, remote: RemoteAccount, facts: Facts) -> bool:
    if made is None or made.kind == "not_identified":
        return False
    if made.kind in STAFF:
        return True
    covered = remote.level == made.level or remote.level in BELOW.get(made.level, ())
    in_time = made.ends_at is None or made.ends_at > facts.now
    owned = made.owner_user_id is not None or made.owner_staff_id not in facts.left
    return covered and in_time and owned and remote.external_id not in facts.believed.came_back


def _valid(remote: RemoteAccount, roles: set[str], rule: Rule) -> bool | None:
    if rule is None:
        return None
    return any(remote.level in levels for role, levels in rule.items() if role in {"", *roles})


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
