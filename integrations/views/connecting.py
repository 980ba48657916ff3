"""Pages of the way in: starting, the waiting window, what became of it, the return."""

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from audit import clock
from integrations import endings, selectors
from integrations import services as integrations
from integrations.catalog import CATALOG
from integrations.models import ConnectAttempt
from integrations.providers.base import ProviderError
from integrations.views import frames
from people.services import Problem
from workspaces.permissions import needs
from workspaces.requests import WorkspaceRequest
from workspaces.views.frames import get_or_post


@needs("integrations.connect")
@require_POST
def connect(request: WorkspaceRequest, slug: str) -> HttpResponse:
    """Begin a connect: JSON for the pop-up, a page with a link for the same window."""
    if slug not in CATALOG:
        raise Http404
    acknowledged = request.POST.get("acknowledged") == "yes"
    back = reverse("integrations:integration", args=[slug])
    return _begin(
        request,
        back,
        lambda: integrations.start_connect(
            request.workspace,
            integration=slug,
            user=request.user,
            acknowledged=acknowledged,
            by=request.actor,
        ),
    )


@needs("integrations.connect")
@require_POST
def reconnect(request: WorkspaceRequest, connection_id: uuid.UUID) -> HttpResponse:
    """Begin a reconnect, likewise."""
    found = get_object_or_404(
        selectors.for_workspace(request.workspace).select_related("workspace"), pk=connection_id
    )
    back = reverse("integrations:connection", args=[found.pk])
    user, by = request.user, request.actor
    return _begin(request, back, lambda: integrations.start_reconnect(found, user=user, by=by))


@needs("integrations.connect")
@require_safe
def waiting(request: WorkspaceRequest) -> HttpResponse:
    """What the pop-up shows until the link is there."""
    return frames.inside_popup(render(request, "integrations/waiting.html"))


@needs("integrations.connect")
@get_or_post
def attempt_status(request: WorkspaceRequest, attempt_id: uuid.UUID) -> HttpResponse:
    """Where an attempt stands; a POST asks the provider first. A hint only chooses words."""
    attempt = _attempt(request, attempt_id)
    if request.method == "POST":
        attempt = integrations.look_at(attempt, by=request.actor)
    hint = request.POST.get("hint", "")
    product = CATALOG[attempt.integration]
    made = attempt.connection if attempt.state == ConnectAttempt.State.ADOPTED else None
    shown = {
        "attempt": attempt,
        "product": product,
        "ending": endings.told(attempt.outcome, product.name),
        "hint": hint if hint in endings.HINTS else "",
        "hinted": endings.hinted(hint, product.name),
        "run": selectors.latest_run(made) if made else None,
        "lines": made and frames.connected_lines(request.workspace, product.slug, clock.now()),
    }
    return render(request, "integrations/attempt.html", shown)


@needs("integrations.connect")
@require_safe
def return_(request: WorkspaceRequest, attempt_id: uuid.UUID) -> HttpResponse:
    """Where the provider sends the browser back to: closes the pop-up, or leads on to the page."""
    attempt = _attempt(request, attempt_id)
    shown = {"next": f"{_page_of(attempt)}?attempt={attempt.pk}"}
    return frames.inside_popup(render(request, "integrations/returned.html", shown))


@needs("integrations.connect")
@require_POST
def disconnect(request: WorkspaceRequest, connection_id: uuid.UUID) -> HttpResponse:
    """Stop monitoring; says what else to do in the product."""
    found = get_object_or_404(
        selectors.for_workspace(request.workspace).select_related("workspace"), pk=connection_id
    )
    integrations.disconnect(found, user=request.user, by=request.actor)
    for words in CATALOG[found.integration].after_disconnect:
        messages.warning(request, words)
    return redirect("integrations:connection", connection_id=found.pk)


def _begin(
    request: WorkspaceRequest, back: str, start: Callable[[], ConnectAttempt]
) -> HttpResponse:
    """Start an attempt and hand out its link, or say in words why there is none."""
    try:
        attempt = start()
        status = reverse("integrations:attempt_status", args=[attempt.pk])
        returning = reverse("integrations:return_", args=[attempt.pk])
        link = integrations.link(attempt, return_url=request.build_absolute_uri(returning))
    except Problem as problem:
        return _refused(request, back, problem.words, 422)
    except ProviderError as error:
        return _refused(request, back, error.words, 503)
    if _wants_json(request):
        return JsonResponse({"link": link, "status": status})
    product = CATALOG[attempt.integration]
    return render(request, "integrations/go.html", {"link": link, "back": back, "product": product})


def _refused(request: WorkspaceRequest, back: str, words: str, status: int) -> HttpResponse:
    if _wants_json(request):
        return JsonResponse({"words": words}, status=status)
    messages.error(request, words)
    return redirect(back)


def _wants_json(request: WorkspaceRequest) -> bool:
    return request.headers.get("Accept") == "application/json"


def _attempt(request: WorkspaceRequest, attempt_id: uuid.UUID) -> ConnectAttempt:
    return get_object_or_404(selectors.attempts(request.workspace), pk=attempt_id)


def _page_of(attempt: ConnectAttempt) -> str:
    """The page that an attempt was started from."""
    if attempt.reconnect and attempt.connection_id:
        return reverse("integrations:connection", args=[attempt.connection_id])
    return reverse("integrations:integration", args=[attempt.integration])
