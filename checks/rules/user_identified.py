"""Check: somebody knows whose account each account of the critical system is."""

from dataclasses import dataclass
from datetime import datetime

from checks.facts import Account, Decision, DecisionKind, NotStaff, Policy, SystemFacts
from checks.rules import words
from checks.rules.base import Check, Judgement, Outcome, Remedy, Verdict

ID = "user_identified"
_STAFF = frozenset({DecisionKind.EXISTING_STAFF, DecisionKind.NEW_STAFF})


@dataclass(frozen=True)
class _Ending:
    """Why an accepted account of nobody on the staff must be looked at again."""

    at: datetime
    words: str
    remedy: Remedy = Remedy.CONFIRM_OR_REMOVE


def holder_id(account: Account) -> str | None:
    """The person whose account it is decided to be; None when no decision names one."""
    decision = account.decision
    return decision.person_id if decision is not None and decision.kind in _STAFF else None


def accepted_as(account: Account) -> NotStaff | None:
    """The terms on which the account is accepted as nobody's on the staff, ended or not."""
    decision = account.decision
    is_one = decision is not None and decision.kind is DecisionKind.NOT_STAFF
    return decision.not_staff if decision is not None and is_one else None


def is_unidentified(account: Account) -> bool:
    """No decision, "Not identified", or one that lacks what it should say."""
    return holder_id(account) is None and accepted_as(account) is None


def judge(facts: SystemFacts, now: datetime) -> Judgement:
    """One verdict for each account that gives access."""
    if facts.user_list is None:
        return Judgement(waiting=words.NO_LIST)
    names = {person.id: person.name for person in facts.people}
    accounts = [each for each in facts.accounts if facts.scheme.gives_access(each.level)]
    verdicts = tuple(_verdict(account, facts, names, now) for account in accounts)
    passed = sum(verdict.outcome is Outcome.PASS for verdict in verdicts)
    return Judgement(
        verdicts=verdicts,
        waiting=None if accounts else words.NOBODY_HAS_ACCESS,
        summary=f"{len(accounts)} accounts, {len(accounts) - passed} to identify",
        judged=len(accounts),
        complete=True,
    )


def _verdict(account: Account, facts: SystemFacts, names: dict[str, str], now: datetime) -> Verdict:
    decision = account.decision
    if decision is None or is_unidentified(account):
        return _unidentified(account, facts)
    accepted = accepted_as(account)
    if accepted is None:
        person = names.get(decision.person_id or "", "a member of staff")
        return _identified(account, decision, facts, f"is the account of {person}")
    if endings := _endings(account, decision, accepted, facts, now):
        return _reopened(account, facts, endings)
    terms = f"is no staff member's account ({accepted.kind}), owned by {accepted.owner_label}"
    return _identified(account, decision, facts, terms, lapses_at=_lapses_at(accepted))


def _unidentified(account: Account, facts: SystemFacts) -> Verdict:
    zone = facts.calendar.zone
    label = words.account_label(account)
    recorded = account.decision is not None and account.decision.kind is DecisionKind.NOT_IDENTIFIED
    why = (
        f"{label} was looked at and recorded as “Not identified”, which leaves it open whose it is."
        if recorded
        else f"Nobody has said yet whose account {label} is, and no staff address matches it alone."
    )
    return Verdict(
        check=ID,
        subject_kind="account",
        subject_id=account.id,
        subject_label=label,
        outcome=Outcome.FAIL,
        why=why,
        began_at=words.latest(account.appeared_at, facts.added_at, account.unidentified_since),
        used=words.account_facts(account, facts.scheme.name(account.level), zone),
        remedy=Remedy.IDENTIFY,
        remedy_text="Identify & map user",
    )


def _identified(
    account: Account,
    decision: Decision,
    facts: SystemFacts,
    terms: str,
    *,
    lapses_at: datetime | None = None,
) -> Verdict:
    label = words.account_label(account)
    decided = words.day(decision.decided_at, facts.calendar.zone)
    by = "matched by its e-mail address" if decision.automatic else "decided"
    name = f" by {decision.by_label}" if decision.by_label and not decision.automatic else ""
    return Verdict(
        check=ID,
        subject_kind="account",
        subject_id=account.id,
        subject_label=label,
        outcome=Outcome.PASS,
        why=f"{label} {terms}: {by}{name} on {decided}.",
        settled_at=words.latest(decision.decided_at, account.appeared_at, facts.added_at),
        lapses_at=lapses_at,
        used=(
            *words.account_facts(account, facts.scheme.name(account.level), facts.calendar.zone),
            ("Identified", decided),
        ),
        passed_by=f"{by.capitalize()}{name} on {decided}",
    )


