"""What a leaver owns here and has to hand on."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from access.facts import name_of
from access.models import Identification
from access.selectors.systems import for_workspace
from checks import selectors as checks
from checks.models import Task
from integrations import selectors as integrations
from people.addresses import normalise
from people.models import StaffMember
from workspaces import selectors as workspaces


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


def owned_by(staff: StaffMember, *, now: datetime) -> Owned:
    """Systems, tasks, accounts answered for and connections of the user with an address of theirs.

    Any present address will do, as where tasks are handed on: people sign in with an alias too.
    """
    workspace = staff.workspace
    theirs = staff.addresses.filter(until__isnull=True).exclude(normalised="")
    addresses = set(theirs.values_list("normalised", flat=True))
    members = workspaces.members(workspace).select_related("user")
    users = [each.user_id for each in members if normalise(each.user.email) in addresses]
    systems = for_workspace(workspace).filter(owner__in=users, removed_at__isnull=True)
    connections = integrations.for_workspace(workspace).filter(connected_by__in=users)
    open_tasks = Task.objects.filter(checks.unsolved(now), workspace=workspace, owner__in=users)
    answers = Q(owner_staff=staff) | Q(owner_user__in=users)
    answered = Identification.objects.filter(answers, workspace=workspace, withdrawn_at=None)
    return Owned(
        systems=tuple(name_of(each) for each in systems) if users else (),
        tasks=open_tasks.count() if users else 0,
        accounts=answered.count(),
        connections=tuple(each.organisation_name for each in connections) if users else (),
    )
