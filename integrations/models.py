"""Tables of connections and readings: attempts, acknowledgments, runs, snapshots, signals."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from jobs.models import LeasedJob, State
from workspaces.models import User, Workspace


class Connection(models.Model):
    """One authorised link to one organisation of a product. We keep a reference, never a credential.

    The organisation is pinned at the first connect. `generation` grows with every reconnect and
    disconnect: a run of an older generation must not write.
    """

    class Authorisation(models.TextChoices):
        CONNECTED = "connected"
        NEEDS_RECONNECT = "needs_reconnect"
        DISCONNECTED = "disconnected"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    integration = models.CharField(max_length=40)
    provider = models.CharField(max_length=20)
    authorisation = models.CharField(max_length=16, choices=Authorisation)
    generation = models.PositiveIntegerField(default=1)
    ref = models.CharField(max_length=100, null=True)  # Truto's integrated account id
    organisation_id = models.CharField(max_length=100, blank=True)
    organisation_name = models.CharField(max_length=300, blank=True)
    short_code = models.CharField(max_length=40, blank=True)
    granted_scopes = models.JSONField(default=list)
    connected_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    connected_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=500, blank=True)  # why it needs a reconnect, in words
    trouble_since = models.DateTimeField(null=True)
    wrong_organisation = models.CharField(
        max_length=300, blank=True
    )  # seen instead of the pinned one
    sync_every = models.PositiveIntegerField(default=60)  # minutes
    stale_after = models.PositiveIntegerField(default=24 * 60)  # minutes
    next_sync_at = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)  # failed runs in a row
    snapshot = models.ForeignKey("Snapshot", null=True, on_delete=models.PROTECT, related_name="+")
    read_at = models.DateTimeField(null=True)  # when the last good complete reading began
    disconnected_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)  # last look at one that needs a reconnect
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ref"], name="connection_ref_once"),
            models.UniqueConstraint(
                fields=["workspace", "integration", "organisation_id"],
                condition=~Q(organisation_id=""),
                name="organisation_once_per_workspace",
            ),
        ]
        indexes = [models.Index(fields=["next_sync_at"], name="connection_due")]


class Acknowledgment(models.Model):
    """Who acknowledged which wording of an integration's page, and when."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL)
    integration = models.CharField(max_length=40)
    wording = models.TextField()
    wording_digest = models.CharField(max_length=64)
    at = models.DateTimeField()


class ConnectAttempt(models.Model):
    """One click on Connect: only the account that this attempt led to may be adopted."""

    class State(models.TextChoices):
        OPEN = "open"
        WAITING = "waiting"  # the account exists and is still being set up
        ADOPTED = "adopted"
        FAILED = "failed"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    integration = models.CharField(max_length=40)
    connection = models.ForeignKey(Connection, null=True, on_delete=models.CASCADE)
    reconnect = models.BooleanField(default=False)
    nonce = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    outcome = models.CharField(max_length=40, blank=True)  # code of the ending
    words = models.CharField(max_length=500, blank=True)  # the ending for people
    # Refs that existed before the link was made: they cannot be this attempt's account.
    known_refs = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    looked_at = models.DateTimeField(null=True)  # last look for an account that came too late

    class Meta:
        indexes = [models.Index(fields=["workspace", "state"], name="attempt_open")]

    LIVE = (State.OPEN, State.WAITING)

    @property
    def live(self) -> bool:
        """Whether it may still lead to a connection; an ended one never does."""
        return self.state in self.LIVE


class Revocation(models.Model):
    """An authorisation that the provider must give up; kept until it has confirmed.

    Written in the transaction that gave the connection up, done outside of any.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    connection = models.ForeignKey(Connection, null=True, on_delete=models.CASCADE)
    integration = models.CharField(max_length=40)
    ref = models.CharField(max_length=100, unique=True)
    why = models.CharField(max_length=40)
    tries = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)


class Snapshot(models.Model):
    """The normalised user list of a run, named by its SHA-256, compressed with zlib; immutable."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="snapshots")
    digest = models.CharField(max_length=64)
    content = models.BinaryField()
    accounts = models.PositiveIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "digest"], name="snapshot_once")
        ]


