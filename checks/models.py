"""Tables of judging: what was judged, on which facts, the tasks with their instants, exceptions."""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q

from people.models import StaffMember
from workspaces.models import User, Workspace


class CheckPolicy(models.Model):
    """How long a fault of one check may last here; without a row the check's own default counts."""

    MOST_GRACE, MOST_WINDOW = 365, 90

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    check_id = models.CharField(max_length=40)
    grace_days = models.PositiveSmallIntegerField()
    window_days = models.PositiveSmallIntegerField()
    business_days = models.BooleanField(default=False)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "check_id"], name="policy_once"),
            models.CheckConstraint(
                name="policy_in_bounds", condition=Q(grace_days__lte=365, window_days__lte=90)
            ),
        ]


class WorkCalendar(models.Model):
    """The working week (Monday is 0) and the holidays; without a row Monday to Friday, no holidays."""

    workspace = models.OneToOneField(Workspace, primary_key=True, on_delete=models.CASCADE)
    working_days = models.JSONField()  # [0, 1, 2, 3, 4]
    holidays = models.JSONField(default=list)  # [["2027-01-01", "New Year's Day"], ...]
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")


class JudgedSystem(models.Model):
    """What `checks` knows of a critical system; its id is that of access's CriticalSystem.

    `facts_version` counts changes of facts, `judged_version` the one last judged: apart means
    *not judged*, never green. Passing tasks that rest on a list turn Stale at `stale_at`.
    """

    id = models.UUIDField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    name = models.CharField(max_length=300)
    facts_version = models.PositiveBigIntegerField(default=0)
    judged_version = models.PositiveBigIntegerField(default=0)
    judged_at = models.DateTimeField(null=True)
    unjudged_since = models.DateTimeField(null=True)  # of the first change that is not judged yet
    read_at = models.DateTimeField(null=True)
    stale_at = models.DateTimeField(null=True)  # null: there is no list, nothing rests on one
    next_change_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["next_change_at"], name="judged_next_change")]


class FactSheet(models.Model):
    """The canonical facts that were judged, named by their SHA-256, compressed with zlib."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    digest = models.CharField(max_length=64)
    content = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "digest"], name="fact_sheet_once")
        ]


class Evaluation(models.Model):
    """One judging: these facts, these rules, this instant, these verdicts. Replaying gives the same."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    system = models.ForeignKey(JudgedSystem, on_delete=models.CASCADE)
    facts = models.ForeignKey(FactSheet, on_delete=models.PROTECT)
    at = models.DateTimeField()
    rules_version = models.CharField(max_length=20)
    verdicts_digest = models.CharField(max_length=64)

    class Meta:
        indexes = [models.Index(fields=["system", "-at"], name="evaluation_latest")]


class CheckResult(models.Model):
    """What a check says of a system beyond its tasks: what it waits for, or how much it compared."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    system = models.ForeignKey(JudgedSystem, on_delete=models.CASCADE)
    check_id = models.CharField(max_length=40)
    waiting_for = models.CharField(max_length=300, blank=True)
    summary = models.CharField(max_length=300, blank=True)
    judged = models.PositiveIntegerField(default=0)  # subjects really compared

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["system", "check_id"], name="check_result_once")
        ]


class CheckLine(models.Model):
    """The history of a check as a whole: from this instant on it waited for this, or for nothing."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    system = models.ForeignKey(JudgedSystem, on_delete=models.CASCADE, related_name="lines")
    check_id = models.CharField(max_length=40)
    at = models.DateTimeField()
    waiting_for = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["system", "check_id", "at"], name="check_line")]


# Few of very many: what is not solved for good by its own instants.
UNSETTLED = Q(resolved_at__isnull=True) | Q(waiting=True) | Q(lapses_at__isnull=False)


