"""Endpoints of whole lists of staff: taking one from another tool, saying that it is complete."""

from typing import Any

from rest_framework import serializers

from people import services as people
from people.addresses import LONGEST
from people.models import OrgRole, StaffList, StaffMember
from people.services.importing.upserting import MOST_ROWS
from workspaces.rest.bodies import Body
from workspaces.rest.endpoints import Endpoint, acts
from workspaces.rest.fields import Choice, Day, Flag, Text

ACTIONS = ("add", "change", "same", "choice", "problem")


class ImportRow(Body):
    """One person, known by `external_id` or e-mail; what is left out stays as it is."""

    name = Text(max_length=200, required=False)
    email = Text(max_length=LONGEST, required=False)
    external_id = Text(max_length=100, required=False)
    employment_type = Choice(choices=StaffMember.Employment.choices, required=False)
    org_roles = serializers.ListField(
        child=Text(max_length=OrgRole.LONGEST_NAME),
        max_length=100,
        required=False,
        help_text="Names of Org roles.",
    )
    manager = Text(
        max_length=LONGEST, required=False, help_text="The manager's e-mail or external id."
    )
    starts_on = Day(required=False)
    last_working_day = Day(required=False)
    on_leave = Flag(required=False)
    aliases = serializers.ListField(child=Text(max_length=LONGEST), max_length=50, required=False)
    same_person = Flag(
        required=False, help_text="Whether somebody who left and has this address is back."
    )


class ImportInput(Body):
    staff = serializers.ListField(child=ImportRow(), max_length=MOST_ROWS)
    complete = Flag(
        default=False,
        help_text="True: whoever of this source is missing here becomes a leaver. From then on send"
        " the whole list at least once in seven days; a silent tool's list makes passes Stale.",
    )
    accept_shrinking = Flag(
        default=False, help_text="Goes on where a complete list lacks suspiciously many."
    )
    create_roles = Flag(default=False, help_text="Creates Org roles that do not exist yet.")


class FaultData(serializers.Serializer[Any]):
    column = serializers.CharField()
    words = serializers.CharField()


class RowResultData(serializers.Serializer[Any]):
    row = serializers.IntegerField(help_text="Its place in the list, from 1.")
    action = serializers.ChoiceField(
        choices=ACTIONS,
        help_text="`choice`: say with `same_person` whether somebody who left is back.",
    )
    staff = serializers.UUIDField(source="staff_id", allow_null=True)
    problems = FaultData(many=True)


class ImportData(serializers.Serializer[Any]):
    """What became of each row."""

    results = RowResultData(many=True)
    left = serializers.ListField(
        child=serializers.UUIDField(), help_text="Who became leavers, being missing."
    )
    complete = serializers.BooleanField(help_text="False where a problem forbade to take it so.")


class Import(Endpoint):
    http_method_names = ["post"]
    needs, needs_to_write = "people.view", "people.edit"

    @acts(takes=ImportInput, answers=ImportData)
    def post(self, data: dict[str, Any]) -> people.Upserted:
        """Add and change many people at once.

        Rows with a problem are left out and told of; the others are saved. At most 5,000 a request.
        """
        rows = data.pop("staff")
        return people.upsert(self.workspace, rows, **data, by=self.by)


class StaffListData(serializers.ModelSerializer[StaffList]):
    class Meta:
        model = StaffList
        fields = ("confirmed_at", "confirmed_by")


class ConfirmComplete(Endpoint):
    http_method_names = ["post"]
    needs, needs_to_write = "people.view", "people.edit"

    @acts(answers=StaffListData)
    def post(self, data: dict[str, Any]) -> StaffList:
        """Say that everybody who works here is in the directory, and nobody else is current."""
        return people.confirm_complete(self.workspace, by=self.by)
