"""What a verdict rested on, in words: the part of a sheet of facts that speaks of one subject; pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from checks.facts import AccessRule, Account, Person, RuleMode, SystemFacts
from checks.rules import BY_ID, Verdict, words
from checks.rules.user_identified import holder_id

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Group:
    """Facts that belong together, with what they are about."""

    title: str
    pairs: Pairs


def verdict_of(
    facts: SystemFacts, at: datetime, *, check_id: str, subject_id: str
) -> Verdict | None:
    """What the check says of the subject on these facts; None where it says nothing."""
    verdicts = BY_ID[check_id].judge(facts, at).verdicts
    return next((each for each in verdicts if each.subject_id == subject_id), None)


def groups(facts: SystemFacts, *, check_id: str, subject_id: str) -> tuple[Group, ...]:
    """Every fact that the check may have used of this subject, by what it is about."""
    accounts = [each for each in facts.accounts if _concerns(each, subject_id)]
    holders = {holder_id(each) for each in accounts} | {subject_id}
    people = [each for each in facts.people if each.id in holders]
    return (
        *(
            Group(f"Account {words.account_label(each)}", _account(each, facts))
            for each in accounts
        ),
        *(Group(f"Staff member {each.name}", _person(each, facts)) for each in people),
        *(
            Group(f"Account {each.name}, gone", _past(each.last_seen_at, each.gone_at, facts))
            for each in facts.past_accounts
            if each.person_id == subject_id
        ),
        *_rule_group(facts, check_id),
        Group(f"System {facts.system_name}", _system(facts)),
        Group("Policy when it was judged", _policy(facts, check_id)),
    )


def _concerns(account: Account, subject_id: str) -> bool:
    return subject_id in {
        account.id,
        holder_id(account),
        *account.still_held_for,
        *account.resembles,
    }


def _moment(at: datetime | None, facts: SystemFacts) -> str:
    return words.moment(at, facts.calendar.zone) if at is not None else "–"


def _account(account: Account, facts: SystemFacts) -> Pairs:
    return (
        ("E-mail", account.email or "none given"),
        (f"Role in {facts.product}", facts.scheme.name(account.level)),
        ("Subscriber", "yes" if account.is_subscriber else "no"),
        ("First seen", _moment(account.first_seen_at, facts)),
        ("Present since", _moment(account.appeared_at, facts)),
        ("This role since", _moment(account.level_since, facts)),
        ("Decision", _decision(account, facts)),
    )


def _decision(account: Account, facts: SystemFacts) -> str:
    made = account.decision
    if made is None:
        return "none"
    by = "by its exact address" if made.automatic else f"by {made.by_label or 'somebody'}"
    what = made.kind.replace("_", " ")
    if made.not_staff is not None:
        ends = _moment(made.not_staff.ends_at, facts)
        what += f" ({made.not_staff.kind}), owner {made.not_staff.owner_label}, until {ends}"
    return f"{what}, {by}, {_moment(made.decided_at, facts)}"


def _person(person: Person, facts: SystemFacts) -> Pairs:
    names = sorted(facts.org_role_names.get(each, each) for each in person.org_roles)
    last_day = words.calendar_day(person.last_day) if person.last_day else "–"
    return (
        ("Org roles", ", ".join(names) or "none"),
        ("Last working day", last_day),
        ("Access ends", _moment(person.access_ends_at, facts)),
        ("Returned", _moment(person.returned_at, facts)),
    )


def _past(last_seen_at: datetime, gone_at: datetime, facts: SystemFacts) -> Pairs:
    return (
        ("Last list with it", _moment(last_seen_at, facts)),
        ("First list without it", _moment(gone_at, facts)),
    )


def _rule_group(facts: SystemFacts, check_id: str) -> Iterator[Group]:
    if check_id not in ("user_access_valid", "access_control_configured"):
        return
    if facts.rule is None:
        yield Group("Access rule", (("Saved", "never"),))
        return
    yield Group("Access rule", tuple(_rule(facts.rule, facts)))


def _rule(rule: AccessRule, facts: SystemFacts) -> Iterator[tuple[str, str]]:
    yield "Saved", _moment(rule.saved_at, facts)
    if rule.mode is RuleMode.ALL_STAFF:
        yield "All staff", _levels(rule.levels, facts)
        return
    for each in rule.allowances:
        yield each.org_role_name, _levels(each.levels, facts)


def _levels(levels: frozenset[str] | None, facts: SystemFacts) -> str:
    if levels is None:
        return "Any documented role"
    return ", ".join(facts.scheme.name(each) for each in sorted(levels)) or "none"


def _system(facts: SystemFacts) -> Pairs:
    listed = facts.user_list
    return (
        ("Under control since", _moment(facts.added_at, facts)),
        ("User list read", _moment(listed.read_at, facts) if listed else "never"),
        ("User list", listed.digest if listed else "–"),
        ("Accounts in it", str(len(facts.accounts))),
    )


def _s(number: int) -> str:
    return "" if number == 1 else "s"


def _policy(facts: SystemFacts, check_id: str) -> Pairs:
    policy = facts.policies[check_id]
    kind = "business" if policy.business_days else "calendar"
    return (
        ("Days to fix it", f"{policy.grace_days} {kind} day{_s(policy.grace_days)}"),
        ("Critical in the last", f"{policy.window_days} day{_s(policy.window_days)}"),
        ("Time zone", facts.calendar.zone),
    )