class Task(models.Model):
    """A check for one subject. Instants, never a colour: the status is a function of them and now."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    system = models.ForeignKey(JudgedSystem, on_delete=models.CASCADE, related_name="tasks")
    check_id = models.CharField(max_length=40)
    subject_kind = models.CharField(max_length=10)  # account, person, system
    subject_id = models.UUIDField()
    subject_label = models.CharField(max_length=300)
    opens_at = models.DateTimeField(
        null=True
    )  # an upcoming leaver's task: outside every count till then
    began_at = models.DateTimeField(null=True)  # start of the present (or last) fault
    critical_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    waiting = models.BooleanField(default=False)
    rests_on_list = models.BooleanField(default=True)  # whether passing turns stale with the list
    lapses_at = models.DateTimeField(null=True)  # when a pass ends by the clock alone
    accepted_until = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)  # may lie ahead: a leaver's validity task
    closed_why = models.CharField(max_length=300, blank=True)
    late_days = models.PositiveIntegerField(default=0)  # kept for good
    why = models.TextField(blank=True)
    used = models.JSONField(default=list)  # [[label, value], ...] shown to people
    remedy = models.CharField(max_length=40, blank=True)
    remedy_text = models.CharField(max_length=300, blank=True)
    passed_by = models.CharField(max_length=300, blank=True)
    fix_route = models.CharField(max_length=100, blank=True)  # "Fix it": reversed when shown
    fix_args = models.JSONField(default=dict)
    owner = models.ForeignKey(User, null=True, on_delete=models.SET_NULL)
    evaluation = models.ForeignKey(Evaluation, null=True, on_delete=models.SET_NULL)
    fingerprint = models.CharField(max_length=32)  # of the verdict: the same again writes nothing
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["system", "check_id", "subject_id"], name="task_once_per_subject"
            ),
            models.CheckConstraint(
                name="task_fault_whole",
                condition=models.Q(began_at__isnull=True, due_at__isnull=True)
                | models.Q(began_at__isnull=False, due_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["workspace", "created_at", "id"], name="task_page"),
            models.Index(fields=["workspace", "due_at", "id"], name="task_by_due"),
            models.Index(fields=["system", "subject_id"], name="task_of_subject"),
            models.Index(
                fields=["workspace", "check_id", "subject_id"],
                condition=UNSETTLED,
                name="task_unsettled",
            ),
        ]


class TaskEvent(models.Model):
    """The history of one task: what changed, when, and the evaluation that caused it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    kind = models.CharField(
        max_length=20
    )  # opened, changed, waiting, resolved, reopened, closed, status
    status = models.CharField(max_length=12, blank=True)
    why = models.TextField(blank=True)
    evaluation = models.ForeignKey(Evaluation, null=True, on_delete=models.SET_NULL)
    # The clock from then on: without it, what an earlier fault looked like could not be told.
    began_at = models.DateTimeField(null=True)
    critical_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    lapsed_at = models.DateTimeField(null=True)  # when the pass before this line ended by the clock

    class Meta:
        indexes = [models.Index(fields=["task", "-at"], name="task_history")]


class SpecialCase(models.Model):
    """An accepted exception to one task: asked for, approved by another person, and ended.

    In force from `decided_at` until `ends_at`; one that is valid forever has to be confirmed by
    `confirm_by`. What was accepted is `covers` (see `checks.accepting.Fault`), taken when asked and again at approval.
    """

    class State(models.TextChoices):
        REQUESTED = "requested", "Waiting for approval"
        APPROVED = "approved", "In force"
        REJECTED = "rejected", "Rejected"
        WITHDRAWN = "withdrawn", "Withdrawn"
        ENDED = "ended", "Ended"

    class Reason(models.TextChoices):
        BUSINESS_NEED = "business_need", "Business need"
        HANDOVER = "handover", "Handover in progress"
        PROVIDER_LIMIT = "provider_limit", "The product does not allow it otherwise"
        COMPENSATING_CONTROL = "compensating_control", "Another control covers the risk"
        ACCEPTED_RISK = "accepted_risk", "Risk accepted"
        OTHER = "other", "Another reason"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="special_cases")
    state = models.CharField(max_length=10, choices=State, default=State.REQUESTED)
    reason = models.CharField(max_length=25, choices=Reason)
    note = models.TextField(max_length=2000)
    ends_at = models.DateTimeField(null=True)  # null: valid forever
    confirm_by = models.DateTimeField(null=True)  # valid forever: until the next confirmation
    covers = models.JSONField(default=dict)
    holder = models.ForeignKey(StaffMember, null=True, on_delete=models.SET_NULL, related_name="+")
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    decision_note = models.TextField(max_length=2000, blank=True)
    sole_admin = models.BooleanField(default=False)  # approved by the requester, the only admin
    confirmed_at = models.DateTimeField(null=True)  # the last time, as `confirmed_by`
    confirmed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    warned_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    ended_why = models.CharField(max_length=500, blank=True)
    file_name = models.CharField(max_length=200, blank=True)
    file_kind = models.CharField(max_length=10, blank=True)  # see checks.attachments.KINDS
    file_size = models.PositiveIntegerField(default=0)
    file_digest = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["task"], condition=Q(state="requested"), name="one_request_a_task"
            ),
            models.UniqueConstraint(
                fields=["task"], condition=Q(state="approved"), name="one_special_case_in_force"
            ),
            models.CheckConstraint(
                name="special_case_in_force_ends",
                condition=~Q(state="approved")
                | Q(ends_at__isnull=False)
                | Q(confirm_by__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["workspace", "state", "-requested_at"], name="special_case_page")
        ]

    @property
    def until(self) -> datetime | None:
        """When it ends by the clock alone."""
        return self.ends_at or self.confirm_by
