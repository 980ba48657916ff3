"""Endpoints of tasks: the list with its filters, one task, its history."""

import uuid
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework import serializers

from access import selectors
from access.api.systems import member
from audit import clock
from checks import selectors as checks
from checks import services as judging
from checks.models import Task, TaskEvent
from checks.rules import BY_ID, CHECKS
from checks.status import Status
from workspaces.models import Workspace
from workspaces.rest.bodies import Body, ListQuery
from workspaces.rest.endpoints import Endpoint, Item, Listing, acts
from workspaces.rest.fields import Choice, Id, QueryFlag, Refs, shown_as

STATUSES = [each.value for each in Status if each is not Status.UPCOMING]


class UsedData(serializers.Serializer[Any]):
    label = serializers.CharField()  # type: ignore[assignment]
    value = serializers.CharField()


class TaskData(serializers.ModelSerializer[Task]):
    check = serializers.CharField(source="check_id")
    title = serializers.SerializerMethodField()
    status = serializers.SerializerMethodField()
    system = serializers.UUIDField(source="system_id")
    used = serializers.SerializerMethodField(help_text="The facts that the verdict rests on.")
    monitored = serializers.SerializerMethodField(
        help_text="False: the system was removed, so nobody judges or solves this any more."
    )

    class Meta:
        model = Task
        fields = (
            "id",
            "check",
            "title",
            "system",
            "subject_kind",
            "subject_id",
            "subject_label",
            "status",
            "monitored",
            "why",
            "used",
            "remedy",
            "remedy_text",
            "passed_by",
            "began_at",
            "critical_at",
            "due_at",
            "resolved_at",
            "late_days",
            "closed_at",
            "closed_why",
            "owner",
            "created_at",
            "updated_at",
        )

    def get_title(self, task: Task) -> str:
        return BY_ID[task.check_id].title(selectors.product_name(task))

    @shown_as(Choice(choices=STATUSES))
    def get_status(self, task: Any) -> str:
        word: str = checks.RANKED[task.code].value
        return word

    @shown_as(serializers.BooleanField())
    def get_monitored(self, task: Task) -> bool:
        return task.system.removed_at is None

    @shown_as(UsedData(many=True))
    def get_used(self, task: Task) -> list[dict[str, str]]:
        return [{"label": str(label), "value": str(value)} for label, value in task.used]


class TaskEventData(serializers.ModelSerializer[TaskEvent]):
    class Meta:
        model = TaskEvent
        fields = ("id", "at", "kind", "status", "why", "evaluation")


class TaskQuery(ListQuery):
    status = Choice(choices=STATUSES, required=False)
    check = Choice(choices=[each.id for each in CHECKS], required=False)
    # Plain ids: a foreign one finds nothing, exactly as one that does not exist.
    system = Id(required=False)
    subject = Id(required=False, help_text="The account, person or system that it is about.")
    owner = Id(required=False, help_text="The member whose task it is.")
    monitored = QueryFlag(
        required=False, help_text="Only of systems under control, or only of removed ones."
    )


class Tasks(Listing):
    """Tasks of the workspace; a leaver's is among them once their access has ended."""

    needs, answers, query = "tasks.view", TaskData, TaskQuery
    orderings = {
        "created_at": ("created_at", "id"),
        "-created_at": ("-created_at", "-id"),
        "-updated_at": ("-updated_at", "-id"),
    }

    def rows(
        self,
        workspace: Workspace,
        status: str = "",
        monitored: bool | None = None,
        **wanted: Any,
    ) -> QuerySet[Any]:
        names = {"check": "check_id", "system": "system_id", "owner": "owner_id"}
        names["subject"] = "subject_id"
        rows = checks.tasks(workspace, clock.now())
        rows = rows.filter(**{names[name]: value for name, value in wanted.items()})
        if monitored is not None:
            rows = rows.filter(system__removed_at__isnull=monitored)
        return rows.filter(code=checks.RANKED.index(Status(status))) if status else rows


def _of_workspace(workspace: Workspace) -> QuerySet[Task]:
    return Task.objects.filter(workspace=workspace)


class TaskChange(Body):
    owner = Id(
        allow_null=True,
        help_text="The `user` of a member, no auditor; null: the admins look after it.",
    )


class OneTask(Item):
    """One task: why, on which facts, until when, and what to do."""

    needs, needs_to_write, answers = "tasks.view", "tasks.edit", TaskData

    def rows(self, workspace: Workspace) -> QuerySet[Any]:
        return checks.tasks(workspace, clock.now())

    @acts(takes=TaskChange, answers=TaskData)
    def patch(self, data: dict[str, Any], pk: Any) -> Task:
        """Give a task to a member, or back to the admins."""
        self.found()
        owner = member(self.workspace, data["owner"]) if data["owner"] else None
        judging.assign(self.workspace, tasks=[pk], owner=owner, by=self.by)
        return self.found()  # type: ignore[no-any-return]


class AssignInput(TaskChange):
    tasks = Refs(_of_workspace, min_length=1, max_length=500)


class AssignedData(serializers.Serializer[Any]):
    changed = serializers.IntegerField(help_text="How many had another owner before.")


class Assign(Endpoint):
    http_method_names = ["post"]
    needs, needs_to_write = "tasks.view", "tasks.edit"

    @acts(takes=AssignInput, answers=AssignedData)
    def post(self, data: dict[str, Any]) -> dict[str, int]:
        """Give several tasks to a member, or back to the admins."""
        owner = member(self.workspace, data["owner"]) if data["owner"] else None
        tasks = [each.pk for each in data["tasks"]]
        return {"changed": judging.assign(self.workspace, tasks=tasks, owner=owner, by=self.by)}


class TaskEvents(Listing):
    """The history of one task, the latest first."""

    needs, answers = "tasks.view", TaskEventData
    orderings = {"-at": ("-at", "-id"), "at": ("at", "id")}

    def rows(self, workspace: Workspace, **wanted: Any) -> QuerySet[TaskEvent]:
        pk: uuid.UUID = self.kwargs["pk"]
        task = get_object_or_404(checks.tasks(workspace, clock.now()), pk=pk)
        events: QuerySet[TaskEvent] = task.events.all()
        return events
