"""Lists of tasks: "Monitoring" under Access, "Tasks" (mine, all), giving tasks to people, CSV."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import resolve, reverse
from django.views.decorators.http import require_POST, require_safe

from access import exports, selectors
from access.facts import name_of
from access.forms import AssignForm, TaskFilterForm, check_titles
from access.views.systems import tabs as access_tabs
from audit import clock
from checks import services as check_services
from checks.models import Task
from checks.rules import BY_ID
from workspaces import exports as csv
from workspaces import keyset, permissions
from workspaces.models import Membership
from workspaces.permissions import needs
from workspaces.requests import WorkspaceRequest
from workspaces.views.frames import onward


@needs("tasks.view")
@require_safe
def tasks(request: WorkspaceRequest, check_id: str = "") -> HttpResponse:
    """ "Monitoring": the tasks of access, worst first."""
    if check_id and check_id not in BY_ID:
        raise Http404
    form = _filters(request, check=check_id)
    shown = _listed(request, form) | {"tabs": access_tabs("monitoring"), "fixed": True}
    return render(request, "access/tasks.html", shown | {"check": BY_ID.get(check_id)})


@needs("tasks.own")
@require_safe
def work(request: WorkspaceRequest) -> HttpResponse:
    """ "Tasks": mine, and all for those who may see them."""
    everything = permissions.allows(request.membership, "tasks.view")
    mine = not everything or "owner" not in request.GET or request.GET["owner"] == "me"
    form = _filters(request, **({"owner": "me"} if mine else {}))
    tabs = [{"label": "Mine", "url": reverse("access:work"), "current": mine}]
    if everything:
        url = f"{reverse('access:work')}?owner="
        tabs.append({"label": "All", "url": url, "current": not mine})
    shown = _listed(request, form) | {"tabs": tabs, "mine": mine, "everything": everything}
    return render(request, "access/work.html", shown)


@needs("tasks.edit")
@require_POST
def assign(request: WorkspaceRequest) -> HttpResponseRedirect:
    """Give the ticked tasks to somebody, or to the admins."""
    form = AssignForm(request.POST, workspace=request.workspace)
    changed = form.settle(
        lambda: check_services.assign(
            request.workspace,
            tasks=form.cleaned_data["task"],
            owner=form.cleaned_data["owner"],
            by=request.actor,
        )
    )
    if changed is None:
        messages.error(request, f"{form.words()} Nothing was changed.")
    else:
        owner = form.cleaned_data["owner"]
        noun = "task is" if changed == 1 else "tasks are"
        messages.success(
            request, f"{changed} {noun} now {owner.label if owner else 'the admins'}’s."
        )
    return onward(request, "access:monitoring")


@needs("evidence.export")
@require_safe
def tasks_csv(request: WorkspaceRequest) -> StreamingHttpResponse:
    """The tasks that the filters show, as a CSV file."""
    wanted = _filters(request).wanted()
    rows = selectors.tasks(request.workspace, clock.now(), **vars(wanted))
    ordered = rows.order_by("code", "due", "id").iterator(2000)
    return csv.download("tasks", exports.TASK_HEADERS, exports.task_rows(ordered))


def _filters(request: WorkspaceRequest, **fixed: str) -> TaskFilterForm:
    typed = request.GET.copy()
    for name, value in fixed.items():
        if value:
            typed[name] = value
    return TaskFilterForm(typed, membership=request.membership, workspace=request.workspace)


def _listed(request: WorkspaceRequest, form: TaskFilterForm) -> dict[str, Any]:
    """One page of the tasks that the filters ask for."""
    now, wanted = clock.now(), form.wanted()
    if "system" in form.errors:
        raise Http404  # one that is not of this workspace does not exist
    rows = selectors.tasks(request.workspace, now, **vars(wanted))
    page = keyset.page(rows, keys=("code", "due", "id"), cursor=request.GET.get("page", ""))
    system = form.cleaned_data.get("system")
    membership = request.membership
    return {
        "form": form,
        "wanted": wanted,
        "page": page,
        "rows": [row(each, request.membership) for each in page.rows],
        "now": now,
        "system": system,
        "system_name": name_of(system) if system else "",
        "titles": check_titles(),
        "can_export": permissions.allows(membership, "evidence.export"),
        "assign_form": AssignForm(workspace=request.workspace, now=now)
        if permissions.allows(membership, "tasks.edit")
        else None,
    }


def fix_url(found: Task, membership: Membership) -> str:
    """Where "Fix it" leads: the stored route; for what is done in the product, how to do it there.

    Nowhere for those who may not work on the task, or not do there what solves it.
    """
    if found.remedy in selectors.THERE:
        there = f"{reverse('access:task', args=[found.pk])}#how-to-fix"
        return there if selectors.may_work_on(membership, found) else ""
    if not found.fix_route:
        return ""
    address = reverse(found.fix_route, kwargs=found.fix_args)
    needed = permissions.declared(resolve(address).func, found.fix_route)
    return address if needed and selectors.may_fix(membership, found, needed) else ""


def row(found: Any, membership: Membership) -> dict[str, Any]:
    """A task as the table shows it."""
    return {
        "task": found,
        "status": selectors.shown_status(found),
        "title": BY_ID[found.check_id].title(selectors.product_name(found)),
        "fix_url": fix_url(found, membership) if found.system.removed_at is None else "",
    }
