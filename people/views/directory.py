"""Pages of the directory as a list: search, filters, export, Org roles of the chosen people."""

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from audit import clock
from people import days, exports, selectors
from people import services as people
from people.forms import DirectoryForm, RolesOfManyForm
from people.views.frames import frame
from workspaces import keyset
from workspaces.permissions import needs
from workspaces.requests import WorkspaceRequest
from workspaces.views.frames import onward


@needs("people.view")
@require_safe
def directory(request: WorkspaceRequest) -> HttpResponse:
    """Everybody who is or was here, by name."""
    form, now = DirectoryForm(request.GET, workspace=request.workspace), clock.now()
    wanted, today = form.wanted(), days.today(now, request.workspace.zone)
    rows = selectors.directory(request.workspace, **wanted, today=today, now=now)
    page = keyset.page(
        rows, keys=selectors.KEYS[wanted["order"]], cursor=request.GET.get("page", "")
    )
    filters = {name: value for name, value in wanted.items() if name != "order"}
    shown = {
        "form": form,
        "page": page,
        "today": today,
        "filtered": any(filters.values()),
        "roles": selectors.org_roles(request.workspace),
        "freshness": selectors.list_freshness(request.workspace, now=now),
    }
    return render(request, "people/directory.html", shown | frame(request, "people:directory"))


@needs("people.view")
@require_safe
def export(request: WorkspaceRequest) -> StreamingHttpResponse:
    """The list as filtered, as a file that the import understands."""
    form, now = DirectoryForm(request.GET, workspace=request.workspace), clock.now()
    today = days.today(now, request.workspace.zone)
    rows = selectors.directory(request.workspace, **form.wanted(), today=today, now=now)
    return exports.directory(rows)


@needs("people.edit")
@require_POST
def change_roles(request: WorkspaceRequest) -> HttpResponse:
    """Give the chosen people an Org role, or take it away."""
    form = RolesOfManyForm(request.POST, workspace=request.workspace)
    changed = form.settle(lambda: people.change_org_roles(**form.arguments(), by=request.actor))
    if changed is None:
        messages.error(request, f"Nothing was changed. {form.words()}")
        return onward(request, "people:directory")
    role, give = form.cleaned_data["org_role"], form.cleaned_data["change"] == "add"
    people_now = "1 person" if changed == 1 else f"{changed} people"
    messages.success(request, f"{role.name}: {'given to' if give else 'taken from'} {people_now}.")
    return onward(request, "people:directory")


@needs("people.edit")
@require_POST
def confirm_complete(request: WorkspaceRequest) -> HttpResponse:
    """Say that everybody who works here is in the directory."""
    people.confirm_complete(request.workspace, by=request.actor)
    messages.success(request, "The list is confirmed complete as of today.")
    return onward(request, "people:directory")
