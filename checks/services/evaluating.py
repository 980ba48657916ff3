"""What a judging rests on and what it said as a whole: the fact sheet, the evaluation, the results."""

import zlib
from collections.abc import Mapping
from datetime import datetime

from checks import rules
from checks.facts import SystemFacts
from checks.models import CheckLine, CheckResult, Evaluation, FactSheet, JudgedSystem
from checks.rules import Judgement

NOT_JUDGED = "Facts had changed and were not judged yet."
COMPRESSION = 3  # half the time of the usual 6 for an eighth more bytes


def keep(system: JudgedSystem, facts: SystemFacts, verdicts: str, now: datetime) -> Evaluation:
    """Note that these facts gave, at this instant, verdicts of this digest."""
    content = rules.canonical(facts)
    sheet, _ = FactSheet.objects.get_or_create(
        workspace_id=system.workspace_id,
        digest=rules.digest(content),
        defaults={"content": lambda: zlib.compress(content, COMPRESSION), "created_at": now},
    )
    return Evaluation.objects.create(
        workspace_id=system.workspace_id,
        system=system,
        facts=sheet,
        at=now,
        rules_version=rules.RULES_VERSION,
        verdicts_digest=verdicts,
    )


def replay(evaluation: Evaluation) -> str:
    """Judge the kept facts again and return the digest of the verdicts, for comparison.

    It is taken as the evaluation's version of the rules took it.
    """
    facts = rules.from_canonical(zlib.decompress(bytes(evaluation.facts.content)))
    found = rules.verdicts_digests(rules.judge(facts, evaluation.at), evaluation.rules_version)
    kept = evaluation.verdicts_digest
    return kept if kept in found else found[0]


def write_results(system: JudgedSystem, judgements: Mapping[str, Judgement], now: datetime) -> None:
    """One row a check, written only where it says something new; a line where it waits otherwise.

    Where facts had changed before and were not judged until now, lines say so of that time.
    """
    since = system.unjudged_since
    late = since is not None and since < now
    known = {row.check_id: row for row in CheckResult.objects.filter(system=system)}
    for check_id, judgement in judgements.items():
        values = {
            "waiting_for": judgement.waiting or "",
            "summary": judgement.summary,
            "judged": judgement.judged,
        }
        row = known.get(check_id)
        if row is None or any(getattr(row, name) != value for name, value in values.items()):
            CheckResult.objects.update_or_create(
                system=system,
                check_id=check_id,
                defaults=values,
                create_defaults={**values, "workspace_id": system.workspace_id},
            )
        if since is not None and late:
            _line(system, check_id, since, NOT_JUDGED)
        if late or row is None or row.waiting_for != values["waiting_for"]:
            _line(system, check_id, now, judgement.waiting or "")


def _line(system: JudgedSystem, check_id: str, at: datetime, waiting_for: str) -> None:
    CheckLine.objects.create(
        workspace_id=system.workspace_id,
        system=system,
        check_id=check_id,
        at=at,
        waiting_for=waiting_for,
    )
