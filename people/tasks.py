"""What workers do for people: lists on their way into the directory."""

from celery import shared_task

from people import services as people


@shared_task
def run_import(job_id: str) -> None:
    people.run_import(job_id)
