"""Check: each account of current staff is one that the system's access rule allows."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from checks.facts import (
    AccessRule,
    Account,
    Allowance,
    LevelScheme,
    Person,
    Policy,
    RuleMode,
    SystemFacts,
)
from checks.rules import words
from checks.rules.base import Check, Judgement, Outcome, Remedy, Verdict
from checks.rules.user_identified import accepted_as, holder_id

ID = "user_access_valid"
_NO_RULE = "No access rule has been saved yet."
NOT_STAFF = "decided as not a staff account"
_APART = {NOT_STAFF: "not staff"}


@dataclass(frozen=True)
class _Finding:
    """What the rule says of one person's level."""

    why: str
    remedy: Remedy | None = None  # None: valid
    remedy_text: str = ""
    by_level: bool = True  # whether the account's level had a part in it


def judge(facts: SystemFacts, now: datetime) -> Judgement:
    """One verdict for each account; those of leavers and of nobody on the staff are closed here."""
    if facts.user_list is None:
        return Judgement(waiting=words.NO_LIST)
    people = {person.id: person for person in facts.people}
    verdicts = tuple(_verdict(account, people, facts, now) for account in facts.accounts)
    outcomes = [verdict.outcome for verdict in verdicts]
    invalid = outcomes.count(Outcome.FAIL)
    judged = invalid + outcomes.count(Outcome.PASS)
    return Judgement(
        verdicts=verdicts,
        waiting=_waiting(facts, judged, outcomes.count(Outcome.WAIT)),
        summary=f"{judged} judged, {invalid} not valid{apart(facts, verdicts)}",
        judged=judged,
        complete=True,
    )


def apart(facts: SystemFacts, verdicts: Iterable[Verdict]) -> str:
    """How many accounts are not judged, and why: the rest of a sentence, empty where all are."""
    found: Counter[str] = Counter()
    for account, verdict in zip(facts.accounts, verdicts, strict=True):
        if verdict.remedy is Remedy.IDENTIFY:
            found["to identify"] += 1
        elif verdict.outcome is Outcome.CLOSED:
            opens = facts.scheme.gives_access(account.level)
            found[_APART.get(verdict.why, "of leavers") if opens else "without access"] += 1
    told = ", ".join(f"{number} {words}" for words, number in sorted(found.items()))
    return f"; not judged: {told}" if told else ""


def _waiting(facts: SystemFacts, judged: int, waiting: int) -> str | None:
    if facts.rule is None or not facts.rule.is_configured:
        return _NO_RULE
    if judged:
        return None
    return (
        "No account is identified yet."
        if waiting
        else "The current user list has no account of current staff."
    )


def _verdict(
    account: Account, people: Mapping[str, Person], facts: SystemFacts, now: datetime
) -> Verdict:
    holder = holder_id(account)
    claims = account.still_held_for | ({holder} if holder else frozenset())
    if reason := _no_subject(account, claims, people, facts, now):
        return _answer(account, facts, Outcome.CLOSED, reason)
    closes_at = words.earliest(people[each].access_ends_at for each in claims if each in people)
    rule = facts.rule
    if rule is None or not rule.is_configured:
        return _wait(account, facts, _NO_RULE, Remedy.CONFIGURE_RULE, closes_at)
    if holder is None or not all(each in people for each in claims):
        label = words.account_label(account)
        why = f"{label} is not identified yet, so nobody's Org roles can be compared."
        return _wait(account, facts, why, Remedy.IDENTIFY, closes_at)
    return _judged(account, people[holder], rule, facts, closes_at)


def _no_subject(
    account: Account,
    claims: Iterable[str],
    people: Mapping[str, Person],
    facts: SystemFacts,
    now: datetime,
) -> str:
    """Why this check has nothing to say of the account; empty when it has."""
    if not facts.scheme.gives_access(account.level):
        return f"{facts.scheme.name(account.level)}: the account gives no access"
    for each in sorted(claims):
        if each in people and people[each].has_left(now):
            return f"{people[each].name} has left; their access is to be removed"
    return NOT_STAFF if accepted_as(account) is not None else ""


