"""What workers do for access: the looks at what the clock alone changes."""

from functools import partial

from celery import shared_task

from access.models import CriticalSystem
from access.services import judging, owning
from audit import clock, contention
from audit import services as audit
from checks import services as checks
from jobs import looks
from workspaces.models import Workspace

SYSTEM = audit.Actor(kind="system", label="clock")


@shared_task
def look() -> None:
    """Judge again where an instant was reached or judging had failed; each system its own act."""
    looks.each(judging.due_systems(clock.now()), _judge)


def _judge(system: CriticalSystem) -> None:
    contention.repeated(partial(_judge_once, system))


def _judge_once(system: CriticalSystem) -> None:
    with audit.act(system.workspace, by=SYSTEM) as act:
        judging.judge_systems([system.pk], now=act.now)


@shared_task
def look_at_endings() -> None:
    """Hand on the tasks of members and staff whose time ended; end and announce special cases."""
    now = clock.now()
    looks.each(owning.workspaces_with_endings(now), _hand_on)
    looks.each(checks.due_special_cases(now), partial(checks.look_at, by=SYSTEM))


def _hand_on(workspace: Workspace) -> None:
    with audit.act(workspace, by=SYSTEM) as act:
        owning.hand_on_tasks(workspace, act=act)


@shared_task
def forget_attachments() -> None:
    """Each hour."""
    checks.forget_attachments(clock.now())
