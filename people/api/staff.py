"""Endpoints of staff: the directory, adding, changing, offboarding, reinstating."""

import uuid
from typing import Any

from django.db.models import Q, QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from audit import clock
from people import days, selectors
from people import services as people
from people.addresses import LONGEST
from people.models import OrgRole, Source, StaffMember, StaffStatus
from people.selectors import Standing
from people.services import AccessEnds
from workspaces.models import Workspace
from workspaces.rest.bodies import Body, ListQuery
from workspaces.rest.endpoints import Item, Listing, acts
from workspaces.rest.fields import Choice, Day, Flag, Id, Ref, Text, shown_as

STATUSES = [*StaffStatus.values, Standing.STARTING.value]


class OrgRoleName(serializers.ModelSerializer[OrgRole]):
    class Meta:
        model = OrgRole
        fields = ("id", "name")


class StaffData(serializers.ModelSerializer[StaffMember]):
    email = serializers.CharField(allow_null=True, help_text="The work e-mail.")
    starts_on = serializers.DateField(allow_null=True)
    last_day = serializers.DateField(allow_null=True, help_text="The last working day.")
    access_ends_at = serializers.DateTimeField(allow_null=True)
    status = serializers.SerializerMethodField(
        help_text="`starting`: current staff whose first day is still ahead."
    )
    org_roles = OrgRoleName(many=True)
    owned_fields = serializers.ListField(
        child=serializers.CharField(), help_text="Fields that only the source may change."
    )

    class Meta:
        model = StaffMember
        fields = (
            "id",
            "name",
            "email",
            "external_id",
            "employment_type",
            "org_roles",
            "manager",
            "on_leave",
            "starts_on",
            "last_day",
            "access_ends_at",
            "status",
            "source",
            "owned_fields",
            "created_at",
        )

    @shown_as(Choice(choices=STATUSES))
    def get_status(self, staff: Any) -> str:
        return str(Standing.STARTING if staff.starting else staff.status)


class StaffQuery(ListQuery):
    search = Text(required=False, max_length=200, help_text="In names, addresses and external ids.")
    status = Choice(choices=STATUSES, required=False, help_text="Exactly this one.")
    source = Choice(choices=Source.choices, required=False)  # type: ignore[assignment]
    employment_type = Choice(choices=StaffMember.Employment.choices, required=False)
    org_role = Id(required=False, help_text="People with this Org role.")


class StaffChange(Body):
    """What is known of a person; e-mail or external id is required."""

    name = Text(max_length=200)
    email = Text(max_length=LONGEST, allow_blank=True, required=False)
    external_id = Text(max_length=100, allow_blank=True, required=False)
    employment_type = Choice(choices=StaffMember.Employment.choices, required=False)
    org_roles = serializers.ListField(
        child=Ref(selectors.org_roles), max_length=100, required=False
    )
    manager = Ref(selectors.for_workspace, required=False, allow_null=True)
    starts_on = Day(required=False, allow_null=True)
    on_leave = Flag(required=False, help_text="Away for a while, and still current staff.")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "new-starter",
            {
                "name": "New Starter",
                "email": "new.starter@example.test",
                "external_id": "1042",
                "starts_on": "2027-04-01",
            },
        )
    ]
)
class StaffInput(StaffChange):
    last_day = Day(
        required=False, allow_null=True, help_text="For somebody who is leaving or has left."
    )


@extend_schema_serializer(
    examples=[OpenApiExample("leaver", {"last_day": "2027-03-31", "access_ends": "end_of_day"})]
)
class OffboardInput(Body):
    last_day = Day(required=False, allow_null=True, help_text="The last working day.")
    access_ends = Choice(
        choices=[each.value for each in AccessEnds], default=AccessEnds.END_OF_DAY.value
    )
    reason = Text(
        max_length=500, default="", allow_blank=True, help_text="Needed to move a recorded leaving."
    )


class ReinstateInput(Body):
    starts_on = Day(
        required=False, allow_null=True, help_text="Of somebody who had left; absent: today."
    )


class Staff(Listing):
    """People of the directory, current and former."""

    needs, needs_to_write = "people.view", "people.edit"
    answers, query = StaffData, StaffQuery
    orderings = {
        "name": ("sort_name", "id"),
        "-name": ("-sort_name", "-id"),
        "created_at": ("created_at", "id"),
        "-created_at": ("-created_at", "-id"),
    }

    def rows(self, workspace: Workspace, **wanted: Any) -> QuerySet[StaffMember]:
        now, status = clock.now(), wanted.get("status", "")
        today = days.today(now, workspace.zone)
        rows = selectors.directory(workspace, **wanted, today=today, now=now)
        if status not in (Standing.CURRENT, Standing.STARTING):
            return rows
        return rows.filter(Q(starting=status == Standing.STARTING))

    @acts(takes=StaffInput, answers=StaffData, status=201)
    def post(self, data: dict[str, Any]) -> StaffMember:
        """Add a person to the directory.

        With `last_day` they leave at the end of it.
        """
        added = people.add(self.workspace, **data, by=self.by)
        return _standing(self.workspace, added.pk)


class OneStaffMember(Item):
    """One person of the directory."""

    needs, needs_to_write, answers = "people.view", "people.edit", StaffData

    def rows(self, workspace: Workspace) -> QuerySet[StaffMember]:
        return selectors.standing(workspace, now=clock.now()).prefetch_related("org_roles")

    @acts(takes=StaffChange, answers=StaffData, partial=True)
    def patch(self, data: dict[str, Any], **kwargs: Any) -> StaffMember:
        """Change what is known of a person; what is left out stays as it is."""
        people.change(self.found(), **data, by=self.by)
        return self.found()  # type: ignore[no-any-return]


class _Act(OneStaffMember):
    http_method_names = ["post"]


class Offboard(_Act):
    @acts(takes=OffboardInput, answers=StaffData)
    def post(self, data: dict[str, Any], **kwargs: Any) -> StaffMember:
        """Record that a person leaves, or move the day.

        Tasks to remove their access open in this request where access has ended.
        """
        people.offboard(self.found(), **({"last_day": None} | data), by=self.by)
        return self.found()  # type: ignore[no-any-return]


class Reinstate(_Act):
    @acts(takes=ReinstateInput, answers=StaffData)
    def post(self, data: dict[str, Any], **kwargs: Any) -> StaffMember:
        """Withdraw a leaving that is still ahead, or take back a person who left."""
        people.reinstate(self.found(), **data, by=self.by)
        return self.found()  # type: ignore[no-any-return]


class MergeStaffInput(Body):
    duplicate = Ref(selectors.for_workspace, help_text="The record that is given up.")


class Merge(_Act):
    @acts(takes=MergeStaffInput, answers=StaffData)
    def post(self, data: dict[str, Any], **kwargs: Any) -> StaffMember:
        """Let all that is known of a duplicate be this person's; it is final."""
        people.merge(self.found(), **data, by=self.by)
        return self.found()  # type: ignore[no-any-return]


def _standing(workspace: Workspace, pk: uuid.UUID) -> StaffMember:
    return selectors.staff_member(workspace, pk, now=clock.now())
