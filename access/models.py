"""Tables of decisions and of what they are about: systems, rules, accounts, identifications."""

import uuid
from collections.abc import Iterable

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import formats, timezone

from checks.facts import DecisionKind, NotStaffKind, RuleMode
from integrations.models import Connection, SyncRun
from people.models import EmailAddress, OrgRole, StaffMember
from workspaces.models import User, Workspace


class CriticalSystem(models.Model):
    """An organisation (or an integration not connected yet) that the company decided to control.

    Shares its id with checks' JudgedSystem. Removed systems stay listed; adding again continues.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    integration = models.CharField(max_length=40)
    connection = models.OneToOneField(Connection, null=True, on_delete=models.PROTECT)
    owner = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)
    removed_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            # One card at a time may wait for its first organisation.
            models.UniqueConstraint(
                fields=["workspace", "integration"],
                condition=Q(connection__isnull=True, removed_at__isnull=True),
                name="one_waiting_system",
            )
        ]


class SystemGap(models.Model):
    """A stretch in which a critical system was not monitored; open while that lasts."""

    class Cause(models.TextChoices):
        REMOVED = "removed", "The system was removed"
        DISCONNECTED = "disconnected", "The connection was given up"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    system = models.ForeignKey(CriticalSystem, on_delete=models.CASCADE, related_name="gaps")
    cause = models.CharField(max_length=12, choices=Cause)
    reason = models.CharField(max_length=500, blank=True)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["system", "cause"], condition=Q(ended_at__isnull=True), name="one_open_gap"
            )
        ]

    @property
    def words(self) -> str:
        """Why nobody looked, as verdicts and pages say it."""
        said = {"removed": "the system was removed", "disconnected": "disconnected"}[self.cause]
        return f"{said}: {self.reason}" if self.reason else said

    @property
    def sentence(self) -> str:
        """ "Not monitored from ... to ... (the system was removed: ...)", in the active zone."""
        began, ended = (each and formats.date_format(timezone.localtime(each), "j M Y, H:i")
                        for each in (self.began_at, self.ended_at))  # fmt: skip
        until = f"from {began} to {ended}" if ended else f"since {began}"
        return f"Not monitored {until} ({self.words})."


class AccessRule(models.Model):
    """Who may have access ("Access monitoring"); saving replaces it whole."""

    system = models.OneToOneField(
        CriticalSystem, primary_key=True, on_delete=models.CASCADE, related_name="rule"
    )
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    mode = models.CharField(max_length=12, choices=[(m.value, m.value) for m in RuleMode])
    levels = models.JSONField(null=True)  # all staff: the allowed set; null: any documented
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")


class RuleEntry(models.Model):
    """One Org role that the rule lists and the levels it allows; null means any documented."""

    rule = models.ForeignKey(AccessRule, on_delete=models.CASCADE, related_name="entries")
    org_role = models.ForeignKey(OrgRole, on_delete=models.PROTECT, related_name="+")
    levels = models.JSONField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "org_role"], name="rule_entry_once")]

    def __str__(self) -> str:
        connection = self.rule.system.connection
        return f"the access rule of {connection.organisation_name if connection else 'a system'}"


class Account(models.Model):
    """One user of a connected system, as the latest complete list shows them; projected from runs."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="accounts")
    external_id = models.CharField(max_length=100)
    name = models.CharField(max_length=300, blank=True)
    email = models.CharField(max_length=320, blank=True)
    normalised_email = models.CharField(max_length=320, blank=True)
    level = models.CharField(max_length=100, blank=True)
    is_subscriber = models.BooleanField(default=False)
    present = models.BooleanField(default=True)
    first_seen_at = models.DateTimeField()
    appeared_at = models.DateTimeField()
    level_since = models.DateTimeField()
    last_seen_at = models.DateTimeField(
        null=True
    )  # null while present: then it is the list's read_at
    gone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "external_id"], name="account_once")
        ]
        indexes = [
            # The pages of "Users": by name, and the newest first; partial, since SQLite uses no
            # index column for a bare boolean.
            models.Index(
                "connection", Lower("name"), "id", name="account_by_name", condition=Q(present=True)
            ),
            models.Index(
                fields=["connection", "first_seen_at", "id"],
                name="account_newest",
                condition=Q(present=True),
            ),
            models.Index(
                "connection", Lower("name"), "id", name="account_gone", condition=Q(present=False)
            ),
            models.Index(fields=["workspace", "normalised_email"], name="account_by_email"),
        ]

    @property
    def label(self) -> str:
        return self.name or self.email or self.external_id


