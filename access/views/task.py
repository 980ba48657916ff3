"""One task: its verdict, owner, history, how to fix it, and asking for a special case."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from access import selectors
from access.facts import product_of
from access.forms import AssignForm
from access.views.tasks import fix_url
from audit import clock
from checks import selectors as checks
from checks import services as check_services
from checks.forms import SpecialCaseForm
from checks.models import Task
from checks.rules import BY_ID
from checks.status import OPEN, Status
from integrations import selectors as integrations
from people import days
from workspaces import permissions
from workspaces import selectors as workspaces
from workspaces.following import unless_known
from workspaces.permissions import needs
from workspaces.requests import WorkspaceRequest
from workspaces.views.frames import form_page, get_or_post

BEGINNINGS = frozenset({"opened", "first judged"})  # lines that say how a task began


@needs("tasks.own")
@require_safe
def task(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """Why, the facts used, the deadline, the owner, "Fix it", "How to fix", its history."""
    now = clock.now()
    found = _visible(request, pk, now)
    status = checks.task_status(found, now)
    open_ = status in OPEN or status is Status.SPECIAL_CASE
    removed = found.system.removed_at is not None
    works = open_ and not removed and selectors.may_work_on(request.membership, found)
    cases = list(checks.special_cases(request.workspace, now=now).filter(task=found)[:20])
    live = [each for each in cases if each.standing in ("approved", "requested")]
    events = list(found.events.order_by("-at", "-id")[:100])
    may_edit = permissions.allows(request.membership, "tasks.edit")
    shown = frame(found)
    way = selectors.way(found, shown["system"])
    shown |= {
        "syncing": integrations.connection_state(shown["system"].connection, now).syncing,
        "status": selectors.shown_status(found),
        "is_open": open_ and not removed,
        "fix_url": "" if removed or way.there else fix_url(found, request.membership),
        "fixed_by": "" if removed or way.there or not found.remedy else _fixed_by(found),
        "way": way,
        "events": events,
        "begins_untold": not any(each.kind in BEGINNINGS for each in events),
        "now": now,
        "live_cases": live,
        "past_cases": [each for each in cases if each not in live],
        "may_ask": works and not any(each.standing == "requested" for each in live),
        "assign_form": AssignForm(workspace=request.workspace, initial={"owner": found.owner_id})
        if may_edit
        else None,
        "may_change_rule": permissions.allows(request.membership, "access.edit"),
        "sees_all": permissions.allows(request.membership, "access.view"),
    }
    return unless_known(request, render(request, "access/task.html", shown))


@needs("tasks.work")
@get_or_post
def ask(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """Ask that the problem of a task be accepted for a while."""
    found = _visible(request, pk, clock.now())
    if not selectors.may_work_on(request.membership, found):
        raise PermissionDenied("This needs the permission tasks.edit.")
    form = _ask_form(request, found)
    user, by = request.user, request.actor
    case = form.settle(
        lambda: check_services.request_special_case(found, **form.arguments(), user=user, by=by)
    )
    if case is None:
        return form_page(request, "access/ask.html", form, **frame(found), waits=_waits(request))
    messages.success(request, f"Asked for. {_waits(request)}")
    return redirect("access:special_case", pk=case.pk)


def _ask_form(request: WorkspaceRequest, found: Task) -> SpecialCaseForm:
    posted = request.method == "POST"
    return SpecialCaseForm(
        request.POST if posted else None,
        request.FILES if posted else None,
        check_id=found.check_id,
        today=days.today(clock.now(), request.workspace.zone),
    )


def _fixed_by(found: Task) -> str:
    """Who may do what "Fix it" leads to, for those who may not."""
    areas = {"people:edit": "people", "integrations:connection": "integrations"}
    area = areas.get(found.fix_route, "access")
    return f"An admin or an editor of {area} can do this; your own rights do not allow it."


def _waits(request: WorkspaceRequest) -> str:
    """What has to happen to a request of this member before it changes anything."""
    if workspaces.is_only_admin(request.workspace, request.user):
        return (
            "Nothing changes until it is approved. You are the only admin of this workspace, so"
            " you may approve it yourself, and the record will say so."
        )
    return "Nothing changes until an admin other than you approves it."


def _visible(request: WorkspaceRequest, pk: uuid.UUID, now: Any) -> Task:
    """A task that this member may see; somebody else's does not exist."""
    found: Task = get_object_or_404(selectors.visible_tasks(request.membership, now), pk=pk)
    return found


def frame(found: Task) -> dict[str, Any]:
    """What the pages of one task share: its check, its words for this product, its system."""
    system = selectors.for_workspace(found.workspace).get(pk=found.system_id)
    product, check = product_of(system), BY_ID[found.check_id]
    return {
        "task": found,
        "system": system,
        "check": check,
        "title": check.title(product.name),
        "product": product,
        "links": product.links(system.connection.short_code if system.connection else ""),
    }
