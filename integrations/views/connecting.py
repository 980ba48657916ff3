"""Pages of the way in: starting, the waiting window, what became of it, the return."""

import uuid

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from workspaces.permissions import needs
from workspaces.requests import WorkspaceRequest


@needs("integrations.connect")
@require_POST
def connect(request: WorkspaceRequest, slug: str) -> HttpResponse:
    """Begin a connect."""
    raise Http404


@needs("integrations.connect")
@require_safe
def waiting(request: WorkspaceRequest) -> HttpResponse:
    """What the pop-up shows until the link is there."""
    raise Http404


@needs("integrations.connect")
@require_safe
def attempt_status(request: WorkspaceRequest, attempt_id: uuid.UUID) -> HttpResponse:
    """Where an attempt stands."""
    raise Http404


@needs("integrations.connect")
@require_safe
def return_(request: WorkspaceRequest, attempt_id: uuid.UUID) -> HttpResponse:
    """Where the provider sends the browser back to."""
    raise Http404


@needs("integrations.connect")
@require_POST
def disconnect(request: WorkspaceRequest, connection_id: uuid.UUID) -> HttpResponse:
    """Stop monitoring."""
    raise Http404


@needs("integrations.connect")
@require_POST
def reconnect(request: WorkspaceRequest, connection_id: uuid.UUID) -> HttpResponse:
    """Begin a reconnect."""
    raise Http404
