"""What workers do for workspaces: forgetting answers that were kept for repeated requests."""

from celery import shared_task

from audit import clock
from workspaces.rest import repeating


@shared_task
def forget_answers() -> None:
    """Each hour; a request that is repeated later than a day is a new one."""
    repeating.forget(clock.now())
