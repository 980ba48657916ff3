"""The endpoint of leavers: who has left, and what became of each of their accounts."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from access import selectors
from access.selectors import Found
from audit import clock
from people import selectors as people
from people.models import StaffMember
from workspaces.models import Workspace
from workspaces.rest.bodies import ListQuery
from workspaces.rest.endpoints import Listing, Serializer
from workspaces.rest.fields import Choice, Text

FOUND = [each.value for each in Found]


class LeaversAccountData(serializers.Serializer[Any]):
    account = serializers.UUIDField(source="account.pk")
    system = serializers.CharField(source="system_name")
    level = serializers.CharField()
    gone_at = serializers.DateTimeField(
        allow_null=True, help_text="When it was first missing; null while it opens doors."
    )


class LeaverData(serializers.Serializer[Any]):
    staff = serializers.UUIDField(source="staff.pk")
    name = serializers.CharField(source="staff.name")
    last_day = serializers.DateField(source="staff.last_day", allow_null=True)
    access_ends_at = serializers.DateTimeField(source="staff.access_ends_at")
    found = serializers.ChoiceField(choices=FOUND)
    days = serializers.IntegerField(
        allow_null=True, help_text="From the end of access to the removal; until now while Active."
    )
    unproven = serializers.BooleanField(
        help_text="Some system has no list since they left that still counts, or shows an account"
        " that may be theirs."
    )
    accounts = LeaversAccountData(many=True)


class LeaverQuery(ListQuery):
    found = Choice(choices=FOUND, required=False)
    search = Text(required=False, max_length=200, help_text="In names, addresses, external ids.")


class Offboarded(Listing):
    """People who have left, the latest first, with what they can still open."""

    needs, answers, query = "access.view", LeaverData, LeaverQuery
    orderings = {"-access_ends_at": people.KEYS[people.Order.LEAVING]}

    def rows(self, workspace: Workspace, **wanted: Any) -> QuerySet[StaffMember]:
        return selectors.offboarded(workspace, **wanted, now=clock.now())

    def present(self, serializer: Serializer, rows: Sequence[Any]) -> list[Any]:
        found = selectors.leavers(self.workspace, rows, clock.now())
        return super().present(serializer, found)
