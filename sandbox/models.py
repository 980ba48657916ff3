"""The sandbox's world: Xero organisations with users, Truto accounts, link tokens and webhooks."""

import uuid
from typing import Any

from django.db import models
from django.utils import timezone

from sandbox import catalog


def new_id() -> str:
    """Make an id in the text form that goes over the wire."""
    return str(uuid.uuid4())


class Organisation(models.Model):
    """A pretend Xero organisation."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    legal_name = models.CharField(max_length=200, blank=True)
    country_code = models.CharField(max_length=2, default="GB")
    currency = models.CharField(max_length=3, default="GBP")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.name


class XeroUser(models.Model):
    """A person in one organisation; the numeric key gives the order in which pages are read."""

    # Text instead of UUID, and milliseconds instead of a date: a page of a thousand goes from the
    # database to JSON without making a Python object per value.
    user_id = models.CharField(max_length=36, default=new_id, unique=True)
    global_user_id = models.CharField(max_length=36, default=new_id)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="users")
    email = models.CharField(max_length=254, blank=True)
    first_name = models.CharField(max_length=200, blank=True)
    last_name = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=60, default="STANDARD")
    is_subscriber = models.BooleanField(default=False)
    updated_ms = models.BigIntegerField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"],
                condition=models.Q(is_subscriber=True),
                name="one_subscriber_per_organisation",
            )
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.email

    @property
    def role_label(self) -> str:
        """The words Xero shows for the role, or the raw text of one it never documented."""
        return catalog.ROLES.get(self.role, self.role)


class IntegratedAccount(models.Model):
    """A connection at the pretend Truto, with the faults that are switched on for it."""

    class Status(models.TextChoices):
        CONNECTING = "connecting"
        ACTIVE = "active"
        NEEDS_REAUTH = "needs_reauth"
        POST_INSTALL_ERROR = "post_install_error"
        VALIDATION_ERROR = "validation_error"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant_id = models.CharField(max_length=255, db_index=True)
    status = models.CharField(max_length=30, choices=Status.choices)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="accounts"
    )
    # Empty means that somebody outside the list authorised, whom no page here can remove.
    authorised_by = models.CharField(max_length=36, blank=True)
    region = models.CharField(max_length=4, default="wnam")
    context = models.JSONField(default=dict)
    last_error = models.TextField(null=True)
    last_forbidden_error = models.JSONField(null=True)
    faults = models.JSONField(default=dict)
    settles_at = models.DateTimeField(null=True, db_index=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    status__in=[
                        "connecting",
                        "active",
                        "needs_reauth",
                        "post_install_error",
                        "validation_error",
                    ]
                ),
                name="account_has_one_of_five_statuses",
            )
        ]

    def __str__(self) -> str:
        return str(self.id)

    def change(self, **values: Any) -> None:
        """Store the given fields and the moment of the change."""
        values["updated_at"] = timezone.now()
        for name, value in values.items():
            setattr(self, name, value)
        self.save(update_fields=list(values))


class LinkToken(models.Model):
    """A single-use permission to open the connect page."""

    token = models.CharField(max_length=36, primary_key=True, default=new_id)
    tenant_id = models.CharField(max_length=255)
    account = models.ForeignKey(IntegratedAccount, on_delete=models.CASCADE, null=True)
    context = models.JSONField(default=dict)
    scopes = models.JSONField(default=list)
    redirect_uri = models.TextField(blank=True)
    region = models.CharField(max_length=4, default="wnam")
    persist_previous_context = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.token


class Webhook(models.Model):
    """A place that wants to be told about events."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    target_url = models.TextField()
    secret = models.CharField(max_length=255, default=new_id)
    encoding = models.CharField(max_length=6, blank=True)
    is_active = models.BooleanField(default=True)
    event_types = models.JSONField(null=True)
    failures_in_a_row = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.target_url


class Delivery(models.Model):
    """One event on its way to one webhook; rows are sent in the order of their numeric key."""

    class State(models.TextChoices):
        HELD = "held"
        WAITING = "waiting"
        SENT = "sent"
        FAILED = "failed"

    event_id = models.CharField(max_length=36, default=new_id, db_index=True)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=100)
    body = models.TextField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    last_status = models.PositiveIntegerField(null=True)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["state", "due_at"], name="delivery_state_due")]

    def __str__(self) -> str:
        return f"{self.event} {self.event_id}"


class Switch(models.Model):
    """A setting of the sandbox itself that a test can turn while it runs."""

    name = models.CharField(max_length=40, primary_key=True)
    is_on = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name
