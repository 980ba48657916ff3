"""Pages of the catalog: what can be connected, what is, and one product's page."""

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from workspaces.permissions import needs
from workspaces.requests import WorkspaceRequest


@needs("integrations.view")
@require_safe
def catalog(request: WorkspaceRequest) -> HttpResponse:
    """Every product that can be connected."""
    raise Http404


@needs("integrations.view")
@require_safe
def connected(request: WorkspaceRequest) -> HttpResponse:
    """The workspace's connections."""
    raise Http404


@needs("integrations.view")
@require_safe
def integration(request: WorkspaceRequest, slug: str) -> HttpResponse:
    """One product's page."""
    raise Http404
