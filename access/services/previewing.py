"""What saving a rule would do, told before it is saved: the pure rules over the facts as if it were."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from access import facts
from access.models import CriticalSystem
from access.services.rules import RoleLevels, refuse
from checks.facts import AccessRule, Allowance, RuleMode, SystemFacts
from checks.rules import BY_ID, Judgement, Outcome, Remedy, Verdict
from checks.rules.user_access_valid import apart

MOST_NAMES = 100
VALIDITY = BY_ID["user_access_valid"]


class Turn(StrEnum):
    """What an account turns into; the worst first."""

    INVALID = "invalid"
    DOWNGRADE = "downgrade"
    CHANGE = "change"
    WAITING = "waiting"
    VALID = "valid"


@dataclass(frozen=True)
class AccountChange:
    """One account that the rule would judge otherwise; `before` and `after` in words."""

    account_id: uuid.UUID
    label: str
    before: str
    after: str
    turn: Turn


@dataclass(frozen=True)
class RulePreview:
    """What would be if the rule were saved now.

    `valid`, `not_valid` and `waiting` count accounts afterwards; `turns` counts those that change.
    `changes` names the first 100 of them, the worst first; `more` says how many are left out.
    `apart` says how many accounts are not judged, and why; empty where all are. `waiting_for` is
    why nothing can be judged, empty when something can.
    """

    valid: int
    not_valid: int
    waiting: int
    turns: Mapping[Turn, int]
    changes: tuple[AccountChange, ...]
    more: int
    waiting_for: str
    apart: str

    @property
    def changed(self) -> int:
        return sum(self.turns.values())


def preview_rule(
    system: CriticalSystem,
    *,
    mode: str,
    levels: Iterable[str] | None = None,
    roles: Sequence[RoleLevels] = (),
    now: datetime,
) -> RulePreview:
    """Judge every account as if this rule were saved at `now`; nothing is written.

    Takes what `save_rule` takes, and raises the Problem that it would raise.
    """
    allowed = None if levels is None else frozenset(levels)
    refuse(system, mode, allowed, roles)
    stated = facts.system_facts(system, now=now)
    if system.removed_at is not None:
        return _compare(stated, stated, now)  # a removed system is judged no more
    proposed = AccessRule(
        mode=RuleMode(mode),
        saved_at=now,
        levels=allowed if mode == RuleMode.ALL_STAFF else None,
        allowances=_allowances(roles) if mode == RuleMode.ROLE_BASED else (),
    )
    return _compare(stated, replace(stated, rule=proposed), now)


def _allowances(roles: Sequence[RoleLevels]) -> tuple[Allowance, ...]:
    named = sorted(roles, key=lambda each: each.org_role.name)
    return tuple(
        Allowance(str(each.org_role.pk), each.org_role.name, each.levels) for each in named
    )


def _compare(stated: SystemFacts, proposed: SystemFacts, now: datetime) -> RulePreview:
    judged = VALIDITY.judge(proposed, now)
    earlier = _by_account(VALIDITY.judge(stated, now))
    later = _by_account(judged)
    changes = sorted(
        (_change(earlier.get(key), verdict) for key, verdict in later.items()
         if key not in earlier or in_words(earlier[key]) != in_words(verdict)),
        key=lambda each: (list(Turn).index(each.turn), each.label.casefold(), str(each.account_id)),
    )  # fmt: skip
    outcomes = [verdict.outcome for verdict in later.values()]
    return RulePreview(
        valid=outcomes.count(Outcome.PASS),
        not_valid=outcomes.count(Outcome.FAIL),
        waiting=outcomes.count(Outcome.WAIT),
        turns={turn: sum(each.turn is turn for each in changes) for turn in Turn},
        changes=tuple(changes[:MOST_NAMES]),
        more=max(0, len(changes) - MOST_NAMES),
        waiting_for=judged.waiting or "",
        apart=apart(proposed, judged.verdicts).removeprefix("; ").capitalize(),
    )


def _by_account(judgement: Judgement) -> dict[str, Verdict]:
    """Accounts of current staff; those of leavers and of nobody are no subject of the rule."""
    return {
        verdict.subject_id: verdict
        for verdict in judgement.verdicts
        if verdict.outcome is not Outcome.CLOSED
    }


def _change(before: Verdict | None, after: Verdict) -> AccountChange:
    return AccountChange(
        account_id=uuid.UUID(after.subject_id),
        label=after.subject_label,
        before="" if before is None else in_words(before),
        after=in_words(after),
        turn=_turn(after),
    )


def _turn(verdict: Verdict) -> Turn:
    if verdict.outcome is Outcome.PASS:
        return Turn.VALID
    if verdict.outcome is Outcome.WAIT:
        return Turn.WAITING
    by_remedy = {Remedy.DOWNGRADE: Turn.DOWNGRADE, Remedy.CHANGE: Turn.CHANGE}
    return by_remedy.get(verdict.remedy or Remedy.REVOKE, Turn.INVALID)


def in_words(verdict: Verdict) -> str:
    """What the verdict asks for, as short as a task says it: "Valid", "Downgrade to Standard"."""
    if verdict.outcome is Outcome.PASS:
        return "Valid"
    return "Waiting" if verdict.outcome is Outcome.WAIT else verdict.remedy_text
