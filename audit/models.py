"""Tables of the record: events in chains, their erasable bodies, and the head of each chain."""

import uuid

from django.db import models


class ChainHead(models.Model):
    """The last link of one chain; locking it serialises the writers of that chain."""

    chain = models.UUIDField(primary_key=True)  # a workspace's id, or services.INSTALLATION
    seq = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64)


class Event(models.Model):
    """One link: hash = SHA-256(prev ‖ seq ‖ at ‖ kind ‖ SHA-256(body)); no foreign keys."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    chain = models.UUIDField()
    seq = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    kind = models.CharField(max_length=60)
    body_digest = models.CharField(max_length=64)
    prev = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    key_id = models.CharField(max_length=20)
    seal = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chain", "seq"], name="event_seq_unique")]
        indexes = [
            # The pattern class lets PostgreSQL find the start of a kind under any collation.
            models.Index(
                fields=["chain", "kind", "-seq"],
                opclasses=["uuid_ops", "varchar_pattern_ops", "int8_ops"],
                name="event_by_kind_start",
            ),
            models.Index(fields=["chain", "at"], name="event_by_at"),
        ]


class EventBody(models.Model):
    """What an event says, as canonical JSON text; may be erased without breaking the chain."""

    event_id = models.UUIDField(primary_key=True)
    chain = models.UUIDField()
    subject = models.CharField(
        max_length=100, blank=True
    )  # "staff:<id>", to find a subject's history
    actor = models.CharField(max_length=100, blank=True)  # a person's id, to find what they did
    text = models.TextField()

    class Meta:
        indexes = [
            models.Index(fields=["chain", "subject"], name="event_by_subject"),
            models.Index(fields=["chain", "actor"], name="event_by_actor"),
        ]
