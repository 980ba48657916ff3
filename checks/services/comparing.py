"""Which verdicts differ from the tasks that are stored, and which tasks lost their subject."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from checks import rules
from checks.models import JudgedSystem
from checks.rules import Judgement, Verdict
from workspaces import bulk

Key = tuple[str, str]  # check id, subject id
Changed = tuple[Verdict, str]  # and its fingerprint


@dataclass(frozen=True)
class Stored:
    """What a first look needs of a task: enough to see that its verdict is the same again."""

    id: str
    fingerprint: str
    closed_at: datetime | None


def stored(system: JudgedSystem) -> dict[Key, Stored]:
    """The tasks of a system by what they are about."""
    names = ("check_id", "subject_id", "id", "fingerprint", "closed_at")
    return {(row[0], row[1]): Stored(*row[2:]) for row in bulk.read(system.tasks.all(), *names)}


def compare(
    judgements: Mapping[str, Judgement],
    prints: Mapping[Key, str],
    known: Mapping[Key, Stored],
    now: datetime,
) -> tuple[list[Changed], list[Key]]:
    """Verdicts that differ from what is stored, and tasks whose subject is gone."""
    changed: list[Changed] = []
    for verdict in (each for judgement in judgements.values() for each in judgement.verdicts):
        key = (verdict.check, verdict.subject_id)
        task, fingerprint = known.get(key), prints[key]
        if task is None and verdict.outcome is rules.Outcome.CLOSED:
            continue
        if task is None or task.fingerprint != fingerprint:
            changed.append((verdict, fingerprint))
    gone = [
        key
        for key, task in known.items()
        if key not in prints
        and judgements[key[0]].complete
        and (task.closed_at is None or task.closed_at > now)
    ]
    return changed, gone
