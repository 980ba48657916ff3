"""Why a verdict is what it is: its facts, the rules, the run that brought them, what would change it."""

import uuid

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from access import selectors
from access.views.task import frame
from audit import clock
from checks import selectors as checks
from checks import services as check_services
from workspaces import permissions
from workspaces.permissions import needs
from workspaces.requests import WorkspaceRequest

NOBODYS = uuid.UUID(int=0)


@needs("tasks.own")
@require_safe
def explain(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """The evaluation that caused the present verdict, or the one that `?evaluation=` names."""
    now = clock.now()
    task = get_object_or_404(selectors.visible_tasks(request.membership, now), pk=pk)
    wanted = _wanted(request)
    found = selectors.explanation(task, evaluation=wanted)
    if found is None and wanted is not None:
        raise Http404
    shown = frame(task) | {
        "found": found,
        "evaluations": selectors.evaluations(task)[:50],
        "turns": selectors.turns(task, now),
        "replayed": check_services.replay(found.evaluation) == found.evaluation.verdicts_digest
        if found and "replay" in request.GET
        else None,
        "status": checks.task_status(task, now),
        "sees_all": permissions.allows(request.membership, "access.view"),
        "now": now,
    }
    return render(request, "access/explain.html", shown)


def _wanted(request: WorkspaceRequest) -> uuid.UUID | None:
    wanted = request.GET.get("evaluation", "")
    try:
        return uuid.UUID(wanted) if wanted else None
    except ValueError:
        return NOBODYS
