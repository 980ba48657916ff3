"""The endpoint of the workspace itself: its name and its time zone."""

from typing import Any

from rest_framework import serializers

from workspaces import services as workspaces
from workspaces.models import Workspace
from workspaces.rest.bodies import Body
from workspaces.rest.endpoints import Whole, acts
from workspaces.rest.fields import Text


class WorkspaceData(serializers.ModelSerializer[Workspace]):
    zone = serializers.CharField(help_text="IANA name; deadlines and ends of days count in it.")

    class Meta:
        model = Workspace
        fields = ("id", "name", "zone", "created_at")


class WorkspaceInput(Body):
    name = Text(max_length=200, required=False)
    zone = Text(max_length=60, required=False, help_text="IANA name, for example Europe/London.")


class OneWorkspace(Whole):
    """The workspace that the token belongs to."""

    needs, needs_to_write = "workspace.view", "workspace.administer"
    answers, many = WorkspaceData, False

    def things(self, workspace: Workspace) -> Workspace:
        return workspace

    @acts(takes=WorkspaceInput, answers=WorkspaceData, partial=True)
    def patch(self, data: dict[str, Any]) -> Workspace:
        """Change the name or the zone; a change of the zone touches new tasks only."""
        return workspaces.change_settings(self.workspace, **data, by=self.by)
