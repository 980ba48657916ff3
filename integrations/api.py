"""Endpoints of connections and sync runs, for tools that read."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from rest_framework import serializers

from audit import clock
from integrations import selectors
from integrations.models import Connection, SyncRun
from workspaces.models import Workspace
from workspaces.rest.endpoints import ScopedItem, ScopedList


class ConnectionData(serializers.ModelSerializer[Connection]):
    state = serializers.SerializerMethodField()
    stale = serializers.SerializerMethodField()
    accounts = serializers.SerializerMethodField()

    class Meta:
        model = Connection
        fields = (
            "id",
            "integration",
            "organisation_id",
            "organisation_name",
            "state",
            "stale",
            "trouble",
            "accounts",
            "read_at",
            "next_sync_at",
            "connected_at",
            "disconnected_at",
            "created_at",
        )

    def _state(self, connection: Connection) -> selectors.ConnectionState:
        """The states of a whole page are read at once."""
        if not hasattr(self, "states"):
            rows: Any = self.parent.instance if self.parent else [connection]
            self.states = selectors.connection_states(rows, clock.now())
        return self.states[connection.pk]

    def get_state(self, connection: Connection) -> str:
        return self._state(connection).code

    def get_accounts(self, connection: Connection) -> int | None:
        return connection.snapshot.accounts if connection.snapshot else None

    def get_stale(self, connection: Connection) -> bool:
        return self._state(connection).stale


class SyncRunData(serializers.ModelSerializer[SyncRun]):
    snapshot_digest = serializers.CharField(source="snapshot.digest", default=None)

    class Meta:
        model = SyncRun
        fields = (
            "id",
            "connection",
            "state",
            "trigger",
            "step",
            "found",
            "pages",
            "added",
            "changed",
            "removed",
            "error_code",
            "error",
            "hold_reasons",
            "decision",
            "snapshot_digest",
            "created_at",
            "started_at",
            "read_at",
            "finished_at",
        )


class SyncRunFilter(filters.FilterSet):  # type: ignore[misc]
    # A plain id: a foreign one finds nothing, exactly as one that does not exist.
    connection = filters.UUIDFilter(field_name="connection_id")

    class Meta:
        model = SyncRun
        fields = ("state",)


class Connections(ScopedList):
    """Connections of the workspace, oldest first."""

    needs, model, serializer_class = "integrations.view", Connection, ConnectionData

    def rows(self, workspace: Workspace) -> QuerySet[Connection]:
        return selectors.for_workspace(workspace).select_related("snapshot")


class OneConnection(ScopedItem):
    """One connection."""

    needs, model, serializer_class = "integrations.view", Connection, ConnectionData

    def rows(self, workspace: Workspace) -> QuerySet[Connection]:
        return selectors.for_workspace(workspace).select_related("snapshot")


class SyncRuns(ScopedList):
    """Sync runs of the workspace, oldest first; `?connection=` and `?state=` narrow it."""

    needs, model, serializer_class = "integrations.view", SyncRun, SyncRunData
    filterset_class = SyncRunFilter

    def rows(self, workspace: Workspace) -> QuerySet[SyncRun]:
        return SyncRun.objects.filter(workspace=workspace).select_related("snapshot")


class OneSyncRun(ScopedItem):
    """One sync run."""

    needs, model, serializer_class = "integrations.view", SyncRun, SyncRunData

    def rows(self, workspace: Workspace) -> QuerySet[SyncRun]:
        return SyncRun.objects.filter(workspace=workspace).select_related("snapshot")
