"""What a special case covers, and what ends it: the fault as it was approved, nothing wider; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from checks.facts import Account, LevelScheme, Person, SystemFacts
from checks.rules import Outcome, Remedy, Verdict
from checks.rules.user_identified import holder_id
from people.days import end_of_day

REMOVAL = "offboarded_access_removed"
MOST_DAYS_FOR_LEAVERS = 90
MOST_DAYS = 5 * 366
CONFIRM_AFTER = timedelta(days=365)
WARN_BEFORE = timedelta(days=7)
# Why the clock alone ends one: its day came, or nobody confirmed what is valid forever.
PASSED, UNCONFIRMED = "its end date has passed", "nobody confirmed it in time"
# Remedies whose words name the aim ("Downgrade to Standard"): another aim is another verdict.
AIMED = frozenset({Remedy.DOWNGRADE, Remedy.CHANGE})


@dataclass(frozen=True)
class Fault:
    """A fault as somebody accepts it: the verdict, the levels involved, and who holds the access.

    `levels` maps the accounts concerned to their levels; `employment` changes when the holder
    leaves, returns, or is another person.
    """

    remedy: str
    aim: str = ""
    levels: Mapping[str, str] = field(default_factory=dict)
    holder: str = ""
    employment: str = ""


def stored(fault: Fault) -> dict[str, Any]:
    """The fault as JSON."""
    return {**vars(fault), "levels": dict(fault.levels)}


def fault_of(
    kind: str, subject_id: str, remedy: str, remedy_text: str, facts: SystemFacts
) -> Fault:
    """The fault of one subject as these facts show it."""
    accounts = _accounts(kind, subject_id, facts)
    holder = subject_id if kind == "person" else ""
    if kind == "account" and accounts:
        holder = holder_id(accounts[0]) or ""
    person = next((each for each in facts.people if each.id == holder), None)
    return Fault(
        remedy=remedy,
        aim=remedy_text if remedy in AIMED else "",
        levels={each.id: each.level for each in accounts},
        holder=holder,
        employment=_employment(person),
    )


def _accounts(kind: str, subject_id: str, facts: SystemFacts) -> list[Account]:
    if kind == "account":
        return [each for each in facts.accounts if each.id == subject_id]
    if kind == "person":
        return [
            each
            for each in facts.accounts
            if subject_id == holder_id(each) or subject_id in each.still_held_for
        ]
    return []


def _employment(person: Person | None) -> str:
    if person is None:
        return ""
    ends, returned = person.access_ends_at, person.returned_at
    return f"{person.id} {ends.isoformat() if ends else '-'} {returned or '-'}"


def ended_because(accepted: Mapping[str, Any], verdict: Verdict, facts: SystemFacts) -> str:
    """Why an approval does not cover this verdict; empty while it does."""
    if verdict.outcome is Outcome.PASS:
        return "the problem is solved"
    if verdict.outcome is Outcome.CLOSED:
        return "its subject is gone"
    if verdict.outcome is Outcome.WAIT:
        return "it cannot be judged any more"
    present = fault_of(
        verdict.subject_kind,
        verdict.subject_id,
        str(verdict.remedy or ""),
        verdict.remedy_text,
        facts,
    )
    return _difference(accepted, present, facts.scheme, facts.product)


def wider(asked: Mapping[str, Any], present: Fault, facts: SystemFacts) -> str:
    """What of the present fault is beyond what was asked about; empty where nothing is."""
    if not asked:
        return "what it was like was not kept"
    return _difference(asked, present, facts.scheme, facts.product)


def _difference(
    accepted: Mapping[str, Any], present: Fault, scheme: LevelScheme, product: str
) -> str:
    if (accepted["remedy"], accepted["aim"]) != (present.remedy, present.aim):
        return "the verdict changed"
    if accepted["holder"] != present.holder:
        return "the account is somebody else's now"
    if accepted["employment"] != present.employment:
        return "the employment changed"
    for account_id, level in present.levels.items():
        before = accepted["levels"].get(account_id)
        if before is None:
            return "there is another account"
        if level != before and not scheme.is_lower(level, than=before):
            was, now = scheme.name(before), scheme.name(level)
            return f"the role in {product} changed from {was} to {now}"
    return ""


def refusal(check_id: str, ends_on: date | None, *, today: date) -> str:
    """Why a special case may not run until this day (None: forever); empty where it may."""
    most = MOST_DAYS_FOR_LEAVERS if check_id == REMOVAL else MOST_DAYS
    if ends_on is None:
        if check_id == REMOVAL:
            return f"Access of somebody who left can be accepted for {most} days at most."
        return ""
    if ends_on < today:
        return "Give a day that is not past."
    if (ends_on - today).days > most:
        last = today + timedelta(days=most)
        return f"Give a day up to {last.isoformat()}: {most} days is the most."
    return ""


def confirm_by(today: date, zone: str) -> datetime:
    """When something valid forever has to be confirmed again."""
    return end_of_day(today + CONFIRM_AFTER, zone)
