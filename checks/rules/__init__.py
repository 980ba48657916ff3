"""The checks: every rule there is, and judging one system by all of them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from checks.facts import SystemFacts
from checks.rules import (
    access_control_configured,
    offboarded_access_removed,
    user_access_valid,
    user_identified,
    words,
)
from checks.rules.base import Check, Judgement, Outcome, Remedy, Verdict
from checks.rules.earlier import from_canonical, verdicts_digests
from checks.rules.writing import canonical, digest, fingerprints, verdicts_digest

# Raised with every change that lets the same facts give other verdicts, or another digest of
# them; `earlier` then learns to read and replay what the version before it kept.
RULES_VERSION = "4"

CHECKS: tuple[Check, ...] = (
    user_identified.CHECK,
    offboarded_access_removed.CHECK,
    access_control_configured.CHECK,
    user_access_valid.CHECK,
)
BY_ID: Mapping[str, Check] = {check.id: check for check in CHECKS}


def judge(facts: SystemFacts, now: datetime) -> dict[str, Judgement]:
    """What every check says of the system, by check id."""
    return {check.id: _with_gaps(check.judge(facts, now), facts) for check in CHECKS}


def _with_gaps(judgement: Judgement, facts: SystemFacts) -> Judgement:
    """Say beside every verdict when nobody was looking; it changes none of them."""
    if not facts.gaps:
        return judgement
    said = (("Not monitored", words.gaps(facts.gaps, facts.calendar.zone)),)
    verdicts = tuple(
        each if each.outcome is Outcome.CLOSED else replace(each, used=each.used + said)
        for each in judgement.verdicts
    )
    return replace(judgement, verdicts=verdicts)


__all__ = [
    "BY_ID",
    "CHECKS",
    "RULES_VERSION",
    "Check",
    "Judgement",
    "Outcome",
    "Remedy",
    "Verdict",
    "canonical",
    "digest",
    "fingerprints",
    "from_canonical",
    "judge",
    "verdicts_digest",
    "verdicts_digests",
]
