"""Endpoints of critical systems, their accounts, checks and tasks, for tools that read."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django_filters import rest_framework as filters
from rest_framework import serializers

from access import selectors
from access.models import Account, CriticalSystem
from audit import clock
from checks import selectors as checks
from checks.models import Task, TaskEvent
from checks.rules import BY_ID
from checks.status import Status
from workspaces.models import Workspace
from workspaces.rest.endpoints import ScopedItem, ScopedList


class CheckData(serializers.Serializer[Any]):
    check = serializers.CharField()
    title = serializers.CharField()
    status = serializers.ChoiceField(choices=[each.value for each in Status])
    left = serializers.IntegerField(help_text="Tasks that are Due or Critical.")
    failing = serializers.IntegerField()
    special_cases = serializers.IntegerField()
    waiting_for = serializers.CharField()
    summary = serializers.CharField()


class SystemData(serializers.Serializer[Any]):
    """The figures of the card."""

    id = serializers.UUIDField(source="system.pk")
    name = serializers.CharField()
    integration = serializers.CharField(source="system.integration")
    connection = serializers.UUIDField(source="system.connection_id", allow_null=True)
    connection_state = serializers.CharField(source="state.code")
    stale = serializers.BooleanField(source="state.stale")
    read_at = serializers.DateTimeField(allow_null=True)
    accounts = serializers.IntegerField()
    privileged = serializers.IntegerField()
    unidentified = serializers.IntegerField()
    added_at = serializers.DateTimeField(source="system.added_at")
    removed_at = serializers.DateTimeField(source="system.removed_at", allow_null=True)
    checks = serializers.SerializerMethodField()

    def get_checks(self, card: selectors.Card) -> list[dict[str, Any]]:
        return [
            {
                "check": each.check_id,
                "title": title,
                "status": each.status.value,
                "left": each.left,
                "failing": each.failing,
                "special_cases": each.special,
                "waiting_for": each.waiting_for,
                "summary": each.summary,
            }
            for title, each in card.check_titles()
        ]


class SystemList(serializers.ListSerializer[Any]):
    """Cards are read together, not one by one."""

    def to_representation(self, data: Any) -> list[Any]:
        return super().to_representation(selectors.cards(data, clock.now()))


class SystemRow(SystemData):
    class Meta:
        list_serializer_class = SystemList

    def to_representation(self, instance: Any) -> Any:
        if isinstance(instance, CriticalSystem):
            (instance,) = selectors.cards([instance], clock.now())
        return super().to_representation(instance)


class AccountData(serializers.ModelSerializer[Account]):
    identified_as = serializers.SerializerMethodField()
    staff = serializers.SerializerMethodField()

    class Meta:
        model = Account
        fields = (
            "id",
            "external_id",
            "name",
            "email",
            "level",
            "is_subscriber",
            "present",
            "first_seen_at",
            "last_seen_at",
            "gone_at",
            "identified_as",
            "staff",
        )

    def get_identified_as(self, account: Any) -> str | None:
        return account.current[0].kind if account.current else None

    def get_staff(self, account: Any) -> str | None:
        current = account.current[0] if account.current else None
        return str(current.staff_id) if current is not None and current.staff_id else None


class TaskData(serializers.ModelSerializer[Task]):
    check = serializers.CharField(source="check_id")
    title = serializers.SerializerMethodField()
    status = serializers.SerializerMethodField()
    system = serializers.UUIDField(source="system_id")

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

    def get_status(self, task: Any) -> str:
        word: str = checks.RANKED[task.code].value
        return word


class TaskEventData(serializers.ModelSerializer[TaskEvent]):
    class Meta:
        model = TaskEvent
        fields = ("id", "at", "kind", "why", "evaluation")


class TaskFilter(filters.FilterSet):  # type: ignore[misc]
    check = filters.CharFilter(field_name="check_id")
    status = filters.ChoiceFilter(
        choices=[(each.value, each.value) for each in Status], method="by_status"
    )

    # Plain ids: a foreign one finds nothing, exactly as one that does not exist.
    system = filters.UUIDFilter(field_name="system_id")
    owner = filters.UUIDFilter(field_name="owner_id")

    class Meta:
        model = Task
        fields = ("subject_id",)

    def by_status(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(code=checks.RANKED.index(Status(value)))


class Systems(ScopedList):
    """Critical systems with the figures of their cards."""

    needs, model, serializer_class = "access.view", CriticalSystem, SystemRow

    def rows(self, workspace: Workspace) -> QuerySet[CriticalSystem]:
        return selectors.for_workspace(workspace)

    def paginate_queryset(self, queryset: Any) -> Any:
        self.paginator.ordering = ("added_at", "id")  # type: ignore[union-attr]
        return super().paginate_queryset(queryset)


class OneSystem(ScopedItem):
    """One critical system with the figures of its card."""

    needs, model, serializer_class = "access.view", CriticalSystem, SystemRow

    def rows(self, workspace: Workspace) -> QuerySet[CriticalSystem]:
        return selectors.for_workspace(workspace)


class SystemAccounts(ScopedList):
    """Accounts of the system's current list."""

    needs, model, serializer_class = "access.view", Account, AccountData

    def rows(self, workspace: Workspace) -> QuerySet[Account]:
        system = get_object_or_404(selectors.for_workspace(workspace), pk=self.kwargs["pk"])
        return selectors.accounts(system)

    def paginate_queryset(self, queryset: Any) -> Any:
        self.paginator.ordering = ("first_seen_at", "id")  # type: ignore[union-attr]
        return super().paginate_queryset(queryset)


class Tasks(ScopedList):
    """Tasks of the workspace; `?status=`, `?check=`, `?system=`, `?subject_id=`, `?owner=`."""

    needs, model, serializer_class = "tasks.view", Task, TaskData
    filterset_class = TaskFilter

    def rows(self, workspace: Workspace) -> QuerySet[Any]:
        return checks.tasks(workspace, clock.now())


class OneTask(ScopedItem):
    """One task."""

    needs, model, serializer_class = "tasks.view", Task, TaskData

    def rows(self, workspace: Workspace) -> QuerySet[Any]:
        return checks.tasks(workspace, clock.now())


class TaskEvents(ScopedList):
    """The history of one task."""

    needs, model, serializer_class = "tasks.view", TaskEvent, TaskEventData

    def rows(self, workspace: Workspace) -> QuerySet[TaskEvent]:
        task = get_object_or_404(Task, workspace=workspace, pk=self.kwargs["pk"])
        return task.events.all()

    def paginate_queryset(self, queryset: Any) -> Any:
        self.paginator.ordering = ("at", "id")  # type: ignore[union-attr]
        return super().paginate_queryset(queryset)
