"""Readings of verdicts: what each was made of, which run brought the facts, what would change it."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from access.models import CriticalSystem
from checks import explaining
from checks import selectors as checks
from checks.facts import UserList
from checks.models import Evaluation, Task
from checks.rules import RULES_VERSION, Verdict
from integrations import selectors as integrations
from integrations.models import Connection, SyncRun


@dataclass(frozen=True)
class Explanation:
    """One evaluation of a task: `verdict` is None where it had nothing to say of the subject."""

    task: Task
    evaluation: Evaluation
    is_present: bool  # whether it is the one behind the task as it stands
    same_rules: bool
    verdict: Verdict | None
    groups: tuple[explaining.Group, ...]
    run: SyncRun | None  # that brought the list, where it is still known


@dataclass(frozen=True)
class Turn:
    """What would change a verdict; with `at` the clock does it, and the words lead to the instant."""

    kind: str
    words: str
    at: datetime | None = None


def evaluations(task: Task) -> QuerySet[Evaluation]:
    """Those that changed this task, newest first."""
    named = task.events.filter(evaluation=OuterRef("pk"))
    rows = Evaluation.objects.filter(system_id=task.system_id)
    mine = rows.filter(Exists(named) | Exists(_behind(task)))
    return mine.select_related("facts").defer("facts__content").order_by("-at", "-id")


def _behind(task: Task) -> QuerySet[Task]:
    return Task.objects.filter(pk=task.pk, evaluation=OuterRef("pk"))


def explanation(task: Task, *, evaluation: uuid.UUID | None = None) -> Explanation | None:
    """Of the evaluation behind the present verdict, or of the one that is named.

    None where nothing was judged yet, and for one that never changed this task.
    """
    rows = evaluations(task)
    present = rows.filter(Exists(_behind(task))).first()
    chosen = rows.filter(pk=evaluation).first() if evaluation else present or rows.first()
    return _explained(task, chosen, chosen == present) if chosen else None


def _explained(task: Task, evaluation: Evaluation, is_present: bool) -> Explanation:
    facts, subject = checks.sheet(evaluation), str(task.subject_id)
    about = {"check_id": task.check_id, "subject_id": subject}
    system = CriticalSystem.objects.select_related("connection").get(pk=task.system_id)
    return Explanation(
        task,
        evaluation,
        is_present,
        same_rules=evaluation.rules_version == RULES_VERSION,
        verdict=explaining.verdict_of(facts, evaluation.at, **about),
        groups=explaining.groups(facts, **about),
        run=_run(system.connection, facts.user_list),
    )


def _run(connection: Connection | None, listed: UserList | None) -> SyncRun | None:
    if connection is None or listed is None:
        return None
    rows = integrations.runs(connection).filter(snapshot__digest=listed.digest)
    return rows.filter(read_at=listed.read_at).first() or rows.order_by("created_at").first()


def turns(task: Task, now: datetime) -> Iterator[Turn]:
    """What would change the present verdict of a task: a remedy first, then what the clock does."""
    if task.remedy_text:
        yield Turn("remedy", task.remedy_text)
    solved, stale = task.resolved_at, task.system.stale_at
    dated = (
        ("critical", "It turns Critical", None if solved else task.critical_at),
        ("failing", "It turns Failing", None if solved else task.due_at),
        ("special_case_ends", "The special case ends", task.accepted_until),
        ("stale", "Without a new list it turns Stale", stale if _rests(task) else None),
        ("decision_ends", "The decision behind it ends", task.lapses_at),
    )
    yield from (Turn(kind, words, at) for kind, words, at in dated if at and at > now)


def _rests(task: Task) -> bool:
    return task.resolved_at is not None and task.rests_on_list
