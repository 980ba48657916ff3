"""Endpoints of Org roles: the company's job roles and how many people have each."""

from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Lower
from rest_framework import serializers

from audit import clock
from people import selectors
from people import services as people
from people.models import OrgRole
from workspaces.models import Workspace
from workspaces.rest.bodies import Body
from workspaces.rest.endpoints import Endpoint, Item, Listing, acts
from workspaces.rest.fields import Ref, Refs, Text


class OrgRoleData(serializers.ModelSerializer[OrgRole]):
    people = serializers.IntegerField(help_text="How many have it who are here now.")

    class Meta:
        model = OrgRole
        fields = ("id", "name", "people", "created_at")


class OrgRoleInput(Body):
    name = Text(max_length=OrgRole.LONGEST_NAME)


class MergeRolesInput(Body):
    into = Ref(selectors.org_roles, help_text="The Org role that remains.")


def _rows(workspace: Workspace) -> QuerySet[OrgRole]:
    return selectors.org_roles(workspace, now=clock.now()).annotate(sort_name=Lower("name"))


class OrgRoles(Listing):
    """Org roles of the company."""

    needs, needs_to_write, answers = "people.view", "people.edit", OrgRoleData
    orderings = {"name": ("sort_name", "id"), "-name": ("-sort_name", "-id")}

    def rows(self, workspace: Workspace, **wanted: Any) -> QuerySet[OrgRole]:
        return _rows(workspace)

    @acts(takes=OrgRoleInput, answers=OrgRoleData, status=201)
    def post(self, data: dict[str, Any]) -> OrgRole:
        """Create an Org role."""
        made = people.create_org_role(self.workspace, **data, by=self.by)
        return _rows(self.workspace).get(pk=made.pk)


class OneOrgRole(Item):
    """One Org role."""

    needs, needs_to_write, answers = "people.view", "people.edit", OrgRoleData

    def rows(self, workspace: Workspace) -> QuerySet[OrgRole]:
        return _rows(workspace)

    @acts(takes=OrgRoleInput, answers=OrgRoleData)
    def patch(self, data: dict[str, Any], **kwargs: Any) -> OrgRole:
        """Give an Org role another name; who has it and what it allows stay."""
        people.rename_org_role(self.found(), **data, by=self.by)
        return self.found()  # type: ignore[no-any-return]

    @acts(status=204)
    def delete(self, data: dict[str, Any], **kwargs: Any) -> None:
        """Delete an Org role that nobody has and no rule lists."""
        people.delete_org_role(self.found(), by=self.by)


class Merge(OneOrgRole):
    http_method_names = ["post"]

    @acts(takes=MergeRolesInput, answers=OrgRoleData)
    def post(self, data: dict[str, Any], **kwargs: Any) -> OrgRole:
        """Let everybody with this Org role have another one; rules follow, and it is final."""
        kept = people.merge_org_roles(self.found(), **data, by=self.by)
        return _rows(self.workspace).get(pk=kept.pk)


class ChangeRolesInput(Body):
    staff = Refs(selectors.for_workspace, min_length=1, max_length=500)
    add = Refs(selectors.org_roles, max_length=100, required=False)
    remove = Refs(selectors.org_roles, max_length=100, required=False)


class ChangedData(serializers.Serializer[Any]):
    changed = serializers.IntegerField(help_text="How many people have other Org roles now.")


class ChangeRoles(Endpoint):
    http_method_names = ["post"]
    needs, needs_to_write = "people.view", "people.edit"

    @acts(takes=ChangeRolesInput, answers=ChangedData)
    def post(self, data: dict[str, Any]) -> dict[str, int]:
        """Give Org roles to several people, or take them away; for all of them, or nobody."""
        staff = data.pop("staff")
        return {"changed": people.change_org_roles(staff, **data, by=self.by)}