def _judged(
    account: Account,
    person: Person,
    rule: AccessRule,
    facts: SystemFacts,
    closes_at: datetime | None,
) -> Verdict:
    if rule.mode is RuleMode.ALL_STAFF:
        finding = _by_everybody(account, person, rule, facts)
    else:
        finding = _by_org_role(account, person, rule, facts)
    decided_at = None if account.decision is None else account.decision.decided_at
    since = words.latest(
        facts.added_at,
        account.appeared_at,
        rule.saved_at,
        decided_at,
        person.returned_at,
        person.roles_changed_at if rule.mode is RuleMode.ROLE_BASED else None,
        account.level_since if finding.by_level else None,
    )
    return _answer(
        account,
        facts,
        Outcome.PASS if finding.remedy is None else Outcome.FAIL,
        f"{finding.why} {_basis(facts)}",
        began_at=None if finding.remedy is None else since,
        settled_at=since if finding.remedy is None else None,
        closes_at=closes_at,
        remedy=finding.remedy,
        remedy_text=finding.remedy_text,
        passed_by=_passed_by(rule, facts) if finding.remedy is None else "",
        used=(*_used(account, facts), *_used_of_person(person, rule, facts)),
    )


def _by_everybody(
    account: Account, person: Person, rule: AccessRule, facts: SystemFacts
) -> _Finding:
    allowed = _allowed([rule.levels], facts.scheme)
    return _by_level(account, person, allowed, "all staff", facts)


def _by_org_role(
    account: Account, person: Person, rule: AccessRule, facts: SystemFacts
) -> _Finding:
    if not person.org_roles:
        why = f"{person.name} has no Org role, and {facts.system_name} is open to Org roles only."
        return _Finding(why, Remedy.GIVE_ORG_ROLE, "Give an Org role", by_level=False)
    hers = [each for each in rule.allowances if each.org_role_id in person.org_roles]
    if not hers:
        named = _org_roles(person.org_roles, facts)
        why = f"None of {person.name}'s Org roles ({named}) is listed for {facts.system_name}."
        return _Finding(why, Remedy.REVOKE, "Revoke", by_level=False)
    allowed = _allowed([each.levels for each in hers], facts.scheme)
    return _by_level(account, person, allowed, _names(hers), facts)


def _allowed(sets: Iterable[frozenset[str] | None], scheme: LevelScheme) -> frozenset[str]:
    """Sets of several Org roles add up; None is every documented level, no access never counts."""
    union: frozenset[str] = frozenset()
    for levels in sets:
        union |= scheme.grantable if levels is None else levels
    return union - scheme.no_access


def _by_level(
    account: Account, person: Person, allowed: frozenset[str], source: str, facts: SystemFacts
) -> _Finding:
    scheme, product = facts.scheme, facts.product
    level = scheme.name(account.level)
    if account.level in allowed:
        return _Finding(
            f"{person.name} may be {level} in {product}: the rule allows it to {source}."
        )
    if not scheme.is_determined(account.level):
        why = (
            f"{product} gives {person.name}'s account a role that we do not know: {level}."
            f" Nothing can be concluded from it."
        )
        return _Finding(why, Remedy.LOOK, f"Look in {product}")
    targets = _targets(account.level, allowed, scheme)
    if not targets:
        why = f"{person.name} is {level} in {product}; the rule allows {source} no role there."
        return _Finding(why, Remedy.REVOKE, "Revoke")
    may = words.either(_labels(allowed, scheme))
    why = f"{person.name} is {level} in {product}; the rule allows {source} {may}."
    return _change(account.level, targets, why, scheme)


def _targets(level: str, allowed: frozenset[str], scheme: LevelScheme) -> frozenset[str]:
    """The allowed levels to change to: the highest of the lower ones if any is lower, else all."""
    choices = allowed - scheme.undetermined
    lower = {each for each in choices if scheme.is_lower(each, than=level)}
    highest = {
        each for each in lower if not any(scheme.is_lower(each, than=other) for other in lower)
    }
    return frozenset(highest or choices)


