"""What workers do for people: lists on their way into the directory."""

from celery import shared_task

from audit import clock
from people import services as people


# 100,000 people are one transaction; on a busy machine it takes longer than other work may.
@shared_task(soft_time_limit=840, time_limit=900)
def run_import(job_id: str) -> None:
    people.run_import(job_id)


@shared_task
def forget_imports() -> None:
    """Each hour."""
    people.forget_imports(clock.now())
