"""The page of all Org roles: who has each, and which critical systems list it."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from access import selectors
from audit import clock
from people import selectors as people
from people.views import frames
from workspaces.permissions import needs
from workspaces.requests import WorkspaceRequest


@needs("people.view")
@require_safe
def org_roles(request: WorkspaceRequest) -> HttpResponse:
    """The job roles of the company, with how many people and systems use each."""
    roles = list(people.org_roles(request.workspace, now=clock.now()))
    listing = selectors.systems_listing(request.workspace)
    rows = [{"role": role, "systems": listing.get(role.pk, ())} for role in roles]
    shown = {"rows": rows} | frames.frame(request, "access:org_roles")
    return render(request, "access/org_roles.html", shown)
