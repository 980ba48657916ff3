"""The page of a workspace's own settings: its name and time zone."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from workspaces import services
from workspaces.forms import WorkspaceForm
from workspaces.permissions import needs
from workspaces.requests import WorkspaceRequest
from workspaces.views.frames import form_page, get_or_post, typed


@needs("workspace.administer")
@get_or_post
def workspace(request: WorkspaceRequest) -> HttpResponse:
    """Change the name or the zone."""
    present, by = request.workspace, request.actor
    form = WorkspaceForm(typed(request), workspace=present)
    done = form.settle(lambda: services.change_settings(present, **form.cleaned_data, by=by))
    if done is None:
        return form_page(request, "workspaces/settings.html", form)
    messages.success(request, "The settings of the workspace are saved.")
    return redirect("workspaces:workspace")
