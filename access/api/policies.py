"""Endpoints of policies: how long faults may last here, the working week and the holidays."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404
from rest_framework import serializers

from checks import selectors as checks
from checks import services as judging
from checks.facts import Policy
from checks.forms import CalendarForm
from checks.models import CheckPolicy
from integrations.catalog import CATALOG
from workspaces.models import Workspace
from workspaces.rest.bodies import Body
from workspaces.rest.endpoints import Whole, acts
from workspaces.rest.fields import Day, Flag, Number, Text, shown_as


class PolicyData(serializers.Serializer[Any]):
    check = serializers.CharField(source="check.id")
    title = serializers.SerializerMethodField()
    grace_days = serializers.IntegerField(
        source="policy.grace_days", help_text="From the start of a fault to its deadline."
    )
    window_days = serializers.IntegerField(
        source="policy.window_days",
        help_text="So many days before it a task turns Critical; if more, from its start.",
    )
    business_days = serializers.BooleanField(
        source="policy.business_days", help_text="Whether only days of the calendar count."
    )
    is_default = serializers.SerializerMethodField()
    changed_at = serializers.DateTimeField(allow_null=True)
    changed_by = serializers.CharField()

    def get_title(self, row: checks.PolicyRow) -> str:
        return row.check.title(CATALOG["xero"].name)

    @shown_as(serializers.BooleanField())
    def get_is_default(self, row: checks.PolicyRow) -> bool:
        return row.policy == row.check.default_policy


class PolicyInput(Body):
    grace_days = Number(min_value=0, max_value=CheckPolicy.MOST_GRACE)
    window_days = Number(min_value=0, max_value=CheckPolicy.MOST_WINDOW)
    business_days = Flag()


class Policies(Whole):
    """The policy of each check."""

    needs, answers = "tasks.view", PolicyData

    def things(self, workspace: Workspace) -> Sequence[checks.PolicyRow]:
        return checks.policy_rows(workspace)


class OnePolicy(Whole):
    """The policy of one check."""

    needs, needs_to_write = "tasks.view", "workspace.administer"
    answers, many = PolicyData, False

    def things(self, workspace: Workspace) -> checks.PolicyRow:
        wanted = self.kwargs["check_id"]
        for row in checks.policy_rows(workspace):
            if row.check.id == wanted:
                return row
        raise Http404

    @acts(takes=PolicyInput, answers=PolicyData)
    def put(self, data: dict[str, Any], check_id: str) -> checks.PolicyRow:
        """Set the policy of a check; tasks that exist keep their deadlines."""
        self.things(self.workspace)
        judging.set_policy(
            self.workspace, check_id=check_id, policy=Policy(**data), user=self.user, by=self.by
        )
        return self.things(self.workspace)


class HolidayData(serializers.Serializer[Any]):
    day = serializers.DateField()
    name = serializers.CharField()


class CalendarData(serializers.Serializer[Any]):
    """The days that count as business days."""

    working_days = serializers.ListField(
        child=serializers.IntegerField(), help_text="Monday is 0, Sunday is 6."
    )
    holidays = HolidayData(many=True)


class HolidayInput(Body):
    day = Day()
    name = Text(max_length=100, allow_blank=True, default="")


class CalendarInput(Body):
    working_days = serializers.ListField(
        child=Number(min_value=0, max_value=6), min_length=1, max_length=7
    )
    holidays = serializers.ListField(child=HolidayInput(), max_length=CalendarForm.MOST)


class Calendar(Whole):
    """The working week and the holidays, for checks that count in business days."""

    needs, needs_to_write = "tasks.view", "workspace.administer"
    answers, many = CalendarData, False

    def things(self, workspace: Workspace) -> dict[str, Any]:
        holidays = checks.holidays(checks.work_calendar(workspace))
        return {
            "working_days": sorted(checks.calendar(workspace).working_days),
            "holidays": [{"day": day, "name": name} for day, name in holidays],
        }

    @acts(takes=CalendarInput, answers=CalendarData)
    def put(self, data: dict[str, Any]) -> dict[str, Any]:
        """Replace the calendar whole; tasks that exist keep their deadlines."""
        holidays = [(each["day"], each["name"]) for each in data.pop("holidays")]
        judging.set_calendar(self.workspace, **data, holidays=holidays, user=self.user, by=self.by)
        return self.things(self.workspace)
