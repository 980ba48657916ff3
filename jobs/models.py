"""The abstract leased job: one row is one piece of work and the truth about it."""

import uuid

from django.db import models


class State(models.TextChoices):
    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    HELD = "held"
    PARKED = "parked"


class LeasedJob(models.Model):
    """A pending row is claimed by one UPDATE that writes a random claim; later writes are fenced by it.

    Subclasses set `task_name`, the Celery task that is rung with the row's id.
    """

    task_name = ""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    attempt = models.PositiveSmallIntegerField(default=0)
    claim = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)
    rung_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True
