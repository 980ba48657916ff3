"""Judging: facts in, verdicts written as tasks, with the sheet of facts that they rest on."""

import hashlib
import uuid
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db.models import F, Min, Q

from checks import rules
from checks.facts import SystemFacts
from checks.models import CheckResult, Evaluation, FactSheet, JudgedSystem, Task, TaskEvent
from checks.rules import Judgement, Verdict
from checks.transitions import STATE_FIELDS, TaskState, Transition, after, closed

# Where "Fix it" leads, by verdict: a route's name and its arguments. The pages stand above.
Fix = Callable[[Verdict], tuple[str, dict[str, str]]]
Key = tuple[str, str]  # check id, subject id

SHOWN = ("subject_label", "why", "used", "remedy", "remedy_text", "passed_by")
WRITTEN = (
    *STATE_FIELDS,
    *SHOWN,
    "fix_route",
    "fix_args",
    "fingerprint",
    "evaluation",
    "updated_at",
)


@dataclass(frozen=True)
class _Stored:
    """What a first look needs of a task: enough to see that its verdict is the same again."""

    id: uuid.UUID
    fingerprint: str
    closed_at: datetime | None


def touch(system_ids: Iterable[uuid.UUID]) -> None:
    """Say that facts of these systems changed: until they are judged nothing there is green."""
    JudgedSystem.objects.filter(id__in=list(system_ids)).update(
        facts_version=F("facts_version") + 1
    )


def judge(
    system: JudgedSystem,
    facts: SystemFacts,
    *,
    now: datetime,
    stale_at: datetime | None,
    fix: Fix,
    owner_id: uuid.UUID | None,
) -> dict[str, int]:
    """Judge one locked system and write what changed; returns how many tasks changed, by kind.

    The caller holds the row lock of `system`, taken before it read the facts.
    """
    judgements = rules.judge(facts, now)
    stored = _stored(system)
    changed, gone = _compare(judgements, stored, now)
    kinds: dict[str, int] = {}
    if changed or gone or system.judged_at is None:
        evaluation = _evaluation(system, facts, judgements, now)
        writer = _Writer(system, facts, evaluation, now, fix, owner_id)
        kinds = writer.write(changed, gone, stored)
    _write_results(system, judgements)
    mark_judged(system, facts, now=now, stale_at=stale_at)
    return kinds


def mark_judged(
    system: JudgedSystem, facts: SystemFacts, *, now: datetime, stale_at: datetime | None
) -> None:
    """Note what was judged, and when the clock alone changes something next."""
    system.name = facts.system_name
    system.judged_version = system.facts_version
    system.judged_at = now
    refresh(
        system,
        read_at=facts.user_list.read_at if facts.user_list else None,
        stale_at=stale_at,
        now=now,
        also=("name", "judged_version", "judged_at"),
    )


def refresh(
    system: JudgedSystem,
    *,
    read_at: datetime | None,
    stale_at: datetime | None,
    now: datetime,
    also: tuple[str, ...] = (),
) -> None:
    """The same list was read again: verdicts stand, their ground is younger."""
    system.read_at, system.stale_at = read_at, stale_at
    system.next_change_at = _next_change(system, now)
    system.save(update_fields=["read_at", "stale_at", "next_change_at", *also])


def _next_change(system: JudgedSystem, now: datetime) -> datetime | None:
    live = Q(closed_at__isnull=True) | Q(closed_at__gt=now)
    names = ("opens_at", "critical_at", "due_at", "lapses_at", "accepted_until", "closed_at")
    ahead = {name: Min(name, filter=Q(**{f"{name}__gt": now})) for name in names}
    found = system.tasks.filter(live).aggregate(**ahead)
    stale_at = system.stale_at if system.stale_at and system.stale_at > now else None
    return min((at for at in (*found.values(), stale_at) if at is not None), default=None)


