"""Tables of judging: what was judged, on which facts, and the tasks with their instants."""

import uuid

from django.db import models

from workspaces.models import User, Workspace


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
    read_at = models.DateTimeField(null=True)
    stale_at = models.DateTimeField(null=True)  # null: there is no list, nothing rests on one
    next_change_at = models.DateTimeField(null=True)
    looked_at = models.DateTimeField(null=True)
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

    class Meta:
        indexes = [models.Index(fields=["task", "-at"], name="task_history")]
