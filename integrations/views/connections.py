"""Pages of one connection: its state, its run log, a held list."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from audit import clock
from integrations import guard, selectors
from integrations import services as integrations
from integrations.catalog import CATALOG
from integrations.forms import DecisionForm
from integrations.models import Connection, SyncRun
from integrations.views import frames
from people.services import Problem
from workspaces import keyset, permissions
from workspaces.following import unless_known
from workspaces.permissions import needs
from workspaces.requests import WorkspaceRequest
from workspaces.views.frames import next_page, onward

BROKEN = (Connection.Authorisation.NEEDS_RECONNECT, Connection.Authorisation.DISCONNECTED)
SHOWN = 200  # names of a held list; more help nobody to decide


@needs("integrations.view")
@require_safe
def connection(request: WorkspaceRequest, connection_id: uuid.UUID) -> HttpResponse:
    """One connection with its run log, and the ways to renew or end it."""
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
        "broken": found.authorisation in BROKEN,
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
    answer = unless_known(request, render(request, "integrations/connection.html", shown))
    return frames.opens_popups(answer)


@needs("integrations.sync")
@require_POST
def sync(request: WorkspaceRequest, connection_id: uuid.UUID) -> HttpResponse:
    """Read the list now; a click while it is being read joins that reading."""
    found = get_object_or_404(selectors.for_workspace(request.workspace), pk=connection_id)
    if found.authorisation != Connection.Authorisation.CONNECTED:
        messages.error(request, "This connection cannot read. Reconnect it first.")
        return redirect("integrations:connection", connection_id=connection_id)
    button = SyncRun.Trigger.BUTTON
    try:
        integrations.request_sync(found, trigger=button, user=request.user, by=request.actor)
    except Problem as problem:  # disconnected a moment ago
        messages.error(request, problem.words)
        return redirect("integrations:connection", connection_id=connection_id)
    if next_page(request):
        messages.info(request, "The sync was started.")
    return onward(request, "integrations:connection", connection_id=connection_id)


@needs("integrations.view")
@require_safe
def held(request: WorkspaceRequest, run_id: uuid.UUID) -> HttpResponse:
    """A held list, with what would vanish."""
    return _held_page(request, _run(request, run_id), DecisionForm())


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
    run, form = _run(request, run_id), DecisionForm(request.POST)
    decided = form.settle(
        lambda: decide(run, user=request.user, reason=form.cleaned_data["reason"], by=request.actor)
    )
    if decided is None:
        return _held_page(request, _run(request, run_id), form, status=422)
    messages.success(request, done)
    return redirect("integrations:connection", connection_id=run.connection_id)


def _held_page(
    request: WorkspaceRequest, run: SyncRun, form: DecisionForm, status: int = 200
) -> HttpResponse:
    product = CATALOG[run.connection.integration]
    hold = selectors.vanishing(run) if run.state == "held" else None
    shown = {
        "run": run,
        "product": product,
        "hold": hold,
        "for_another": selectors.for_another_admin(run, request.user),
        "groups": _groups(hold, product.scheme.name) if hold else [],
        "form": form,
        **frames.rights(request),
    }
    return render(request, "integrations/held.html", shown, status=status)


def _groups(hold: guard.Hold, level_name: Callable[[str], str]) -> list[dict[str, Any]]:
    """Who would vanish, and apart from them those whose removal was asked for."""
    kinds = [
        ("Would vanish", hold.vanishing, "Nobody beyond those whose removal was asked for."),
        ("Asked to be removed", hold.expected, ""),
    ]
    return [
        {
            "title": title,
            "count": len(rows),
            "rows": [(row, level_name(row.level)) for row in rows[:SHOWN]],
            "more": max(0, len(rows) - SHOWN),
            "none": none,
        }
        for title, rows, none in kinds
        if rows or none
    ]


def _run(request: WorkspaceRequest, run_id: uuid.UUID) -> SyncRun:
    rows = SyncRun.objects.filter(workspace=request.workspace)
    rows = rows.select_related("connection__snapshot", "snapshot", "workspace", "requested_by")
    rows = rows.defer("snapshot__content", "connection__snapshot__content")
    return get_object_or_404(rows, pk=run_id)
