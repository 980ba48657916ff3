"""Writes what one judging changed: tasks and the lines of their history, in bulk."""

import uuid
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter

from checks import rules
from checks.facts import SystemFacts
from checks.models import Evaluation, JudgedSystem, Task, TaskEvent
from checks.rules import Verdict
from checks.services import ending, lapsing
from checks.services.comparing import Changed, Key, Stored
from checks.services.history import CLOCK, FIRST, lapsed, word
from checks.transitions import STATE_FIELDS, TaskState, Transition, after, closed
from workspaces import bulk

# Where "Fix it" leads, by verdict: a route's name and its arguments. The pages stand above.
Fix = Callable[[Verdict], tuple[str, dict[str, str]]]

# Columns: written once, by every change, and by a verdict.
FIXED = (
    "workspace_id",
    "system_id",
    "check_id",
    "subject_kind",
    "subject_id",
    "rests_on_list",
    "owner_id",
    "created_at",
)
_STATE = attrgetter(*STATE_FIELDS)
STAMP = (*STATE_FIELDS, "fingerprint", "evaluation_id", "updated_at")
SHOWN = (
    "subject_label",
    "why",
    "used",
    "remedy",
    "remedy_text",
    "passed_by",
    "fix_route",
    "fix_args",
)
HISTORY = (
    "id",
    "subject_kind",
    "subject_id",
    "subject_label",
    "why",
    "created_at",
    "updated_at",
    "evaluation_id",
)
HEAD = ("id", "workspace_id", "task_id", "at", "kind", "status", "why", "evaluation_id")
LINE = (*HEAD, *CLOCK, "lapsed_at")

MOST_IDS = 500  # of more tasks than these, all of the system are read


@dataclass(frozen=True)
class _Known:
    """A stored task that changes: its state, and what its history needs."""

    state: TaskState
    id: str
    subject_kind: str
    subject_id: str
    subject_label: str
    why: str
    created_at: datetime
    updated_at: datetime
    evaluation_id: str | None


