"""What workers do for the record: keep the heads of its chains outside the database."""

from celery import shared_task

from audit import keeping


@shared_task
def keep_heads() -> None:
    """Each minute."""
    keeping.keep_all()
