"""Why a verdict is what it is: its facts, the rules, the run that brought them, what would change it."""

import uuid
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from access import selectors
from access.views.task import frame
from audit import clock
from checks import explaining
from checks import selectors as checks
from checks import services as check_services
from checks.facts import UserList
from checks.models import Evaluation, Task
from checks.rules import RULES_VERSION
from integrations import selectors as integrations
from integrations.models import Connection, SyncRun
from workspaces import permissions
from workspaces.permissions import needs
from workspaces.requests import WorkspaceRequest


@needs("tasks.own")
@require_safe
def explain(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """The evaluation that caused the present verdict, or the one that `?evaluation=` names."""
    now = clock.now()
    task = get_object_or_404(selectors.visible_tasks(request.membership, now), pk=pk)
    evaluations = _evaluations(task)
    evaluation = _chosen(request, task, evaluations)
    shown = frame(task) | {"evaluation": evaluation, "evaluations": evaluations[:50], "now": now}
    if evaluation is not None:
        shown |= _explained(task, evaluation, shown["system"].connection)
        shown["replayed"] = (
            check_services.replay(evaluation) == evaluation.verdicts_digest
            if "replay" in request.GET
            else None
        )
    shown["is_present"] = evaluation is not None and evaluation.pk == task.evaluation_id
    shown["status"] = checks.task_status(task, now)
    shown["sees_all"] = permissions.allows(request.membership, "access.view")
    return render(request, "access/explain.html", shown)


def _evaluations(task: Task) -> QuerySet[Evaluation]:
    """Those that changed this task, newest first."""
    named = task.events.filter(evaluation=OuterRef("pk"))
    present = Task.objects.filter(pk=task.pk, evaluation=OuterRef("pk"))
    rows = Evaluation.objects.filter(system_id=task.system_id)
    mine = rows.filter(Exists(named) | Exists(present))
    return mine.select_related("facts").defer("facts__content").order_by("-at", "-id")


def _chosen(
    request: WorkspaceRequest, task: Task, evaluations: QuerySet[Evaluation]
) -> Evaluation | None:
    wanted = request.GET.get("evaluation", "")
    if not wanted:
        present = evaluations.filter(
            Exists(Task.objects.filter(pk=task.pk, evaluation=OuterRef("pk")))
        )
        return present.first() or evaluations.first()
    try:
        key = uuid.UUID(wanted)
    except ValueError:
        key = uuid.UUID(int=0)
    return get_object_or_404(evaluations, pk=key)


def _explained(task: Task, evaluation: Evaluation, connection: Connection | None) -> dict[str, Any]:
    facts = checks.sheet(evaluation)
    subject = str(task.subject_id)
    verdict = explaining.verdict_of(
        facts, evaluation.at, check_id=task.check_id, subject_id=subject
    )
    return {
        "verdict": verdict,
        "groups": explaining.groups(facts, check_id=task.check_id, subject_id=subject),
        "rules_version": evaluation.rules_version,
        "same_rules": evaluation.rules_version == RULES_VERSION,
        "run": _run(connection, facts.user_list),
    }


def _run(connection: Connection | None, listed: UserList | None) -> SyncRun | None:
    """The run that brought the list, where it is still known."""
    if connection is None or listed is None:
        return None
    rows = integrations.runs(connection).filter(snapshot__digest=listed.digest)
    return rows.filter(read_at=listed.read_at).first() or rows.order_by("created_at").first()