class SyncRun(LeasedJob):
    """One complete reading of a connection's user list: a leased job and its line in the run log."""

    task_name = "integrations.tasks.run_sync"

    class Trigger(models.TextChoices):
        CONNECTED = "connected", "Connected"
        SCHEDULE = "schedule", "Schedule"
        BUTTON = "button", "Sync now"
        WEBHOOK = "webhook", "Notice from Truto"
        API = "api", "API"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="runs")
    generation = models.PositiveIntegerField()
    slot = models.CharField(max_length=60)
    trigger = models.CharField(max_length=10, choices=Trigger)
    requested_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    # Ids of all who asked for this reading, or for a held one that it replaced: they may not
    # accept it where another admin can.
    asked_by = models.JSONField(default=list)
    read_at = models.DateTimeField(null=True)  # when this reading began
    put_backs = models.PositiveSmallIntegerField(default=0)  # how often it was asked to try later
    step = models.CharField(max_length=40, blank=True)
    found = models.PositiveIntegerField(default=0)
    pages = models.PositiveIntegerField(default=0)
    page_digests = models.JSONField(default=list)
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    removed = models.PositiveIntegerField(default=0)
    snapshot = models.ForeignKey(Snapshot, null=True, on_delete=models.PROTECT, related_name="+")
    error_code = models.CharField(max_length=40, blank=True)
    error = models.CharField(max_length=500, blank=True)
    hold_reasons = models.JSONField(default=list)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=10, blank=True)  # accepted, discarded, replaced
    decision_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "slot"], name="run_once_per_slot"),
            models.UniqueConstraint(
                fields=["connection"],
                condition=Q(state=State.RUNNING),
                name="one_running_run_per_connection",
            ),
            models.UniqueConstraint(
                fields=["connection"],
                condition=Q(state=State.HELD),
                name="one_held_run_per_connection",
            ),
        ]
        indexes = [
            models.Index(fields=["connection", "-created_at", "-id"], name="run_log"),
            models.Index(fields=["state", "lease_until"], name="run_claimable"),
        ]
        ordering: ClassVar[list[str]] = ["-created_at", "-id"]

    STEPS: ClassVar[tuple[str, ...]] = (
        "Waiting for its turn",
        "Checking the organisation",
        "Reading users",
        "Comparing",
    )

    @property
    def step_number(self) -> int:
        """Which of STEPS it is in, from 1; a run that was put back waits."""
        return self.STEPS.index(self.step) + 1 if self.step in self.STEPS else 1

    @property
    def seconds(self) -> float | None:
        """How long the last try took; None before its end, and where a person decided about it: then
        the end is the decision.
        """
        if self.started_at is None or self.finished_at is None or self.decided_at is not None:
            return None
        return max(0.0, (self.finished_at - self.started_at).total_seconds())

    @property
    def found_words(self) -> str:
        """How far the reading got."""
        return f"{self.found:,} account{'' if self.found == 1 else 's'} found so far"


class ExpectedRemoval(models.Model):
    """An account that access asked people to remove: its vanishing is no surprise to the guard."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE)
    external_id = models.CharField(max_length=100)
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "external_id"], name="expected_removal_once"
            )
        ]


class ProviderEvent(models.Model):
    """A signal from a provider, stored once by its id; a hint to look, never the truth itself."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    provider = models.CharField(max_length=20)
    event_id = models.CharField(max_length=100)
    kind = models.CharField(max_length=80)
    ref = models.CharField(max_length=100, blank=True)
    tenant_id = models.CharField(max_length=100, blank=True)
    received_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)
    handled_at = models.DateTimeField(null=True)  # the provider was asked: it is spent
    parked_why = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "event_id"], name="provider_event_once")
        ]
