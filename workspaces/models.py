"""Tables of customers and who may enter: workspaces, users, memberships, API tokens."""

import uuid
from collections.abc import Collection
from datetime import date, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from knox.models import AbstractAuthToken

from workspaces.permissions import Area, Role


class Workspace(models.Model):
    """One customer company. Nothing ever crosses workspaces."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    zone = models.CharField(max_length=60, default="UTC")  # IANA name; deadlines count in it
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save()
        return user


class User(AbstractBaseUser):
    """A person who signs in; what they may do hangs on memberships, never on the user."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def label(self) -> str:
        return self.name or self.email

    @property
    def named(self) -> str:
        """Name and address, for those who may not know the name."""
        return f"{self.name} ({self.email})" if self.name else self.email


class Grant(models.Model):
    """What somebody may do in a workspace, and until when."""

    workspace: Any  # a foreign key of those that inherit
    role = models.CharField(max_length=20, choices=Role)
    areas = models.JSONField(default=list, blank=True)  # of an editor; none means all of them
    ends_at = models.DateTimeField(null=True, blank=True)
    # The days that an auditor looks at: said beside the name, and where a period is asked for.
    period_from = models.DateField(null=True, blank=True)
    period_to = models.DateField(null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def area_words(self) -> str:
        """An editor's areas as people read them, or ""."""
        return ", ".join(str(Area(area).label) for area in self.areas)

    @property
    def last_day(self) -> date | None:
        """The last day of access in the workspace's zone; None where no end is set."""
        if self.ends_at is None:
            return None
        zone = ZoneInfo(self.workspace.zone)
        return (self.ends_at - timedelta(microseconds=1)).astimezone(zone).date()


class Membership(Grant):
    """One user of one workspace."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    last_seen = models.DateTimeField(null=True)  # written at most every ten minutes
    created_at = models.DateTimeField()
    # Set on a membership in hand while a token speaks for it; the token's scopes narrow its rights.
    scopes: Collection[str] | None = None

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "user"], name="membership_once"),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="membership_role_known"
            ),
            models.CheckConstraint(
                condition=models.Q(period_from__lte=models.F("period_to"))
                | models.Q(period_from=None, period_to=None),
                name="membership_period_in_order",
            ),
        ]


class Invitation(Grant):
    """A letter to one address: whoever proves to hold it becomes a member with these rights, once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    digest = models.CharField(max_length=64, unique=True)  # of the secret in the link
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)  # accepted or withdrawn; the record says which
    # Who answers for it: it opens the door only while they hold what it gives.
    granter = models.ForeignKey(Membership, on_delete=models.CASCADE, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "email"],
                condition=models.Q(closed_at=None),
                name="invitation_open_once",
            )
        ]


class ApiToken(AbstractAuthToken):  # type: ignore[misc]
    """A tool's key to one workspace; its key is a digest, so it has a public id of its own."""

    id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)
    scopes = models.JSONField(default=list)
    last_used = models.DateTimeField(null=True)
    # The token that made this one over the API: it ends with it.
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="children")


class RememberedAnswer(models.Model):
    """What a request with an `Idempotency-Key` was answered, kept in the transaction of its effect."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    token = models.UUIDField()  # public id of the token, whose keys are its own
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)  # SHA-256 of method, address and body
    status = models.PositiveSmallIntegerField(default=0)
    body = models.TextField(blank=True)  # JSON
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "token", "key"], name="answered_once")
        ]
