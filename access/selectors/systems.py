"""Readings of critical systems: which there are."""

from django.db.models import QuerySet

from access.models import CriticalSystem
from workspaces.models import Workspace


def for_workspace(workspace: Workspace) -> QuerySet[CriticalSystem]:
    """The critical systems of a workspace, removed ones included."""
    rows = CriticalSystem.objects.filter(workspace=workspace)
    return rows.select_related("workspace", "connection__connected_by", "owner").order_by(
        "added_at", "id"
    )
