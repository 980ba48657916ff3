"""The help page "Who may do what", gathered from the routes themselves."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from workspaces import policy_table
from workspaces.permissions import Role, needs
from workspaces.requests import WorkspaceRequest


@needs("workspace.view")
@require_safe
def policy(request: WorkspaceRequest) -> HttpResponse:
    """What each page and endpoint needs, and which roles have it."""
    shown = {"groups": policy_table.groups(), "roles": Role.choices}
    return render(request, "workspaces/policy.html", shown)