def _endings(
    account: Account, decision: Decision, accepted: NotStaff, facts: SystemFacts, now: datetime
) -> tuple[_Ending, ...]:
    """All that has ended the decision, earliest first."""
    found = [
        *_level_change(account, decision, accepted, facts),
        *_owner_and_end(accepted, facts, now),
    ]
    if account.appeared_at > decision.decided_at:
        found.append(_Ending(account.appeared_at, "the account was removed and added again"))
    if accepted.user_left is not None and accepted.user_left[1] <= now:
        name, left_at = accepted.user_left
        found.append(_Ending(left_at, f"{name}, who used it, has left", Remedy.CHANGE_PASSWORD))
    return tuple(sorted(found, key=lambda ending: (ending.at, ending.words)))


def _level_change(
    account: Account, decision: Decision, accepted: NotStaff, facts: SystemFacts
) -> tuple[_Ending, ...]:
    """A lower level is covered by what was accepted; any other one is not."""
    scheme = facts.scheme
    same = account.level == accepted.level
    if same or scheme.is_lower(account.level, than=accepted.level):
        return ()
    change = f"from {scheme.name(accepted.level)} to {scheme.name(account.level)}"
    at = max(account.level_since, decision.decided_at)
    return (_Ending(at, f"its role in {facts.product} changed {change}"),)


def _owner_and_end(accepted: NotStaff, facts: SystemFacts, now: datetime) -> list[_Ending]:
    found = []
    if accepted.ends_at is not None and accepted.ends_at <= now:
        ended = words.day(accepted.ends_at, facts.calendar.zone)
        found.append(_Ending(accepted.ends_at, f"its end date has passed ({ended})"))
    if accepted.owner_ended_at is not None and accepted.owner_ended_at <= now:
        owner = f"its owner, {accepted.owner_label}, has left"
        found.append(_Ending(accepted.owner_ended_at, owner))
    return found


def _reopened(account: Account, facts: SystemFacts, endings: tuple[_Ending, ...]) -> Verdict:
    label = words.account_label(account)
    reasons = words.either([ending.words for ending in endings], "and")
    only_password = all(ending.remedy is Remedy.CHANGE_PASSWORD for ending in endings)
    text = (
        "Change its password and confirm"
        if only_password
        else f"Decision ended: confirm, or remove in {facts.product}"
    )
    return Verdict(
        check=ID,
        subject_kind="account",
        subject_id=account.id,
        subject_label=label,
        outcome=Outcome.FAIL,
        why=f"{label} was accepted as no staff member's account, but {reasons}.",
        began_at=endings[0].at,
        used=(
            *words.account_facts(account, facts.scheme.name(account.level), facts.calendar.zone),
            ("Decision ended", words.day(endings[0].at, facts.calendar.zone)),
        ),
        remedy=Remedy.CHANGE_PASSWORD if only_password else Remedy.CONFIRM_OR_REMOVE,
        remedy_text=text,
    )


def _lapses_at(accepted: NotStaff) -> datetime | None:
    """When the decision ends by the clock alone; what lies behind has ended it already."""
    left_at = None if accepted.user_left is None else accepted.user_left[1]
    return words.earliest((accepted.ends_at, accepted.owner_ended_at, left_at))


CHECK = Check(
    id=ID,
    title_pattern="User should be identified",
    summary="For every account it is known which person, or which owner, it belongs to.",
    controls_soc2=("CC6.1", "CC6.2"),
    controls_iso=("A.5.16",),
    default_policy=Policy(grace_days=7),
    judge=judge,
    how_to_fix=(
        "Choose “Fix it” to open “Identify & map user” for the account.",
        "Pick the person under “Existing staff”, or create them under “New staff”.",
        "A service, shared or outside account is “Not a staff account”.",
        "Name its accountable owner, the reason and an end date.",
        "If nobody knows whose it is, remove it in {product}; the next list closes the task.",
    ),
    needs_list=True,
)
