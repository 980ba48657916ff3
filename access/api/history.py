"""Endpoints of the past: a check's last 90 days, and what came, changed and went in a system."""

import uuid
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from rest_framework import serializers

from access import selectors
from access.api.systems import STATUSES
from access.models import SystemGap
from audit import clock
from checks.rules import BY_ID
from checks.status import Status
from checks.timeline import Day
from workspaces import keyset
from workspaces.models import Workspace
from workspaces.rest.bodies import Query
from workspaces.rest.endpoints import Listing, Whole
from workspaces.rest.fields import Choice, Id, shown_as

KINDS = ("came", "returned", "changed", "went", "stopped", "resumed")


class CountData(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=STATUSES)
    tasks = serializers.IntegerField()


class DayData(serializers.Serializer[Day]):
    """A check on one day of the workspace's zone, as it stood when the day ended; today, as now."""

    day = serializers.DateField()
    monitored = serializers.BooleanField(help_text="False: no system was under control.")
    status = serializers.SerializerMethodField(
        help_text="Null where nothing was monitored, or nothing was there to judge."
    )
    counts = serializers.SerializerMethodField()

    @shown_as(Choice(choices=STATUSES, allow_null=True))
    def get_status(self, day: Day) -> str | None:
        return day.status.value if day.status is not None else None

    @shown_as(CountData(many=True))
    def get_counts(self, day: Day) -> list[dict[str, Any]]:
        return [
            {"status": of.value, "tasks": day.counts[of]} for of in Status if day.counts.get(of)
        ]


class DaysQuery(Query):
    system = Id(required=False, help_text="Of this system alone, removed ones too; absent: all.")


class CheckDays(Whole):
    """The last 90 days of a check, the oldest first and today last."""

    needs, answers, query = "tasks.view", DayData, DaysQuery

    def things(self, workspace: Workspace, system: uuid.UUID | None = None) -> list[Day]:
        how = {"check_id": self.kwargs["check_id"], "now": clock.now()}
        if how["check_id"] not in BY_ID:
            raise Http404
        rows = selectors.for_workspace(workspace)
        if system is None:
            systems = list(rows.filter(removed_at__isnull=True))
        else:
            systems = [get_object_or_404(rows, pk=system)]
        live = [each for each in systems if each.removed_at is None]
        present = selectors.checks_now(live, **how).values()
        return selectors.check_days(workspace, systems, **how, present=present)


class SaidData(serializers.Serializer[Any]):
    what = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()


class GapData(serializers.ModelSerializer[SystemGap]):
    class Meta:
        model = SystemGap
        fields = ("cause", "reason", "began_at", "ended_at")


class HappeningData(serializers.Serializer[selectors.Change]):
    """An account that came, returned, changed or went; monitoring that stopped or resumed."""

    at = serializers.DateTimeField()
    kind = serializers.ChoiceField(choices=KINDS)
    account = serializers.UUIDField(source="account_id", allow_null=True)
    name = serializers.CharField(source="label", help_text="Of the account, as it was then.")
    level = serializers.CharField(help_text="Its role there, in words.")
    privileged = serializers.BooleanField()
    raised = serializers.BooleanField(help_text="Whether the role is above the one before.")
    changes = serializers.SerializerMethodField()
    gap = GapData(allow_null=True, help_text="Why and how long nobody looked.")

    @shown_as(SaidData(many=True))
    def get_changes(self, line: selectors.Change) -> list[dict[str, str]]:
        return [dict(zip(("what", "before", "after"), each, strict=True)) for each in line.said]


class SystemHistory(Listing):
    """What happened in a system, the latest first: its accounts, and when nobody looked.

    Removing a system and giving a connection up stop the monitoring; adding and connecting it
    again resume it.
    """

    needs, answers = "access.view", HappeningData
    orderings = {"-at": selectors.HISTORY_KEYS}

    def page(self, *, where: dict[str, Any], **_: Any) -> keyset.Page[selectors.Change]:
        systems = selectors.for_workspace(self.workspace)
        return selectors.changes(get_object_or_404(systems, pk=self.kwargs["pk"]), **where)
