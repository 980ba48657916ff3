"""Pages that add a person to the directory and change what is known of one."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from people import selectors
from people import services as people
from people.forms import StaffForm
from workspaces.permissions import needs
from workspaces.requests import WorkspaceRequest
from workspaces.views.frames import form_page, get_or_post, onward, typed


@needs("people.edit")
@get_or_post
def add(request: WorkspaceRequest) -> HttpResponse:
    """Put a person into the directory."""
    form = StaffForm(typed(request), workspace=request.workspace)
    by = request.actor
    staff = form.settle(lambda: people.add(request.workspace, **form.arguments(), by=by))
    if staff is None:
        return form_page(request, "people/add.html", form)
    messages.success(request, f"{staff.name} is in the directory.")
    return onward(request, "people:directory")


@needs("people.edit")
@get_or_post
def edit(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """Change what is known of a person."""
    staff = get_object_or_404(selectors.for_workspace(request.workspace), pk=pk)
    name = staff.name
    form = StaffForm(typed(request), workspace=request.workspace, staff=staff)
    if form.settle(lambda: people.edit(staff, **form.arguments(), by=request.actor)) is None:
        return form_page(request, "people/edit.html", form, staff=staff, name=name)
    messages.success(request, f"What is known of {staff.name} is saved.")
    return onward(request, "people:directory")
