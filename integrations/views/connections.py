"""Pages of one connection: its state, its run log, a held list."""

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from audit import clock
from integrations import selectors
from integrations import services as integrations
from integrations.catalog import CATALOG
from integrations.models import Connection, SyncRun
from integrations.views import frames
from people.services import Problem
from workspaces import keyset, permissions
from workspaces.permissions import needs
from workspaces.requests import WorkspaceRequest


@needs("integrations.view")
@require_safe
def connection(request: WorkspaceRequest, connection_id: uuid.UUID) -> HttpResponse:
    """One connection with its run log; asked by htmx while it reads, only the part that moves."""
    found = get_object_or_404(selectors.for_workspace(request.workspace), pk=connection_id)
    now, product = clock.now(), CATALOG[found.integration]
    runs = selectors.runs(found)
    page = keyset.page(
        runs, keys=("-created_at", "-id"), cursor=request.GET.get("page", ""), size=20
    )
    excess = product.excess_scopes(found.granted_scopes)
    shown = {
        "connection": found,
        "product": product,
        "state": selectors.connection_state(found, now),
        "page": page,
        "latest": selectors.latest_run(found),
        "held": selectors.held_run(found),
        "scopes": [product.scope_name(each) for each in found.granted_scopes],
        "excess": [product.scope_name(each) for each in excess],
        "attempt": selectors.attempt(request.workspace, request.GET.get("attempt", "")),
        "app_origin": frames.app_origin(),
        "now": now,
        "can_sync": permissions.allows(request.membership, "integrations.sync"),
        "can_connect": permissions.allows(request.membership, "integrations.connect"),
    }
    part = "integrations/connection_now.html" if request.htmx else "integrations/connection.html"
    return frames.opens_popups(render(request, part, shown))


@needs("integrations.sync")
@require_POST
def sync(request: WorkspaceRequest, connection_id: uuid.UUID) -> HttpResponse:
    """Read the list now; a click while it is being read joins that reading."""
    found = get_object_or_404(selectors.for_workspace(request.workspace), pk=connection_id)
    if found.authorisation != Connection.Authorisation.CONNECTED:
        messages.error(request, "This connection cannot read. Reconnect it first.")
        return redirect("integrations:connection", connection_id=connection_id)
    integrations.request_sync(
        found, trigger=SyncRun.Trigger.BUTTON, user=request.user, by=request.actor
    )
    return redirect("integrations:connection", connection_id=connection_id)


@needs("integrations.view")
@require_safe
def held(request: WorkspaceRequest, run_id: uuid.UUID) -> HttpResponse:
    """A held list, with what would vanish."""
    run = _run(request, run_id)
    shown = {
        "run": run,
        "hold": selectors.vanishing(run) if run.state == "held" else None,
        "can_decide": permissions.allows(request.membership, "integrations.decide"),
        "level_names": CATALOG[run.connection.integration].scheme.name,
    }
    return render(request, "integrations/held.html", shown)


@needs("integrations.decide")
@require_POST
def accept(request: WorkspaceRequest, run_id: uuid.UUID) -> HttpResponse:
    """Take a held list over."""
    return _decide(request, run_id, integrations.accept_held, "The list is the current one now.")


@needs("integrations.decide")
@require_POST
def discard(request: WorkspaceRequest, run_id: uuid.UUID) -> HttpResponse:
    """Throw a held list away."""
    return _decide(request, run_id, integrations.discard_held, "The list was thrown away.")


def _decide(
    request: WorkspaceRequest, run_id: uuid.UUID, decide: Callable[..., SyncRun], done: str
) -> HttpResponse:
    run = _run(request, run_id)
    reason = request.POST.get("reason", "")[:500]
    try:
        decide(run, user=request.user, reason=reason, by=request.actor)
    except Problem as problem:
        messages.error(request, problem.words)
        return redirect("integrations:held", run_id=run_id)
    messages.success(request, done)
    return redirect("integrations:connection", connection_id=run.connection_id)


def _run(request: WorkspaceRequest, run_id: uuid.UUID) -> SyncRun:
    rows = SyncRun.objects.filter(workspace=request.workspace)
    return get_object_or_404(rows.select_related("connection", "snapshot", "workspace"), pk=run_id)
