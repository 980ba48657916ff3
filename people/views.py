"""Pages of the directory: the list, adding, editing, Org roles."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_safe

from audit import clock
from people import days, selectors
from people import services as people
from people.forms import DirectoryForm, OrgRoleForm, StaffForm
from workspaces import keyset, permissions
from workspaces.permissions import needs
from workspaces.requests import WorkspaceRequest

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@needs("people.view")
@require_safe
def directory(request: WorkspaceRequest) -> HttpResponse:
    """Everybody who is or was here, by name."""
    form, now = DirectoryForm(request.GET, workspace=request.workspace), clock.now()
    wanted = form.wanted()
    rows = selectors.directory(request.workspace, **wanted, now=now)
    page = keyset.page(rows, keys=("sort_name", "id"), cursor=request.GET.get("page", ""))
    shown = {
        "form": form,
        "page": page,
        "today": days.today(now, request.workspace.zone),
        "filtered": any(wanted.values()),
    }
    return render(request, "people/directory.html", shown | _frame(request, "directory"))


@needs("people.edit")
@get_or_post
def add(request: WorkspaceRequest) -> HttpResponse:
    """Put a person into the directory."""
    form = StaffForm(_typed(request), workspace=request.workspace)
    by = request.actor
    staff = form.settle(lambda: people.add(request.workspace, **form.arguments(), by=by))
    if staff is None:
        return _form_page(request, "people/add.html", form)
    messages.success(request, f"{staff.name} is in the directory.")
    return _onward(request, "people:directory")


@needs("people.edit")
@get_or_post
def edit(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """Change what is known of a person."""
    staff = get_object_or_404(selectors.for_workspace(request.workspace), pk=pk)
    name = staff.name
    form = StaffForm(_typed(request), workspace=request.workspace, staff=staff)
    if form.settle(lambda: people.edit(staff, **form.arguments(), by=request.actor)) is None:
        return _form_page(request, "people/edit.html", form, staff=staff, name=name)
    messages.success(request, f"What is known of {staff.name} is saved.")
    return _onward(request, "people:directory")


@needs("people.view")
@require_safe
def org_roles(request: WorkspaceRequest) -> HttpResponse:
    """The job roles of the company and how many people have each."""
    rows = selectors.org_roles(request.workspace, now=clock.now())
    shown = {"roles": rows, "form": OrgRoleForm()}
    return render(request, "people/org_roles.html", shown | _frame(request, "org_roles"))


@needs("people.edit")
@get_or_post
def create_org_role(request: WorkspaceRequest) -> HttpResponse:
    """Create an Org role."""
    form = OrgRoleForm(_typed(request))
    by = request.actor
    role = form.settle(
        lambda: people.create_org_role(request.workspace, **form.cleaned_data, by=by)
    )
    if role is None:
        return _form_page(request, "people/create_org_role.html", form)
    messages.success(request, f"The Org role {role.name} exists now.")
    return _onward(request, "people:org_roles")


@needs("people.edit")
@get_or_post
def rename_org_role(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """Give an Org role another name."""
    role = get_object_or_404(selectors.org_roles(request.workspace), pk=pk)
    name = role.name
    form = OrgRoleForm(_typed(request), initial={"name": name})
    by = request.actor
    if form.settle(lambda: people.rename_org_role(role, **form.cleaned_data, by=by)) is None:
        return _form_page(request, "people/rename_org_role.html", form, name=name)
    messages.success(request, f"The Org role is called {role.name} now.")
    return _onward(request, "people:org_roles")


def _typed(request: HttpRequest) -> Any:
    """What was sent, or None for a first visit (an empty POST is no first visit)."""
    return request.POST if request.method == "POST" else None


def _frame(request: WorkspaceRequest, current: str) -> dict[str, Any]:
    """What both lists show around themselves: the tabs, and whether this person may edit."""
    tabs = [("Directory", "directory"), ("Org roles", "org_roles")]
    return {
        "can_edit": permissions.allows(request.membership, "people.edit"),
        "tabs": [
            {"label": label, "url": reverse(f"people:{route}"), "current": route == current}
            for label, route in tabs
        ],
    }


def _form_page(
    request: WorkspaceRequest, template: str, form: StaffForm | OrgRoleForm, **shown: Any
) -> HttpResponse:
    """The form, with what was typed; 422 where something of it needs another look."""
    shown |= {"form": form, "next": _next(request)}
    return render(request, template, shown, status=422 if form.is_bound else 200)


def _next(request: HttpRequest) -> str:
    """The page to go back to, where the link that led here named one of ours."""
    wanted = request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if ours else ""


def _onward(request: HttpRequest, route: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(_next(request) or reverse(route))