def _change(level: str, targets: frozenset[str], why: str, scheme: LevelScheme) -> _Finding:
    """ "Downgrade" needs one target that is lower; between several, people choose."""
    names = words.either(_labels(targets, scheme))
    if len(targets) == 1 and all(scheme.is_lower(each, than=level) for each in targets):
        return _Finding(why, Remedy.DOWNGRADE, f"Downgrade to {names}")
    return _Finding(why, Remedy.CHANGE, f"Change to {names}")


def _labels(levels: frozenset[str], scheme: LevelScheme) -> list[str]:
    """Names in the product's own order, unknown texts last."""
    order = {level: place for place, level in enumerate(scheme.order)}
    return [
        scheme.name(each) for each in sorted(levels, key=lambda x: (order.get(x, len(order)), x))
    ]


def _basis(facts: SystemFacts) -> str:
    return f"This goes by {facts.product}'s {facts.scheme.basis} only."


def _names(allowances: Iterable[Allowance]) -> str:
    return words.either(sorted(each.org_role_name for each in allowances), "and")


def _org_roles(ids: frozenset[str], facts: SystemFacts) -> str:
    return ", ".join(sorted(facts.org_role_names.get(each, "unnamed") for each in ids))


def _passed_by(rule: AccessRule, facts: SystemFacts) -> str:
    return f"Access rule saved on {words.moment(rule.saved_at, facts.calendar.zone)}"


def _wait(
    account: Account, facts: SystemFacts, why: str, remedy: Remedy, closes_at: datetime | None
) -> Verdict:
    return _answer(
        account,
        facts,
        Outcome.WAIT,
        f"{why} {_basis(facts)}",
        closes_at=closes_at,
        remedy=remedy,
        remedy_text=("Configure now" if remedy is Remedy.CONFIGURE_RULE else "Identify & map user"),
        used=_used(account, facts),
    )


def _answer(
    account: Account,
    facts: SystemFacts,
    outcome: Outcome,
    why: str,
    *,
    began_at: datetime | None = None,
    settled_at: datetime | None = None,
    closes_at: datetime | None = None,
    remedy: Remedy | None = None,
    remedy_text: str = "",
    passed_by: str = "",
    used: tuple[tuple[str, str], ...] = (),
) -> Verdict:
    return Verdict(
        check=ID,
        subject_kind="account",
        subject_id=account.id,
        subject_label=words.account_label(account),
        outcome=outcome,
        why=why,
        began_at=began_at,
        settled_at=settled_at,
        closes_at=closes_at,
        remedy=remedy,
        remedy_text=remedy_text,
        passed_by=passed_by,
        used=used,
    )


def _used(account: Account, facts: SystemFacts) -> tuple[tuple[str, str], ...]:
    zone = facts.calendar.zone
    return words.account_facts(account, facts.scheme.name(account.level), zone)


def _used_of_person(
    person: Person, rule: AccessRule, facts: SystemFacts
) -> tuple[tuple[str, str], ...]:
    starts = (
        ()
        if person.starts_on is None
        else (("Employed from", words.calendar_day(person.starts_on)),)
    )
    return (
        ("Person", person.name),
        *starts,
        ("Org roles", _org_roles(person.org_roles, facts) or "none"),
        ("Access rule saved", words.moment(rule.saved_at, facts.calendar.zone)),
    )


CHECK = Check(
    id=ID,
    title_pattern="User access to Critical System should be valid",
    summary="Every member of staff with an account is allowed it, and the role it has, by the rule.",
    controls_soc2=("CC6.3",),
    controls_iso=("A.5.18", "A.8.2"),
    default_policy=Policy(grace_days=7),
    judge=judge,
    how_to_fix=(
        "If the access is right, add the person's Org role to the system: it is valid at once.",
        "If the person has no Org role, give them the one that fits their work.",
        "If the role in {product} is too wide, lower it there as the task says, then sync.",
        "If the access is not needed, remove it in {product}, then sync.",
        "If the role is one that we do not know, look in {product} what it allows.",
        "Then tick its very text in the rule, or change the role there and sync.",
    ),
    needs_list=True,
)
