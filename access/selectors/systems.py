"""Readings of critical systems: which there are, and which could be added."""

from dataclasses import dataclass

from django.db.models import F, Q, QuerySet

from access.models import CriticalSystem
from integrations.models import Connection
from workspaces.models import Workspace


def for_workspace(workspace: Workspace) -> QuerySet[CriticalSystem]:
    """The critical systems of a workspace, removed ones included."""
    rows = CriticalSystem.objects.filter(workspace=workspace)
    return rows.select_related("workspace", "connection__connected_by", "owner").order_by(
        "added_at", "id"
    )


@dataclass(frozen=True)
class SystemChoice:
    """What "Add a critical system" can offer: organisations without a card, and what has one."""

    free: tuple[Connection, ...]
    controlled: tuple[CriticalSystem, ...]

    @property
    def waiting(self) -> CriticalSystem | None:
        """The card that takes the next organisation that gets connected."""
        return next((each for each in self.controlled if each.connection_id is None), None)


def system_choice(workspace: Workspace) -> SystemChoice:
    """Organisations that may be added, readable ones first; those of removed systems among them."""
    rows = Connection.objects.filter(workspace=workspace).exclude(
        Q(criticalsystem__isnull=False) & Q(criticalsystem__removed_at__isnull=True)
    )
    free = rows.order_by(F("disconnected_at").asc(nulls_first=True), "organisation_name", "id")
    controlled = for_workspace(workspace).filter(removed_at__isnull=True)
    return SystemChoice(tuple(free[:200]), tuple(controlled[:200]))
