"""Endpoints of members: who they are, what each may do, changing and ending it."""

from typing import Any

from django.db.models import F, QuerySet
from rest_framework import serializers

from audit import clock
from workspaces import selectors
from workspaces import services as workspaces
from workspaces.models import Membership, Workspace
from workspaces.permissions import Area, Role
from workspaces.rest.bodies import Body
from workspaces.rest.endpoints import Item, Listing, acts
from workspaces.rest.fields import Choice, Day, Instant

RIGHTS = ("role", "areas", "ends_at", "period_from", "period_to")
AREAS = serializers.ListField(
    child=serializers.ChoiceField(choices=Area.choices), help_text="None means all of them."
)


class MemberData(serializers.ModelSerializer[Membership]):
    user = serializers.UUIDField(source="user_id", help_text="As in `owner` of tasks.")
    email = serializers.CharField()
    name = serializers.CharField(source="user.name")
    areas = AREAS

    class Meta:
        model = Membership
        fields = ("id", "user", "email", "name", *RIGHTS, "created_at")


class RightsInput(Body):
    """What somebody may do, and until when."""

    role = Choice(choices=Role.choices)
    areas = serializers.ListField(
        child=Choice(choices=Area.choices),
        max_length=len(Area),
        required=False,
        help_text="What an editor is confined to; none means all of them.",
    )
    ends_at = Instant(required=False, allow_null=True, help_text="Needed for an auditor.")
    period_from = Day(required=False, allow_null=True, help_text="What an auditor looks at.")
    period_to = Day(required=False, allow_null=True)


def _rows(workspace: Workspace) -> QuerySet[Any]:
    rows = selectors.members(workspace, now=clock.now()).select_related("workspace")
    return rows.annotate(email=F("user__email"))


class Members(Listing):
    """Members whose membership has not ended."""

    needs, answers = "members.view", MemberData
    orderings = {"email": ("email", "id"), "-email": ("-email", "-id")}

    def rows(self, workspace: Workspace, **wanted: Any) -> QuerySet[Any]:
        return _rows(workspace)


class OneMember(Item):
    """One member."""

    needs, needs_to_write, answers = "members.view", "members.manage", MemberData

    def rows(self, workspace: Workspace) -> QuerySet[Any]:
        return _rows(workspace)

    @acts(takes=RightsInput, answers=MemberData, partial=True)
    def patch(self, data: dict[str, Any], **kwargs: Any) -> Any:
        """Change what a member may do; nobody grants more than they hold."""
        found, granter = self.found(), self.membership
        workspaces.change_member(found, rights=data, granter=granter, by=self.by)
        return self.found()

    @acts(status=204)
    def delete(self, data: dict[str, Any], **kwargs: Any) -> None:
        """End a membership now, with its tokens; the last admin stays."""
        workspaces.remove_member(self.found(), granter=self.membership, by=self.by)
