"""Plain facts for the tests of the rules: one system on a Monday, with whatever a test adds."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from checks.facts import (
    AccessRule,
    Account,
    Allowance,
    Calendar,
    Decision,
    DecisionKind,
    NotStaff,
    NotStaffKind,
    PastAccount,
    Person,
    RuleMode,
    SystemFacts,
    UserList,
)
from checks.rules import CHECKS, judge
from checks.rules.base import Judgement, Verdict
from integrations.catalog import XERO_LEVELS

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ADDED = NOW - 30 * DAY
SEEN = NOW - 40 * DAY
DECIDED = NOW - 20 * DAY
SAVED = NOW - 10 * DAY
READ = NOW - HOUR

ACCOUNTANT = Allowance("accountant", "Accountant")
ORG_ROLES = {"accountant": "Accountant", "clerk": "Clerk", "lead": "Finance lead"}


def account(id: str = "a1", level: str = "STANDARD", **changes: Any) -> Account:
    """An account that has been there all along and that nobody has looked at."""
    found = Account(
        id=id,
        name=f"User {id}",
        email=f"{id}@example.test",
        level=level,
        is_subscriber=False,
        first_seen_at=SEEN,
        appeared_at=SEEN,
        level_since=SEEN,
    )
    return replace(found, **changes)


def staff(person_id: str = "p1", **changes: Any) -> Decision:
    found = Decision(DecisionKind.EXISTING_STAFF, DECIDED, person_id=person_id)
    return replace(found, **changes)


def not_staff(kind: NotStaffKind = NotStaffKind.SERVICE, **changes: Any) -> Decision:
    terms = NotStaff(
        kind=kind,
        owner_label="Finance lead",
        owner_id="p9",
        owner_ended_at=None,
        level="STANDARD",
        ends_at=NOW + 300 * DAY,
    )
    return Decision(DecisionKind.NOT_STAFF, DECIDED, not_staff=replace(terms, **changes))


def person(id: str = "p1", *org_roles: str, **changes: Any) -> Person:
    found = Person(id=id, name=f"Staff {id}", org_roles=frozenset(org_roles))
    return replace(found, **changes)


def leaver(id: str = "p1", ended_at: datetime = NOW - 2 * DAY, **changes: Any) -> Person:
    return person(id, access_ends_at=ended_at, **changes)


def past(person_id: str = "p1", gone_at: datetime = NOW - DAY, **changes: Any) -> PastAccount:
    found = PastAccount("old", "User old", person_id, gone_at - HOUR, gone_at)
    return replace(found, **changes)


def role_based(*allowances: Allowance) -> AccessRule:
    return AccessRule(RuleMode.ROLE_BASED, SAVED, allowances=allowances)


def all_staff(levels: frozenset[str] | None = None) -> AccessRule:
    return AccessRule(RuleMode.ALL_STAFF, SAVED, levels=levels)


def system(**changes: Any) -> SystemFacts:
    """A critical system, read an hour ago, with a rule for accountants and no accounts."""
    found = SystemFacts(
        system_id="s1",
        system_name="Example Books",
        product="Xero",
        added_at=ADDED,
        scheme=XERO_LEVELS,
        calendar=Calendar(zone="Europe/London"),
        policies={check.id: check.default_policy for check in CHECKS},
        user_list=UserList("d" * 64, READ),
        rule=role_based(ACCOUNTANT),
        org_role_names=ORG_ROLES,
    )
    return replace(found, **changes)


def judgement(check: str, facts: SystemFacts, now: datetime = NOW) -> Judgement:
    return judge(facts, now)[check]


def verdict(check: str, facts: SystemFacts, now: datetime = NOW) -> Verdict:
    """The only verdict of the check."""
    (found,) = judgement(check, facts, now).verdicts
    return found
