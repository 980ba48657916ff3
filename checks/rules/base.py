"""What every check is made of and what it answers: `Check`, `Verdict`, `Judgement`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from checks.facts import Policy, SystemFacts


class Outcome(StrEnum):
    PASS = "pass"
    FAIL = "fail"
    WAIT = "wait"
    CLOSED = "closed"  # no subject of this check: an open task closes, no task is opened


class Remedy(StrEnum):
    """What would solve a task, or end its waiting; the page turns it into a "Fix it" link."""

    IDENTIFY = "identify"
    CONFIRM_OR_REMOVE = "confirm_or_remove"
    CHANGE_PASSWORD = "change_password"
    REMOVE_ACCESS = "remove_access"
    WAIT_FOR_LIST = "wait_for_list"
    CONFIGURE_RULE = "configure_rule"
    REVOKE = "revoke"
    GIVE_ORG_ROLE = "give_org_role"
    DOWNGRADE = "downgrade"
    CHANGE = "change"
    LOOK = "look"


@dataclass(frozen=True)
class Verdict:
    """What one check says of one subject.

    `began_at` starts the clock of a fault. A task that is open or waiting already keeps its own,
    earlier start: another reason for the same fault never buys time. `settled_at` is the instant
    that counts as the solution of a pass. `opens_at` and `closes_at` may lie ahead (leavers);
    `lapses_at` is when a pass ends by the clock alone: the caller lets it go stale no later.
    `at_once` means failing from its start, whatever the policy grants.
    """

    check: str
    subject_kind: str  # "account", "person" or "system"
    subject_id: str
    subject_label: str
    outcome: Outcome
    why: str
    began_at: datetime | None = None
    settled_at: datetime | None = None
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    lapses_at: datetime | None = None
    at_once: bool = False
    used: tuple[tuple[str, str], ...] = ()
    remedy: Remedy | None = None
    remedy_text: str = ""
    passed_by: str = ""


@dataclass(frozen=True)
class Judgement:
    """What one check says of one system.

    `waiting` is why the check as a whole cannot be judged; None when it was. `judged` counts the
    subjects that were really compared: with no task at all, a check passes only if it is not 0.
    `complete` tells whether absence proves anything: only then does a task whose subject has no
    verdict close (its subject is gone).
    """

    verdicts: tuple[Verdict, ...] = ()
    waiting: str | None = None
    summary: str = ""
    judged: int = 0
    complete: bool = False


@dataclass(frozen=True)
class Check:
    """One requirement. `title_pattern` holds "{product}" where the product's name stands."""

    id: str
    title_pattern: str
    summary: str
    controls_soc2: tuple[str, ...]
    controls_iso: tuple[str, ...]
    default_policy: Policy
    judge: Callable[[SystemFacts, datetime], Judgement]
    how_to_fix: tuple[str, ...]
    needs_list: bool  # rests on a reading, so that its passes go stale

    def title(self, product: str) -> str:
        return self.title_pattern.format(product=product)
