"""Pages of one connection: its state, its run log, a held list."""

import uuid

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from workspaces.permissions import needs
from workspaces.requests import WorkspaceRequest


@needs("integrations.view")
@require_safe
def connection(request: WorkspaceRequest, connection_id: uuid.UUID) -> HttpResponse:
    """One connection with its run log."""
    raise Http404


@needs("integrations.sync")
@require_POST
def sync(request: WorkspaceRequest, connection_id: uuid.UUID) -> HttpResponse:
    """Read the list now."""
    raise Http404


@needs("integrations.view")
@require_safe
def held(request: WorkspaceRequest, run_id: uuid.UUID) -> HttpResponse:
    """A held list, with what would vanish."""
    raise Http404


@needs("integrations.decide")
@require_POST
def accept(request: WorkspaceRequest, run_id: uuid.UUID) -> HttpResponse:
    """Take a held list over."""
    raise Http404


@needs("integrations.decide")
@require_POST
def discard(request: WorkspaceRequest, run_id: uuid.UUID) -> HttpResponse:
    """Throw a held list away."""
    raise Http404