def _stored(system: JudgedSystem) -> dict[Key, _Stored]:
    rows = system.tasks.values_list("check_id", "subject_id", "id", "fingerprint", "closed_at")
    return {(row[0], str(row[1])): _Stored(*row[2:]) for row in rows}


def _fingerprint(verdict: Verdict) -> str:
    return hashlib.blake2b(
        repr(verdict).encode("utf-8", "surrogatepass"), digest_size=16
    ).hexdigest()


def _compare(
    judgements: Mapping[str, Judgement], stored: Mapping[Key, _Stored], now: datetime
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


def _evaluation(
    system: JudgedSystem, facts: SystemFacts, judgements: Mapping[str, Judgement], now: datetime
) -> Evaluation:
    content = rules.canonical(facts)
    sheet, _ = FactSheet.objects.get_or_create(
        workspace_id=system.workspace_id,
        digest=rules.digest(content),
        defaults={"content": lambda: zlib.compress(content, 6), "created_at": now},
    )
    return Evaluation.objects.create(
        workspace_id=system.workspace_id,
        system=system,
        facts=sheet,
        at=now,
        rules_version=rules.RULES_VERSION,
        verdicts_digest=rules.verdicts_digest(judgements),
    )


def replay(evaluation: Evaluation) -> str:
    """Judge the kept facts again and return the digest of the verdicts, for comparison."""
    facts = rules.from_canonical(zlib.decompress(bytes(evaluation.facts.content)))
    return rules.verdicts_digest(rules.judge(facts, evaluation.at))


def _write_results(system: JudgedSystem, judgements: Mapping[str, Judgement]) -> None:
    """One row a check; written only where it says something new."""
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


@dataclass(frozen=True)
class _Writer:
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
        stored: Mapping[Key, _Stored],
    ) -> dict[str, int]:
        wanted = [(verdict.check, verdict.subject_id) for verdict, _ in changed] + gone
        tasks = self._load(stored[key].id for key in wanted if key in stored)
        new: list[Task] = []
        old: list[Task] = []
        events: list[TaskEvent] = []
        for verdict, fingerprint in changed:
            task = tasks.get((verdict.check, verdict.subject_id))
            before = _state(task) if task is not None else None
            transition = self._transition(before, verdict)
            if task is None:
                new.append(self._apply(self._new(verdict), verdict, fingerprint, transition))
                continue
            events += self._events(task, transition, verdict.why)
            old.append(self._apply(task, verdict, fingerprint, transition))
        for key in gone:
            task = tasks[key]
            transition = self._gone(task)
            events += self._events(task, transition, transition.state.closed_why)
            old.append(self._stamp(task, transition, fingerprint=""))
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

    def _events(self, task: Task, transition: Transition, why: str) -> Iterator[TaskEvent]:
        """The line of this change; before the first one, the line of how the task began."""
        if not transition.kind:
            return
        if task.updated_at == task.created_at:
            kind = "opened" if task.began_at else "first judged"
            yield self._event(task, kind, task.why, task.created_at, task.evaluation_id)
        yield self._event(task, transition.kind, why, self.now, self.evaluation.id)

    def _event(
        self, task: Task, kind: str, why: str, at: datetime, evaluation_id: uuid.UUID | None
    ) -> TaskEvent:
        return TaskEvent(
            workspace_id=task.workspace_id,
            task=task,
            at=at,
            kind=kind,
            why=why,
            evaluation_id=evaluation_id,
        )


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


def waits(system: JudgedSystem, check_id: str) -> bool:
    """Whether the check as a whole could not be judged last time."""
    rows = CheckResult.objects.filter(system=system, check_id=check_id)
    return rows.exclude(waiting_for="").exists()


def pause(system: JudgedSystem, *, now: datetime) -> None:
    """A removed system is judged no more; its open tasks stay as they are, nothing is green."""
    system.judged_version, system.judged_at = system.facts_version, now
    system.next_change_at = None
    system.save(update_fields=["judged_version", "judged_at", "next_change_at"])
