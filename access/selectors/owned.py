"""What a leaver owns here and has to hand on."""

from dataclasses import dataclass

from access.facts import name_of
from access.models import Identification
from access.selectors.systems import for_workspace
from checks.models import Task
from integrations import selectors as integrations
from people.models import StaffMember


@dataclass(frozen=True)
class Owned:
    """What else a leaver owns here, to be handed on."""

    systems: tuple[str, ...]
    tasks: int
    accounts: int
    connections: tuple[str, ...]

    @property
    def any(self) -> bool:
        return bool(self.systems or self.tasks or self.accounts or self.connections)


def owned_by(staff: StaffMember, email: str) -> Owned:
    """Systems, tasks, accounts answered for and connections of the user with this address."""
    address = email.strip().lower()
    systems = for_workspace(staff.workspace).filter(owner__email=address, removed_at__isnull=True)
    connections = integrations.for_workspace(staff.workspace).filter(connected_by__email=address)
    open_tasks = Task.objects.filter(
        workspace=staff.workspace,
        owner__email=address,
        resolved_at__isnull=True,
        closed_at__isnull=True,
    )
    answered = Identification.objects.filter(owner_staff=staff, withdrawn_at__isnull=True)
    if not address:
        return Owned((), 0, answered.count(), ())
    return Owned(
        systems=tuple(name_of(each) for each in systems),
        tasks=open_tasks.count(),
        accounts=answered.count(),
        connections=tuple(each.organisation_name for each in connections),
    )
