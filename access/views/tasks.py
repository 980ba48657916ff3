"""Pages of tasks: the list "Monitoring" and one task with its facts, how to fix it, its history."""

import uuid
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from access import selectors
from access.facts import name_of, product_of
from access.models import CriticalSystem
from access.views.systems import tabs as access_tabs
from audit import clock
from checks import selectors as checks
from checks.models import Task
from checks.rules import BY_ID, CHECKS
from integrations.catalog import CATALOG
from workspaces import keyset
from workspaces.permissions import needs
from workspaces.requests import WorkspaceRequest

SHOWN = [("open", "To do"), ("failing", "Failing"), ("passing", "Passing"), ("closed", "Closed")]


@needs("tasks.view")
@require_safe
def tasks(request: WorkspaceRequest, check_id: str = "") -> HttpResponse:
    """ "Monitoring": the tasks of access, worst first."""
    if check_id and check_id not in BY_ID:
        raise Http404
    now, show = clock.now(), request.GET.get("show", "open")
    system = _narrowed(request)
    only = system.pk if system else None
    rows = selectors.tasks(request.workspace, now, check_id=check_id, show=show, system=only)
    page = keyset.page(rows, keys=("code", "due", "id"), cursor=request.GET.get("page", ""))
    shown = {
        "page": page,
        "rows": [_row(each) for each in page.rows],
        "now": now,
        "show": show if show in dict(SHOWN) else "open",
        "shows": SHOWN,
        "check": BY_ID.get(check_id),
        "system": system,
        "system_name": name_of(system) if system else "",
        "titles": [(each.id, each.title("Xero")) for each in CHECKS],
        "tabs": access_tabs("monitoring"),
    }
    return render(request, "access/tasks.html", shown)


def _narrowed(request: WorkspaceRequest) -> CriticalSystem | None:
    """The system that `?system=` names; one that is not of this workspace does not exist."""
    wanted = request.GET.get("system", "")
    if not wanted:
        return None
    try:
        return selectors.for_workspace(request.workspace).get(pk=uuid.UUID(wanted))
    except (ValueError, CriticalSystem.DoesNotExist) as error:
        raise Http404 from error


@needs("tasks.view")
@require_safe
def task(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """One task: why, the facts used, the deadline, "Fix it", "How to fix", its history."""
    rows = checks.tasks(request.workspace, now := clock.now())
    found = get_object_or_404(rows, pk=pk)
    system = selectors.for_workspace(request.workspace).get(pk=found.system_id)
    product = product_of(system)
    check = BY_ID[found.check_id]
    removal = found.check_id == "offboarded_access_removed"
    shown = {
        "task": found,
        "status": checks.task_status(found, now),
        "check": check,
        "title": check.title(product.name),
        "steps": [each.format(product=product.name) for each in check.how_to_fix],
        "removal": product if removal else None,
        "links": product.links(system.connection.short_code if system.connection else ""),
        "system": system,
        "fix_url": fix_url(found),
        "events": found.events.order_by("-at", "-id")[:100],
        "now": now,
    }
    return render(request, "access/task.html", shown)


def fix_url(found: Task) -> str:
    """Where "Fix it" leads, from the stored route and arguments."""
    return reverse(found.fix_route, kwargs=found.fix_args) if found.fix_route else ""


def _row(found: Task) -> dict[str, Any]:
    product = CATALOG["xero"].name
    return {
        "task": found,
        "status": checks.RANKED[found.code],  # type: ignore[attr-defined]
        "title": BY_ID[found.check_id].title(product),
        "fix_url": fix_url(found),
    }
