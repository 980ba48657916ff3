"""Lines of a task's history, each with the clock as it stood: earlier faults stay tellable."""

from datetime import datetime

from checks.models import Task, TaskEvent

CLOCK = ("began_at", "critical_at", "due_at")


def line(task: Task, kind: str, why: str, *, at: datetime) -> TaskEvent:
    """An unsaved line with the task's present evaluation and clock."""
    return TaskEvent(
        workspace_id=task.workspace_id,
        task=task,
        at=at,
        kind=kind,
        why=why,
        evaluation_id=task.evaluation_id,
        **{name: getattr(task, name) for name in CLOCK},
    )
