"""Pages that create, rename, merge and delete Org roles; their list stands in access."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from people import selectors
from people import services as people
from people.forms import MergeRolesForm, OrgRoleForm
from workspaces.permissions import needs
from workspaces.requests import WorkspaceRequest
from workspaces.views.frames import form_page, get_or_post, onward, typed

ORG_ROLES = "access:org_roles"


@needs("people.edit")
@get_or_post
def create_org_role(request: WorkspaceRequest) -> HttpResponse:
    """Create an Org role."""
    form = OrgRoleForm(typed(request))
    by = request.actor
    role = form.settle(
        lambda: people.create_org_role(request.workspace, **form.cleaned_data, by=by)
    )
    if role is None:
        return form_page(request, "people/create_org_role.html", form)
    messages.success(request, f"The Org role {role.name} exists now.")
    return onward(request, ORG_ROLES)


@needs("people.edit")
@get_or_post
def rename_org_role(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """Give an Org role another name."""
    role = get_object_or_404(selectors.org_roles(request.workspace), pk=pk)
    name = role.name
    form = OrgRoleForm(typed(request), initial={"name": name})
    by = request.actor
    if form.settle(lambda: people.rename_org_role(role, **form.cleaned_data, by=by)) is None:
        return form_page(request, "people/rename_org_role.html", form, name=name)
    messages.success(request, f"The Org role is called {role.name} now.")
    return onward(request, ORG_ROLES)


@needs("people.edit")
@get_or_post
def merge_org_role(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """Let another Org role take this one's place."""
    role = get_object_or_404(selectors.org_roles(request.workspace), pk=pk)
    form = MergeRolesForm(typed(request), org_role=role)
    by = request.actor
    kept = form.settle(lambda: people.merge_org_roles(role, **form.cleaned_data, by=by))
    if kept is None:
        return form_page(request, "people/merge_org_role.html", form, name=role.name)
    messages.success(request, f"{role.name} is part of {kept.name} now.")
    return onward(request, ORG_ROLES)


@needs("people.edit")
@require_POST
def delete_org_role(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """Delete an Org role that nobody has and no rule lists."""
    role = get_object_or_404(selectors.org_roles(request.workspace), pk=pk)
    try:
        people.delete_org_role(role, by=request.actor)
        messages.success(request, f"The Org role {role.name} is deleted.")
    except people.Problem as problem:
        messages.error(request, problem.words)
    return redirect(ORG_ROLES)
