"""What workers do for the record: keep the heads of its chains outside the database."""

from celery import shared_task

from audit import checkpoints


@shared_task
def keep_heads() -> None:
    """Each minute."""
    checkpoints.keep_all()