@dataclass(frozen=True)
class Writer:
    """Writes one evaluation's changes: the cost follows what changed."""

    system: JudgedSystem
    facts: SystemFacts
    evaluation: Evaluation
    now: datetime
    fix: Fix
    owner_id: uuid.UUID | None
    told: set[str] = field(default_factory=set)  # ids of tasks whose history has its first line

    def write(
        self, changed: list[Changed], gone: list[Key], stored: Mapping[Key, Stored]
    ) -> dict[str, int]:
        """Returns how many tasks changed, by kind."""
        wanted = [*map(_key, changed), *gone]
        known = self._load({stored[key].id for key in wanted if key in stored})
        new = self._open([each for each in changed if _key(each) not in known])
        self.told.update(self._begun(known.values()))
        old = [(known[_key(each)], *each) for each in changed if _key(each) in known]
        ended = [known[key] for key in gone]
        lines = [*self._change(old), *self._end(ended)]
        bulk.insert(TaskEvent, LINE, lines)
        judged: dict[str, Verdict | None] = {task.id: verdict for task, verdict, _ in old}
        judged.update(dict.fromkeys((task.id for task in ended), None))
        lapsed = lapsing.review(self.system, judged, self.facts, self.now)
        return _count(new, [line[LINE.index("kind")] for line in lines], lapsed)

    def _open(self, new: list[Changed]) -> list[Transition]:
        """Insert tasks of subjects that had none."""
        transitions = [self._transition(None, verdict) for verdict, _ in new]
        rows = (
            (
                uuid.uuid4(),
                *self._fixed(verdict),
                *self._stamp(transition, fingerprint),
                *self._shown(verdict),
            )
            for (verdict, fingerprint), transition in zip(new, transitions, strict=True)
        )
        bulk.insert(Task, ("id", *FIXED, *STAMP, *SHOWN), rows)
        return transitions

    def _change(self, old: list[tuple[_Known, Verdict, str]]) -> list[bulk.Row]:
        """Update tasks whose verdict is another one; the lines of their history."""
        rows: list[bulk.Row] = []
        lines: list[bulk.Row] = []
        for task, verdict, fingerprint in old:
            transition = self._transition(task, verdict)
            lines += self._lines(task, transition, verdict.why)
            stamp = self._stamp(transition, fingerprint)
            rows.append((*stamp, *self._shown(verdict), task.id))
        bulk.update(Task, (*STAMP, *SHOWN), rows)
        return lines

    def _end(self, gone: list[_Known]) -> list[bulk.Row]:
        """Close tasks whose subject is gone; the lines of their history."""
        rows: list[bulk.Row] = []
        lines: list[bulk.Row] = []
        words = ending.words([(each.subject_kind, each.subject_id) for each in gone], self.facts)
        for task in gone:
            told = words[task.subject_kind, task.subject_id]
            transition = self._gone(task, f"{task.subject_label} {told}")
            lines += self._lines(task, transition, transition.state.closed_why)
            rows.append((*self._stamp(transition, ""), task.id))
        bulk.update(Task, STAMP, rows)
        return lines

    def _load(self, ids: Collection[str]) -> dict[Key, _Known]:
        rows = self.system.tasks.all()
        if len(ids) <= MOST_IDS:
            rows = rows.filter(id__in=ids)
        names = ("check_id", *HISTORY, *STATE_FIELDS)
        first = len(names) - len(STATE_FIELDS)
        return {
            (row[0], row[3]): _Known(TaskState(*row[first:]), *row[1:first])
            for row in bulk.read(rows, *names)
            if row[1] in ids
        }

    def _begun(self, tasks: Iterable[_Known]) -> set[str]:
        """Those whose history tells its beginning; a task that never changed has no such line."""
        asked = {task.id for task in tasks if task.updated_at != task.created_at}
        if not asked:
            return set()
        lines = TaskEvent.objects.filter(task__system=self.system, kind__in=FIRST)
        if len(asked) <= MOST_IDS:
            lines = lines.filter(task__in=list(map(uuid.UUID, asked)))
        return {row[0] for row in bulk.read(lines.order_by(), "task_id")}

    def _transition(self, task: _Known | None, verdict: Verdict) -> Transition:
        return after(
            task.state if task is not None else None,
            verdict,
            now=self.now,
            policy=self.facts.policies[verdict.check],
            calendar=self.facts.calendar,
        )

    def _gone(self, task: _Known, why: str) -> Transition:
        zone = self.facts.calendar.zone
        return closed(task.state, at=self.now, why=why, now=self.now, zone=zone)

    def _fixed(self, verdict: Verdict) -> bulk.Row:
        return (
            self.system.workspace_id,
            self.system.id,
            verdict.check,
            verdict.subject_kind,
            verdict.subject_id,
            rules.BY_ID[verdict.check].needs_list,
            self.owner_id,
            self.now,
        )

    def _stamp(self, transition: Transition, fingerprint: str) -> bulk.Row:
        return (*_STATE(transition.state), fingerprint, self.evaluation.id, self.now)

    def _shown(self, verdict: Verdict) -> bulk.Row:
        return (
            verdict.subject_label[:300],
            verdict.why,
            verdict.used,
            str(verdict.remedy or ""),
            verdict.remedy_text[:300],
            verdict.passed_by[:300],
            *self.fix(verdict),
        )

    def _lines(self, task: _Known, transition: Transition, why: str) -> Iterator[bulk.Row]:
        """The line of this change; before the first one, the line of how the task began."""
        if not transition.kind:
            return
        if task.id not in self.told:
            kind = "opened" if task.state.began_at else "first judged"
            stood = word(task.state, task.created_at)
            first = (task.created_at, kind, stood, task.why, task.evaluation_id)
            yield self._line(task, first, task.state, None)
        stands = word(transition.state, self.now)
        this = (self.now, transition.kind, stands, why, self.evaluation.id)
        yield self._line(task, this, transition.state, lapsed(task.state, self.now))

    def _line(
        self, task: _Known, head: bulk.Row, clock: TaskState, lapsed_at: datetime | None
    ) -> bulk.Row:
        """A line with the clock as it stood: earlier faults stay tellable."""
        its = (uuid.uuid4(), self.system.workspace_id, task.id)
        return (*its, *head, clock.began_at, clock.critical_at, clock.due_at, lapsed_at)


def _key(changed: Changed) -> Key:
    return changed[0].check, changed[0].subject_id


def _count(new: list[Transition], kinds: list[str], lapsed: list[TaskEvent]) -> dict[str, int]:
    counted = Counter([*kinds, *(line.kind for line in lapsed)])
    if new:
        counted["opened"] += sum(transition.state.resolved_at is None for transition in new)
    return dict(counted)
