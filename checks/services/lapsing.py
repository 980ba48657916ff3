"""What ends or announces the end of special cases: new verdicts, and the clock."""

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Q

from audit import services as audit
from checks import accepting
from checks.facts import SystemFacts
from checks.models import JudgedSystem, SpecialCase, Task, TaskEvent
from checks.rules import Verdict
from checks.services import history
from checks.services.special_cases import end_case, stop_accepting

States = SpecialCase.State


def review(
    system: JudgedSystem, judged: Mapping[str, Verdict | None], facts: SystemFacts, now: datetime
) -> list[TaskEvent]:
    """Within a judging, when its tasks are written: end the special cases that no longer cover.

    `judged` holds the new verdicts by task id, None for a subject that is gone. Returns the lines.
    """
    rows = SpecialCase.objects.filter(
        task__system=system, state__in=[States.APPROVED, States.REQUESTED]
    )
    events = []
    for case in rows.select_related("task"):
        key = str(case.task_id)
        if key in judged:
            events += _reviewed(case, case.task, judged[key], facts, now)
    return TaskEvent.objects.bulk_create(events)


def _reviewed(
    case: SpecialCase, task: Task, verdict: Verdict | None, facts: SystemFacts, now: datetime
) -> list[TaskEvent]:
    if case.state == States.REQUESTED:
        if verdict is None or verdict.outcome in ("pass", "closed"):
            end_case(case, state=States.WITHDRAWN, why="the problem is gone", at=now)
            _record("withdrawn", case)
        return []
    gone = "its subject is gone"
    why = gone if verdict is None else accepting.ended_because(case.covers, verdict, facts)
    if not why:
        return []
    end_case(case, state=States.ENDED, why=why, at=now)
    why = case.ended_why
    _record("ended", case)
    task.accepted_until = None
    task.save(update_fields=["accepted_until"])
    return [history.line(task, "exception ended", f"The special case ended: {why}.", at=now)]


def due_special_cases(now: datetime) -> list[SpecialCase]:
    """Those in force whose end is reached, or comes within the week and was not announced."""
    soon = now + accepting.WARN_BEFORE
    ending = Q(ends_at__lte=soon) | Q(ends_at__isnull=True, confirm_by__lte=soon)
    over = Q(ends_at__lte=now) | Q(ends_at__isnull=True, confirm_by__lte=now)
    rows = SpecialCase.objects.filter(ending, state=States.APPROVED)
    rows = rows.filter(over | Q(warned_at__isnull=True))
    return list(rows.select_related("workspace", "task__system").order_by("pk")[:500])


def look_at(case: SpecialCase, *, by: audit.Actor) -> None:
    """End a special case whose time is over, or note that its end is near."""
    with audit.act(case.workspace, by=by) as act:
        systems = JudgedSystem.objects.select_for_update(of=("self",), no_key=True)
        systems.get(pk=case.task.system_id)
        case = SpecialCase.objects.select_related("task").get(pk=case.pk)
        if case.state != States.APPROVED or case.until is None:
            return
        task = case.task
        if case.until <= act.now:
            end_case(case, state=States.ENDED, why="", at=act.now)  # in the clock's words
            stop_accepting(task, case.until, f"The special case ended: {case.ended_why}.")
            _record("ended", case)
        elif case.warned_at is None:
            case.warned_at = act.now
            case.save(update_fields=["warned_at"])
            subject = f"special_case:{case.id}"
            audit.record("special_case.ending", subject=subject, task=str(task.pk), at=case.until)


def _record(word: str, case: SpecialCase) -> None:
    """What nobody did, but a verdict or the clock."""
    subject, task = f"special_case:{case.id}", str(case.task_id)
    audit.record(f"special_case.{word}", subject=subject, task=task, why=case.ended_why)
