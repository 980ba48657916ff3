"""What evaluations of earlier versions of the rules need to be read and replayed; only ever added to.

Version 1 kept neither gaps nor the order of levels, and two forms of its digest were in use.
Up to version 2, a list in which nobody has access let the check of leavers pass.
Up to version 3, nobody's first day of employment was kept, and the check of valid access did not
tell which accounts it does not judge.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from checks.facts import SystemFacts
from checks.rules import offboarded_access_removed, user_access_valid, words
from checks.rules.base import Judgement, Verdict
from checks.rules.writing import digest, dumped, from_plain, verdicts_digest

# The order in which version 1 named the levels of the one product it knew.
XERO_ORDER = (
    "READONLY",
    "INVOICEONLY",
    "STANDARD",
    "FINANCIALADVISER",
    "CASHBOOKCLIENT",
    "MANAGEDCLIENT",
    "UNKNOWN",
    "REMOVED",
)


def from_canonical(content: bytes) -> SystemFacts:
    """The facts of a sheet of any version; raises ValueError or KeyError for anything else."""
    return from_plain(_completed(json.loads(content)))


def verdicts_digests(judgements: Mapping[str, Judgement], version: str) -> tuple[str, ...]:
    """The digests that evaluations of this version may have kept of these judgements."""
    if version not in ("1", "2", "3"):
        return (verdicts_digest(judgements),)
    then = _without_the_rest(judgements)
    if version == "3":
        return (verdicts_digest(then),)
    then = _without_waiting(then)
    return (_whole(then), verdicts_digest(then)) if version == "1" else (verdicts_digest(then),)


def _without_the_rest(judgements: Mapping[str, Judgement]) -> Mapping[str, Judgement]:
    """As they were while valid access did not count the accounts that it does not judge."""
    valid = judgements[user_access_valid.ID]
    said, _, _ = valid.summary.partition("; not judged: ")
    return {**judgements, user_access_valid.ID: replace(valid, summary=said)}


def _without_waiting(judgements: Mapping[str, Judgement]) -> Mapping[str, Judgement]:
    """As they were while a list without any access did not make the check of leavers wait."""
    leavers = judgements[offboarded_access_removed.ID]
    if leavers.waiting != words.NOBODY_HAS_ACCESS:
        return judgements
    return {**judgements, offboarded_access_removed.ID: replace(leavers, waiting=None)}


def _whole(judgements: Mapping[str, Judgement]) -> str:
    """SHA-256 over the judgements written out with all their verdicts."""
    ordered = {
        check: replace(each, verdicts=tuple(sorted(each.verdicts, key=_subject)))
        for check, each in judgements.items()
    }
    return digest(dumped(ordered))


def _subject(verdict: Verdict) -> tuple[str, str]:
    return (verdict.check, verdict.subject_id)


def _completed(sheet: dict[str, Any]) -> dict[str, Any]:
    """With the parts that sheets of earlier versions left out; no other part may be missing."""
    scheme = sheet["scheme"]
    order = XERO_ORDER if set(XERO_ORDER) == set(scheme["labels"]) else ()
    return {
        "gaps": [],
        **sheet,
        "scheme": {"order": order, **scheme},
        "people": [{"starts_on": None, **each} for each in sheet["people"]],
    }
