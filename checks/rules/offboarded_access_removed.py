"""Check: whoever has left has no account in the critical system any more."""

from dataclasses import dataclass, field
from datetime import datetime

from checks.facts import Account, PastAccount, Person, Policy, SystemFacts, UserList
from checks.rules import words
from checks.rules.base import Check, Judgement, Outcome, Remedy, Verdict
from checks.rules.user_identified import holder_id, is_unidentified

ID = "offboarded_access_removed"


@dataclass
class _Trace:
    """What the system shows of one person."""

    held: list[Account] = field(default_factory=list)
    removed: list[Account] = field(default_factory=list)  # listed, but with a level of no access
    past: list[PastAccount] = field(default_factory=list)
    alike: list[Account] = field(default_factory=list)

    @property
    def was_seen(self) -> bool:
        return bool(self.held or self.removed or self.past)


def judge(facts: SystemFacts, now: datetime) -> Judgement:
    """One verdict for each leaver who ever had an account here, upcoming leavers included."""
    leavers = [each for each in facts.people if each.access_ends_at or each.returned_at]
    traces = _traces(facts, {each.id: _Trace() for each in leavers})
    verdicts = tuple(
        verdict
        for person in leavers
        if (verdict := _verdict(person, traces[person.id], facts, now)) is not None
    )
    left = [person for person in leavers if person.has_left(now)]
    total = max(facts.offboarded_total, len(left))
    active = sum(bool(traces[person.id].held) for person in left)
    return Judgement(
        verdicts=verdicts,
        waiting=_waiting(facts, total, left),
        summary=f"{total} compared, {active} with access" if total else "Nobody has left yet",
        judged=total if facts.user_list is not None else 0,
        complete=facts.user_list is not None,
    )


def _waiting(facts: SystemFacts, total: int, left: list[Person]) -> str | None:
    if not total:
        return "Nobody has left yet"
    if facts.user_list is None:
        return words.NO_LIST
    ends = max((person.access_ends_at for person in left if person.access_ends_at), default=None)
    if ends is not None and facts.user_list.read_at <= ends:
        return "No list has been read since the last person left."
    anybody = any(facts.scheme.gives_access(each.level) for each in facts.accounts)
    return None if anybody else words.NOBODY_HAS_ACCESS


def _traces(facts: SystemFacts, traces: dict[str, _Trace]) -> dict[str, _Trace]:
    """One pass over the accounts; without a current list only the past ones are known."""
    for gone in facts.past_accounts:
        if gone.person_id in traces:
            traces[gone.person_id].past.append(gone)
    listed = facts.accounts if facts.user_list is not None else ()
    for account in sorted(listed, key=lambda each: each.id):  # so that words never depend on order
        _trace(account, traces, gives_access=facts.scheme.gives_access(account.level))
    return traces


def _trace(account: Account, traces: dict[str, _Trace], *, gives_access: bool) -> None:
    holders = {*account.still_held_for, holder_id(account)}
    for trace in [traces[each] for each in holders if each in traces]:
        (trace.held if gives_access else trace.removed).append(account)
    if account.resembles and gives_access and is_unidentified(account):
        for each in account.resembles - account.still_held_for:
            if each in traces:
                traces[each].alike.append(account)


def _verdict(person: Person, trace: _Trace, facts: SystemFacts, now: datetime) -> Verdict | None:
    ended_at = person.access_ends_at
    if ended_at is None:
        return _returned(person, facts) if person.returned_at and trace.was_seen else None
    if trace.held:
        return _still_there(person, ended_at, trace, facts, now)
    if trace.alike:
        return _unsure(person, ended_at, trace, facts, now)
    if not trace.was_seen:
        return None
    if facts.user_list is not None and facts.user_list.read_at > ended_at:
        return _gone(person, ended_at, trace, facts, facts.user_list)
    return _unproven(person, ended_at, facts, now)


def _returned(person: Person, facts: SystemFacts) -> Verdict:
    """A return ends the task; a later leaving is a new one."""
    if person.returned_on is not None:
        on = words.calendar_day(person.returned_on)
    else:
        on = words.day(words.latest(person.returned_at), facts.calendar.zone)
    return Verdict(
        check=ID,
        subject_kind="person",
        subject_id=person.id,
        subject_label=person.name,
        outcome=Outcome.CLOSED,
        why=f"returned on {on}",
        settled_at=person.returned_at,
    )


def _open(
    person: Person,
    ended_at: datetime,
    facts: SystemFacts,
    now: datetime,
    *,
    why: str,
    outcome: Outcome = Outcome.FAIL,
    remedy: Remedy,
    remedy_text: str,
    accounts: list[Account] | None = None,
    came_back_at: datetime | None = None,
) -> Verdict:
    """An open or waiting task; until the access ends it is upcoming and outside every count."""
    return Verdict(
        check=ID,
        subject_kind="person",
        subject_id=person.id,
        subject_label=person.name,
        outcome=outcome,
        why=why,
        began_at=came_back_at or ended_at,
        opens_at=ended_at if ended_at > now else None,
        at_once=came_back_at is not None,
        used=_used(person, ended_at, facts, accounts or []),
        remedy=remedy,
        remedy_text=remedy_text,
    )


