"""Which verdicts differ from the tasks that are stored, and which tasks lost their subject."""

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from checks import rules
from checks.models import JudgedSystem
from checks.rules import Judgement, Verdict

Key = tuple[str, str]  # check id, subject id


@dataclass(frozen=True)
class Stored:
    """What a first look needs of a task: enough to see that its verdict is the same again."""

    id: uuid.UUID
    fingerprint: str
    closed_at: datetime | None


def stored(system: JudgedSystem) -> dict[Key, Stored]:
    rows = system.tasks.values_list("check_id", "subject_id", "id", "fingerprint", "closed_at")
    return {(row[0], str(row[1])): Stored(*row[2:]) for row in rows}


def _fingerprint(verdict: Verdict) -> str:
    return hashlib.blake2b(
        repr(verdict).encode("utf-8", "surrogatepass"), digest_size=16
    ).hexdigest()


def compare(
    judgements: Mapping[str, Judgement], stored: Mapping[Key, Stored], now: datetime
) -> tuple[list[tuple[Verdict, str]], list[Key]]:
    """Verdicts that differ from what is stored, and tasks whose subject is gone."""
    changed: list[tuple[Verdict, str]] = []
    seen: set[Key] = set()
    for verdict in (each for judgement in judgements.values() for each in judgement.verdicts):
        key, fingerprint = (verdict.check, verdict.subject_id), _fingerprint(verdict)
        seen.add(key)
        known = stored.get(key)
        if known is None and verdict.outcome is rules.Outcome.CLOSED:
            continue
        if known is None or known.fingerprint != fingerprint:
            changed.append((verdict, fingerprint))
    gone = [
        key
        for key, known in stored.items()
        if key not in seen
        and judgements[key[0]].complete
        and (known.closed_at is None or known.closed_at > now)
    ]
    return changed, gone