class AccountSpan(models.Model):
    """A stretch of unchanged (name, e-mail, level, subscriber); absence is the gap between spans."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="spans")
    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    name = models.CharField(max_length=300, blank=True)
    email = models.CharField(max_length=320, blank=True)
    level = models.CharField(max_length=100, blank=True)
    is_subscriber = models.BooleanField(default=False)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    opened_by = models.ForeignKey(SyncRun, null=True, on_delete=models.SET_NULL, related_name="+")
    closed_by = models.ForeignKey(SyncRun, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(ended_at__isnull=True), name="one_open_span"
            )
        ]
        indexes = [
            models.Index(fields=["account", "began_at"], name="span_history"),
            # Who had access on a date; what came and changed; what went.
            models.Index("connection", Lower("name"), "id", name="span_by_name"),
            models.Index(fields=["connection", "began_at", "id"], name="span_began"),
            models.Index(
                fields=["connection", "ended_at", "id"],
                condition=Q(ended_at__isnull=False),
                name="span_ended",
            ),
        ]


class Identification(models.Model):
    """The decision whose account this is; the current one has no `withdrawn_at`."""

    class Why(models.TextChoices):
        """What ended a decision."""

        REPLACED = "replaced", "Decided anew"
        UNDONE = "undone", "Undone"
        ADDRESS = "address", "Its address is somebody else's now"
        ALIAS = "alias", "The alias that it rested on was taken back"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="identifications")
    kind = models.CharField(max_length=15, choices=[(k.value, k.value) for k in DecisionKind])
    staff = models.ForeignKey(StaffMember, null=True, on_delete=models.PROTECT, related_name="+")
    automatic = models.BooleanField(default=False)
    own_access = models.BooleanField(default=False)  # decided by the person whose access it is
    email = models.CharField(max_length=320, blank=True)  # the address that it rests on
    decided_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField()
    brought = models.ForeignKey(  # the alias that this decision taught
        EmailAddress, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    withdrawn_why = models.CharField(max_length=10, blank=True, choices=Why.choices)
    # Not staff: what was accepted, by whom answered for, for which level, until when.
    not_staff_kind = models.CharField(
        max_length=10, blank=True, choices=[(k.value, k.value) for k in NotStaffKind]
    )
    owner_staff = models.ForeignKey(
        StaffMember, null=True, on_delete=models.PROTECT, related_name="+"
    )
    owner_user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.CharField(max_length=500, blank=True)
    level = models.CharField(max_length=100, blank=True)
    ends_at = models.DateTimeField(null=True)
    users = models.ManyToManyField(StaffMember, blank=True, related_name="+")  # of a shared account
    # On a withdrawn decision about a leaver: their task stays open until gone or approved.
    held_for = models.ForeignKey(StaffMember, null=True, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    approved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"],
                condition=Q(withdrawn_at__isnull=True),
                name="one_current_identification",
            ),
            models.CheckConstraint(
                name="staff_decision_has_staff",
                condition=~Q(kind__in=["existing_staff", "new_staff"]) | Q(staff__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["workspace", "staff"], name="identified_as"),
            models.Index(fields=["workspace", "email"], name="identified_email"),
        ]

    @classmethod
    def seen(
        cls, workspace: Workspace, addresses: Iterable[str]
    ) -> "models.QuerySet[Identification, tuple[str, uuid.UUID]]":
        """(address, person) of accounts that were ever identified under these addresses.

        A decision that was undone says nothing, unless it was undone about a leaver.
        """
        rows = cls.objects.filter(
            workspace=workspace, email__in=list(addresses), staff__isnull=False
        ).exclude(Q(withdrawn_why=cls.Why.UNDONE, held_for__isnull=True))
        return rows.exclude(email="").values_list("email", "staff_id")

    @classmethod
    def resting_on(
        cls, workspace: Workspace, staff_id: uuid.UUID, addresses: Iterable[str]
    ) -> "models.QuerySet[Identification]":
        """Present automatic decisions for a person that rest on one of their addresses."""
        return cls.objects.filter(
            workspace=workspace,
            staff=staff_id,
            automatic=True,
            withdrawn_at__isnull=True,
            email__in=list(addresses),
        )