def _still_there(
    person: Person, ended_at: datetime, trace: _Trace, facts: SystemFacts, now: datetime
) -> Verdict:
    zone = facts.calendar.zone
    came_back_at = words.earliest(_came_back(each, ended_at, trace) for each in trace.held)
    names = words.either([_described(account, facts) for account in trace.held], "and")
    verb = "ends" if ended_at > now else "ended"
    back = f" It came back on {words.day(came_back_at, zone)}." if came_back_at else ""
    return _open(
        person,
        ended_at,
        facts,
        now,
        why=(
            f"{person.name}'s access {verb} on {words.moment(ended_at, zone)}; the user list read"
            f" on {_read_on(facts)} shows {names}.{back}"
        ),
        remedy=Remedy.REMOVE_ACCESS,
        remedy_text=f"Remove in {facts.product}",
        accounts=trace.held,
        came_back_at=came_back_at,
    )


def _came_back(account: Account, ended_at: datetime, trace: _Trace) -> datetime | None:
    """When access that had been gone appeared again after it should have ended.

    An account seen for the first time, by a person who had none before, has not come back.
    """
    at = account.appeared_at
    had_gone = account.first_seen_at < at or any(past.gone_at <= at for past in trace.past)
    return at if at > ended_at and had_gone else None


def _unsure(
    person: Person, ended_at: datetime, trace: _Trace, facts: SystemFacts, now: datetime
) -> Verdict:
    names = words.either([_described(account, facts) for account in trace.alike], "and")
    return _open(
        person,
        ended_at,
        facts,
        now,
        why=f"Nobody has said whose account {names} is, and it may be {person.name}'s.",
        outcome=Outcome.WAIT,
        remedy=Remedy.IDENTIFY,
        remedy_text="Identify & map user",
        accounts=trace.alike,
    )


def _unproven(person: Person, ended_at: datetime, facts: SystemFacts, now: datetime) -> Verdict:
    """No account in sight, but nothing was read since the access ended: not proved yet."""
    zone = facts.calendar.zone
    return _open(
        person,
        ended_at,
        facts,
        now,
        why=(
            f"{person.name} had access to {facts.system_name}, and no list has been read since"
            f" {words.moment(ended_at, zone)}, when it was to end."
        ),
        remedy=Remedy.WAIT_FOR_LIST,
        remedy_text="Sync now",
    )


def _gone(
    person: Person, ended_at: datetime, trace: _Trace, facts: SystemFacts, proof: UserList
) -> Verdict:
    zone = facts.calendar.zone
    removals = [past.gone_at for past in trace.past] + [each.level_since for each in trace.removed]
    settled_at = words.latest(ended_at, *removals)
    return Verdict(
        check=ID,
        subject_kind="person",
        subject_id=person.id,
        subject_label=person.name,
        outcome=Outcome.PASS,
        why=(
            f"{person.name}'s access ended on {words.moment(ended_at, zone)}; the complete user"
            f" list read on {_read_on(facts)} has no account of theirs."
        ),
        settled_at=settled_at,
        used=(
            *_used(person, ended_at, facts, []),
            ("Access gone since", words.moment(settled_at, zone)),
        ),
        passed_by=f"User list {proof.digest[:12]} read on {_read_on(facts)}",
    )


def _described(account: Account, facts: SystemFacts) -> str:
    level = facts.scheme.name(account.level)
    return f"{words.account_label(account)} ({account.email or 'no e-mail'}, {level})"


def _read_on(facts: SystemFacts) -> str:
    listed = facts.user_list
    return "never" if listed is None else words.moment(listed.read_at, facts.calendar.zone)


def _used(
    person: Person, ended_at: datetime, facts: SystemFacts, accounts: list[Account]
) -> tuple[tuple[str, str], ...]:
    zone = facts.calendar.zone
    last_day = (
        ()
        if person.last_day is None
        else (("Last working day", words.calendar_day(person.last_day)),)
    )
    return (
        *last_day,
        ("Access ends", words.moment(ended_at, zone)),
        ("User list read", _read_on(facts)),
        *(("Account", _described(account, facts)) for account in accounts),
    )


CHECK = Check(
    id=ID,
    title_pattern="{product} access should be removed for offboarded user",
    summary="Nobody who has left still has an account; proved by a list read after they left.",
    controls_soc2=("CC6.2", "CC6.3"),
    controls_iso=("A.5.18",),
    default_policy=Policy(grace_days=1, business_days=True),
    judge=judge,
    how_to_fix=(
        "Remove the person in {product}; each task lists the steps.",
        "Choose “Sync now”, or wait for the next sync: only a list read afterwards closes the task.",
        "If the account is somebody else's, identify it again; an admin approves that,"
        " another one than whoever decided it where there is another.",
    ),
    needs_list=True,
)
