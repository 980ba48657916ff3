"""What workers do for access: the minute's look at systems that the clock alone changes."""

from celery import shared_task

from access.services import judging
from audit import clock
from audit import services as audit

SYSTEM = audit.Actor(kind="system", label="clock")


@shared_task
def look() -> None:
    """Judge again where an instant was reached or judging had failed; each system its own act."""
    for system in judging.due_systems(clock.now()):
        with audit.act(system.workspace, by=SYSTEM) as act:
            judging.judge_systems([system.pk], now=act.now)
