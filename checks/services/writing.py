"""Writes what one judging changed: tasks and the lines of their history, in bulk."""

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from checks import rules
from checks.facts import SystemFacts
from checks.models import Evaluation, JudgedSystem, Task, TaskEvent
from checks.rules import Verdict
from checks.services import history, lapsing
from checks.services.comparing import Key, Stored
from checks.transitions import STATE_FIELDS, TaskState, Transition, after, closed

# Where "Fix it" leads, by verdict: a route's name and its arguments. The pages stand above.
Fix = Callable[[Verdict], tuple[str, dict[str, str]]]

SHOWN = ("subject_label", "why", "used", "remedy", "remedy_text", "passed_by")
WRITTEN = (
    *STATE_FIELDS,
    *SHOWN,
    "fix_route",
    "fix_args",
    "fingerprint",
    "evaluation",
    "updated_at",
    "accepted_until",
)


@dataclass(frozen=True)
class Writer:
    """Writes one evaluation's changes in bulk: the cost follows what changed."""

    system: JudgedSystem
    facts: SystemFacts
    evaluation: Evaluation
    now: datetime
    fix: Fix
    owner_id: uuid.UUID | None

    def write(
        self,
        changed: list[tuple[Verdict, str]],
        gone: list[Key],
        stored: Mapping[Key, Stored],
    ) -> dict[str, int]:
        wanted = [(verdict.check, verdict.subject_id) for verdict, _ in changed] + gone
        tasks = self._load(stored[key].id for key in wanted if key in stored)
        new: list[Task] = []
        old: list[Task] = []
        judged: list[tuple[Task, Verdict | None]] = []
        events: list[TaskEvent] = []
        for verdict, fingerprint in changed:
            task = tasks.get((verdict.check, verdict.subject_id))
            before = _state(task) if task is not None else None
            transition = self._transition(before, verdict)
            if task is None:
                new.append(self._apply(self._new(verdict), verdict, fingerprint, transition))
                continue
            lines = self._events(task, transition, verdict.why)
            old.append(self._apply(task, verdict, fingerprint, transition))
            judged.append((task, verdict))
            events += lines
        for key in gone:
            task = tasks[key]
            transition = self._gone(task)
            events += self._events(task, transition, transition.state.closed_why)
            old.append(self._stamp(task, transition, fingerprint=""))
            judged.append((task, None))
        events += lapsing.review(self.system, judged, self.facts, self.now)
        Task.objects.bulk_create(new, batch_size=500)
        # One statement a batch, where bulk_update would build a CASE for every field and row.
        Task.objects.bulk_create(
            old,
            batch_size=500,
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=list(WRITTEN),
        )
        TaskEvent.objects.bulk_create(events, batch_size=500)
        return _count(new, events)

    def _load(self, ids: Iterable[uuid.UUID]) -> dict[Key, Task]:
        return {
            (task.check_id, str(task.subject_id)): task
            for batch in _batches(ids, 500)
            for task in Task.objects.filter(id__in=batch)
        }

    def _transition(self, before: TaskState | None, verdict: Verdict) -> Transition:
        policy = self.facts.policies[verdict.check]
        return after(before, verdict, now=self.now, policy=policy, calendar=self.facts.calendar)

    def _gone(self, task: Task) -> Transition:
        zone = self.facts.calendar.zone
        why = f"{task.subject_label} is no longer in the user list"
        return closed(_state(task), at=self.now, why=why, now=self.now, zone=zone)

    def _new(self, verdict: Verdict) -> Task:
        return Task(
            workspace_id=self.system.workspace_id,
            system=self.system,
            check_id=verdict.check,
            subject_kind=verdict.subject_kind,
            subject_id=uuid.UUID(verdict.subject_id),
            rests_on_list=rules.BY_ID[verdict.check].needs_list,
            owner_id=self.owner_id,
            created_at=self.now,
        )

    def _apply(
        self, task: Task, verdict: Verdict, fingerprint: str, transition: Transition
    ) -> Task:
        task.subject_label, task.why = verdict.subject_label[:300], verdict.why
        task.used = [list(pair) for pair in verdict.used]
        task.remedy, task.remedy_text = str(verdict.remedy or ""), verdict.remedy_text[:300]
        task.passed_by = verdict.passed_by[:300]
        task.fix_route, task.fix_args = self.fix(verdict)
        return self._stamp(task, transition, fingerprint=fingerprint)

    def _stamp(self, task: Task, transition: Transition, *, fingerprint: str) -> Task:
        for name in STATE_FIELDS:
            setattr(task, name, getattr(transition.state, name))
        task.closed_why = task.closed_why[:300]
        task.fingerprint, task.evaluation, task.updated_at = fingerprint, self.evaluation, self.now
        return task

    def _events(self, task: Task, transition: Transition, why: str) -> list[TaskEvent]:
        """The line of this change; before the first one, the line of how the task began."""
        if not transition.kind:
            return []
        lines = []
        if task.updated_at == task.created_at:
            kind = "opened" if task.began_at else "first judged"
            lines.append(history.line(task, kind, task.why, at=task.created_at))
        line = history.line(task, transition.kind, why, at=self.now)
        line.evaluation_id = self.evaluation.id
        for name in history.CLOCK:
            setattr(line, name, getattr(transition.state, name))
        return [*lines, line]


def _state(task: Task) -> TaskState:
    return TaskState(**{name: getattr(task, name) for name in STATE_FIELDS})


def _count(new: list[Task], events: list[TaskEvent]) -> dict[str, int]:
    kinds: dict[str, int] = {"opened": sum(task.resolved_at is None for task in new)} if new else {}
    for event in events:
        kinds[event.kind] = kinds.get(event.kind, 0) + 1
    return kinds


def _batches(ids: Iterable[Any], size: int) -> Iterator[list[Any]]:
    rest = iter(ids)
    while batch := list(islice(rest, size)):
        yield batch
