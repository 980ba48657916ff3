"""What workers do for access: the looks at what the clock alone changes."""

from functools import partial

from celery import shared_task

from access.models import CriticalSystem
from access.services import judging, owning
from audit import clock, contention
from audit import services as audit
from checks import services as checks

SYSTEM = audit.Actor(kind="system", label="clock")


@shared_task
def look() -> None:
    """Judge again where an instant was reached or judging had failed; each system its own act."""
    for system in judging.due_systems(clock.now()):
        contention.repeated(partial(_judge, system))


def _judge(system: CriticalSystem) -> None:
    with audit.act(system.workspace, by=SYSTEM) as act:
        judging.judge_systems([system.pk], now=act.now)


@shared_task
def look_at_endings() -> None:
    """Hand on the tasks of members and staff whose time ended; end and announce special cases."""
    now = clock.now()
    for workspace in owning.workspaces_with_endings(now):
        with audit.act(workspace, by=SYSTEM) as act:
            owning.hand_on_tasks(workspace, act=act)
    for case in checks.due_special_cases(now):
        checks.look_at(case, by=SYSTEM)


@shared_task
def forget_attachments() -> None:
    """Each hour."""
    checks.forget_attachments(clock.now())
