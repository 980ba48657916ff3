"""Endpoints of sync runs: the run log, and deciding on a held list."""

import uuid
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from rest_framework import serializers

from integrations import selectors
from integrations import services as integrations
from integrations.models import SyncRun
from jobs.models import State
from workspaces.models import Workspace
from workspaces.rest.bodies import Body, ListQuery
from workspaces.rest.endpoints import Item, Listing, acts
from workspaces.rest.fields import Choice, Id, Text

MOST_SHOWN = 500


class SyncRunData(serializers.ModelSerializer[SyncRun]):
    hold_reasons = serializers.ListField(child=serializers.CharField(), read_only=True)
    snapshot_digest = serializers.CharField(
        source="snapshot.digest", default=None, allow_null=True, help_text="SHA-256 of the list."
    )

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


class SyncRunQuery(ListQuery):
    connection = Id(required=False, help_text="Runs of this connection.")
    state = Choice(choices=State.choices, required=False)


class ReasonInput(Body):
    reason = Text(max_length=500, help_text="Kept in the record.")


class SyncRuns(Listing):
    """Sync runs, the newest first."""

    needs, answers, query = "integrations.view", SyncRunData, SyncRunQuery
    orderings = {"-created_at": ("-created_at", "-id"), "created_at": ("created_at", "id")}

    def rows(
        self, workspace: Workspace, connection: uuid.UUID | None = None, state: str = ""
    ) -> QuerySet[SyncRun]:
        rows = _rows(workspace)
        rows = rows.filter(connection_id=connection) if connection else rows
        return rows.filter(state=state) if state else rows


class OneSyncRun(Item):
    """One sync run: how far it is, what it found, or why it failed."""

    needs, answers = "integrations.view", SyncRunData

    def rows(self, workspace: Workspace) -> QuerySet[SyncRun]:
        return _rows(workspace)


class HeldRowData(serializers.Serializer[Any]):
    external_id = serializers.CharField(source="id")
    name = serializers.CharField()
    email = serializers.CharField()
    level = serializers.CharField()


class HeldData(serializers.Serializer[Any]):
    """What accepting the held list would do; of long lists the first 500."""

    reasons = serializers.ListField(child=serializers.CharField())
    accounts_before = serializers.IntegerField(source="previous_count")
    accounts_now = serializers.IntegerField(source="current_count")
    vanishing = HeldRowData(many=True, help_text="Who would vanish, unasked.")
    more = serializers.IntegerField(help_text="How many of these are left out.")
    asked_for = HeldRowData(many=True, help_text="Who would vanish, being asked to be removed.")


class Held(OneSyncRun):
    """What a held list would change; 404 where it is not held (any more)."""

    answers = HeldData  # type: ignore[assignment]

    def found(self) -> dict[str, Any]:
        run = super().found()
        hold = selectors.vanishing(run) if run.state == State.HELD else None
        if hold is None:
            raise Http404
        more = max(0, len(hold.vanishing) - MOST_SHOWN)
        shown = {"vanishing": hold.vanishing[:MOST_SHOWN], "asked_for": hold.expected[:MOST_SHOWN]}
        return vars(hold) | shown | {"more": more}


class _Decision(OneSyncRun):
    http_method_names = ["post"]
    needs_to_write = "integrations.decide"


class Accept(_Decision):
    @acts(takes=ReasonInput, answers=SyncRunData)
    def post(self, data: dict[str, Any], **kwargs: Any) -> SyncRun:
        """Let a held list become the current one.

        Not for whoever asked for the run, where there is another administrator.
        """
        return integrations.accept_held(self.found(), user=self.user, **data, by=self.by)


class Discard(_Decision):
    @acts(takes=ReasonInput, answers=SyncRunData)
    def post(self, data: dict[str, Any], **kwargs: Any) -> SyncRun:
        """Throw a held list away; the list before it stays the current one."""
        return integrations.discard_held(self.found(), user=self.user, **data, by=self.by)


def _rows(workspace: Workspace) -> QuerySet[SyncRun]:
    rows = SyncRun.objects.filter(workspace=workspace)
    return rows.select_related("snapshot", "workspace", "connection").defer("snapshot__content")
