"""Tasks whose owner is no longer there: they go to the system's owner, else to the admins."""

from datetime import datetime, timedelta

from django.db.models import Q

from access.models import CriticalSystem
from audit.services import Act
from checks import services as checks
from checks.models import JudgedSystem, Task
from people import selectors as people
from people.addresses import normalise
from people.models import EmploymentPeriod
from workspaces import selectors as workspaces
from workspaces.models import Membership, User, Workspace

LATELY = timedelta(days=2)


def hand_on_tasks(workspace: Workspace, *, act: Act) -> int:
    """Within an act: hand on the open tasks of everybody who has left; returns how many."""
    gone = _gone(workspace, act)
    if not gone:
        return 0
    total = 0
    for system in CriticalSystem.objects.filter(workspace=workspace).select_related("owner"):
        owner = (
            system.owner if system.owner and not _is_gone(system.owner, workspace, act) else None
        )
        judged = JudgedSystem.objects.get(pk=system.pk)
        total += checks.hand_on(judged, owner=owner, leaving=gone, act=act)
    return total


def _gone(workspace: Workspace, act: Act) -> list[User]:
    """Owners of open tasks who are no members any more, or who left as staff."""
    rows = Task.objects.filter(
        workspace=workspace, owner__isnull=False, resolved_at__isnull=True
    ).exclude(closed_at__lte=act.now)
    owners = User.objects.filter(pk__in=rows.order_by().values("owner").distinct())
    return [user for user in owners if _is_gone(user, workspace, act)]


def _is_gone(user: User, workspace: Workspace, act: Act) -> bool:
    if not workspaces.members(workspace).filter(user=user).exists():
        return True
    return (
        people.addresses(workspace)
        .filter(
            normalised=normalise(user.email),
            until__isnull=True,
            staff__periods__latest=True,
            staff__periods__access_ends_at__lte=act.now,
        )
        .exists()
    )


def workspaces_with_endings(now: datetime) -> list[Workspace]:
    """Workspaces in which a membership or somebody's access ended lately by the clock alone."""
    ended = Membership.objects.filter(ends_at__lte=now, ends_at__gt=now - LATELY)
    left = EmploymentPeriod.objects.filter(
        latest=True, access_ends_at__lte=now, access_ends_at__gt=now - LATELY
    )
    wanted = Q(pk__in=ended.values("workspace")) | Q(pk__in=left.values("workspace"))
    return list(Workspace.objects.filter(wanted))
