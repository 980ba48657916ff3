"""Endpoints of special cases: asking for one, and deciding as another person."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework import serializers

from audit import clock
from checks import selectors as checks
from checks import services as judging
from checks.models import SpecialCase
from workspaces.models import Workspace
from workspaces.rest.bodies import Body, ListQuery
from workspaces.rest.endpoints import Endpoint, Item, Listing, acts
from workspaces.rest.fields import Choice, Day, Text

Act = Callable[..., SpecialCase]


class SpecialCaseData(serializers.ModelSerializer[SpecialCase]):
    until = serializers.DateTimeField(
        allow_null=True, help_text="The end, or when it has to be confirmed by."
    )

    class Meta:
        model = SpecialCase
        fields = (
            "id",
            "task",
            "state",
            "reason",
            "note",
            "ends_at",
            "confirm_by",
            "until",
            "requested_at",
            "requested_by",
            "decided_at",
            "decided_by",
            "decision_note",
            "sole_admin",
            "ended_at",
            "ended_why",
            "file_name",
            "file_digest",
        )


class SpecialCaseQuery(ListQuery):
    state = Choice(choices=SpecialCase.State.choices, required=False)


class SpecialCaseInput(Body):
    reason = Choice(choices=SpecialCase.Reason.choices)
    note = Text(max_length=2000, help_text="Why; auditors read it.")
    ends_on = Day(allow_null=True, help_text="The last day; null: valid forever, confirmed yearly.")


class NoteInput(Body):
    note = Text(max_length=2000, default="", allow_blank=True)


class SpecialCases(Listing):
    """Special cases of the workspace, the newest first."""

    needs, answers, query = "tasks.view", SpecialCaseData, SpecialCaseQuery
    orderings = {
        "-requested_at": ("-requested_at", "-id"),
        "requested_at": ("requested_at", "id"),
    }

    def rows(self, workspace: Workspace, state: str = "") -> QuerySet[Any]:
        rows = checks.special_cases(workspace)
        return rows.filter(state=state) if state else rows


class OneSpecialCase(Item):
    """One special case: what was asked for, who decided, until when it holds."""

    needs, answers = "tasks.view", SpecialCaseData

    def rows(self, workspace: Workspace) -> QuerySet[Any]:
        return checks.special_cases(workspace)


class RequestSpecialCase(Endpoint):
    http_method_names = ["post"]
    needs, needs_to_write = "tasks.view", "tasks.edit"

    @acts(takes=SpecialCaseInput, answers=SpecialCaseData, status=201)
    def post(self, data: dict[str, Any], pk: Any) -> SpecialCase:
        """Ask that the fault of a task be accepted; nothing changes until it is approved."""
        task = get_object_or_404(checks.tasks(self.workspace, clock.now()), pk=pk)
        ends_on: date | None = data.pop("ends_on")
        return judging.request_special_case(
            task, **data, ends_on=ends_on, user=self.user, by=self.by
        )


class _Decision(OneSpecialCase):
    http_method_names = ["post"]
    needs_to_write = "special_cases.approve"

    def decide(self, act: Act, data: dict[str, Any]) -> Any:
        act(self.found(), **data, user=self.user, by=self.by)
        return self.found()


class Approve(_Decision):
    @acts(takes=NoteInput, answers=SpecialCaseData)
    def post(self, data: dict[str, Any], **kwargs: Any) -> Any:
        """Accept the fault as it is now; never one's own request where there is another admin."""
        return self.decide(judging.approve_special_case, data)


class Reject(_Decision):
    @acts(takes=NoteInput, answers=SpecialCaseData)
    def post(self, data: dict[str, Any], **kwargs: Any) -> Any:
        """Refuse a request; `note` tells whoever asked what to do instead."""
        return self.decide(judging.reject_special_case, data)


class Confirm(_Decision):
    @acts(answers=SpecialCaseData)
    def post(self, data: dict[str, Any], **kwargs: Any) -> Any:
        """Confirm for another year what is valid forever."""
        return self.decide(judging.confirm_special_case, data)


class Withdraw(_Decision):
    needs_to_write = "tasks.edit"

    @acts(answers=SpecialCaseData)
    def post(self, data: dict[str, Any], **kwargs: Any) -> Any:
        """Take back a request, or end early what is in force."""
        return self.decide(judging.withdraw_special_case, data)
