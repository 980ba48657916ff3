"""Lines of a task's history, each with how the task stood from then on: earlier faults stay tellable."""

from datetime import datetime

from checks.models import Task, TaskEvent
from checks.transitions import TaskState, has_lapsed

FIRST = ("opened", "first judged")  # kinds of the line that tells how a task began
CLOCK = ("began_at", "critical_at", "due_at")


def line(task: Task, kind: str, why: str, *, at: datetime) -> TaskEvent:
    """An unsaved line with the task's present evaluation, state and clock."""
    return TaskEvent(
        workspace_id=task.workspace_id,
        task=task,
        at=at,
        kind=kind,
        status=word(task, at),
        why=why,
        evaluation_id=task.evaluation_id,
        lapsed_at=lapsed(task, at),
        **{name: getattr(task, name) for name in CLOCK},
    )


def lapsed(stood: Task | TaskState, at: datetime) -> datetime | None:
    """When a pass had ended by the clock alone, whether or not anybody had looked since."""
    return stood.lapses_at if has_lapsed(stood.lapses_at, at) else None


def word(stands: Task | TaskState, at: datetime) -> str:
    """How a task stands apart from the clock: "closed", "waiting", "passed" or "open"."""
    if stands.closed_at is not None and stands.closed_at <= at:
        return "closed"
    if stands.waiting:
        return "waiting"
    return "open" if stands.resolved_at is None else "passed"
