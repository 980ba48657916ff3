"""Endpoints of special cases: asking for one with a file, and deciding as another person."""

from base64 import b64encode
from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from rest_framework import serializers

from audit import clock
from checks import attachments
from checks import selectors as checks
from checks import services as judging
from checks.models import SpecialCase
from workspaces.models import Workspace
from workspaces.rest.bodies import Body, ListQuery
from workspaces.rest.endpoints import Endpoint, Item, Listing, acts
from workspaces.rest.fields import Base64, Choice, Day, Text
from workspaces.rest.parsing import JSONWithFile

Act = Callable[..., SpecialCase]


class SpecialCaseData(serializers.ModelSerializer[SpecialCase]):
    """As the clock has it: one past its end has ended, whether or not a worker came by."""

    state = serializers.ChoiceField(choices=SpecialCase.State.choices, source="standing")
    ended_at = serializers.DateTimeField(source="over_at", allow_null=True)
    ended_why = serializers.CharField(source="over_why")
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
            "confirmed_at",
            "confirmed_by",
            "ended_at",
            "ended_why",
            "file_name",
            "file_digest",
        )


class SpecialCaseQuery(ListQuery):
    state = Choice(choices=SpecialCase.State.choices, required=False)


class FileInput(Body):
    name = Text(max_length=255, help_text=f"With its ending: {attachments.NAMES}.")
    content = Base64(largest=attachments.LARGEST, help_text="At most 5 MB before the encoding.")


class SpecialCaseInput(Body):
    reason = Choice(choices=SpecialCase.Reason.choices)
    note = Text(max_length=2000, help_text="Why; auditors read it.")
    ends_on = Day(allow_null=True, help_text="The last day; null: valid forever, confirmed yearly.")
    file = FileInput(required=False, help_text="What shows that it is so, such as an agreement.")


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
        rows = checks.special_cases(workspace, now=clock.now())
        return rows.filter(standing=state) if state else rows


class OneSpecialCase(Item):
    """One special case: what was asked for, who decided, until when it holds."""

    needs, answers = "tasks.view", SpecialCaseData

    def rows(self, workspace: Workspace) -> QuerySet[Any]:
        return checks.special_cases(workspace, now=clock.now())


class RequestSpecialCase(Endpoint):
    http_method_names = ["post"]
    needs, needs_to_write = "tasks.view", "tasks.edit"
    parser_classes = (JSONWithFile,)

    @acts(takes=SpecialCaseInput, answers=SpecialCaseData, status=201)
    def post(self, data: dict[str, Any], pk: Any) -> Any:
        """Ask that the fault of a task be accepted; nothing changes until it is approved."""
        now = clock.now()
        task = get_object_or_404(checks.tasks(self.workspace, now), pk=pk)
        file = data.pop("file", None)
        attachment = judging.Attachment(**file) if file else None
        case = judging.request_special_case(
            task, **data, attachment=attachment, user=self.user, by=self.by
        )
        return checks.special_cases(self.workspace, now=now).get(pk=case.pk)


class FileData(serializers.Serializer[Any]):
    name = serializers.CharField()
    type = serializers.CharField(help_text="Its media type.")
    digest = serializers.CharField(help_text="SHA-256 of the file, in hex.")
    content = serializers.CharField(help_text="The file in Base64.")


class File(Item):
    """The file of a special case; 404 where there is none, or it is no longer what it was."""

    needs, answers = "tasks.view", FileData

    def rows(self, workspace: Workspace) -> QuerySet[Any]:
        return checks.special_cases(workspace, now=clock.now())

    def found(self) -> dict[str, str]:
        case = super().found()
        content = attachments.read(case.file_digest) if case.file_digest else None
        if content is None:
            raise Http404
        return {
            "name": case.file_name,
            "type": attachments.KINDS[case.file_kind].mime,
            "digest": case.file_digest,
            "content": b64encode(content).decode(),
        }


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
        """Confirm for another year what is valid forever; as with approving, another admin than asked."""
        return self.decide(judging.confirm_special_case, data)


class Withdraw(_Decision):
    needs_to_write = "tasks.edit"

    @acts(answers=SpecialCaseData)
    def post(self, data: dict[str, Any], **kwargs: Any) -> Any:
        """Take back a request, or end early what is in force."""
        return self.decide(judging.withdraw_special_case, data)
