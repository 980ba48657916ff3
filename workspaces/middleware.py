"""The door: finds the workspace of whoever is signed in, enforces what views declare."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db import OperationalError
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from audit import clock, contention
from workspaces import permissions, selectors, services
from workspaces.models import Membership
from workspaces.requests import actor_of, shown_for

SESSION_ENDED = (
    "You were signed out in the meantime, so what you sent was not saved. Sign in; after that the"
    " form has to be filled in and sent again."
)
NOTHING = "What this one sent was not saved."
GetResponse = Callable[[HttpRequest], HttpResponseBase]


class WorkspaceMiddleware:
    """Enforces `@needs` on every route; one that declares nothing is an error, never open."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: Any, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        if getattr(view, "cls", None) is not None:
            return None  # API endpoints: workspaces.rest.permissions.Needs enforces the same
        match = request.resolver_match
        if match.route.startswith(settings.STATIC_URL):
            return None
        needed = permissions.declared(view, match.view_name)
        if needed is None:
            raise ImproperlyConfigured(
                f"The view of {match.route!r} does not declare what it needs."
            )
        if needed == permissions.PUBLIC:
            return None
        if not request.user.is_authenticated:
            if request.method == "POST":
                messages.warning(request, SESSION_ENDED)
            return redirect_to_login(request.get_full_path())
        return _enter(request, needed)


class RepeatMiddleware:
    """Calls a page's view once more where the database ended its transaction for another's sake.

    Of that transaction nothing was kept. Where another one was too long in the way, it says so.
    Endpoints of the API repeat their acts and tell of it themselves.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: Any, exception: Exception) -> HttpResponseBase | None:
        match = request.resolver_match
        if getattr(match.func, "cls", None) is not None:
            return None
        if contention.is_busy(exception):
            return render(request, "busy.html", status=503)
        if not contention.is_lost(exception):
            return None
        _rewind(request)
        try:
            return match.func(request, *match.args, **match.kwargs)  # type: ignore[no-any-return]
        except OperationalError:
            return None  # the first one is told


def _rewind(request: HttpRequest) -> None:
    """The first call read the files that were sent; the second one finds them whole again."""
    for _, files in request.FILES.lists():
        for file in files:
            file.seek(0)


def _enter(request: Any, needed: str) -> HttpResponseBase | None:
    """Put the member's workspace on the request, or say why there is none."""
    request.actor = actor_of(request, request.user)
    now = clock.now()
    request.memberships = list(selectors.memberships(request.user, now=now))
    membership = selectors.chosen(request.memberships, request.session.get("workspace"))
    if membership is None and needed == permissions.USER:
        return None
    if membership is None:
        return render(request, "workspaces/none.html", status=403)
    if needed != permissions.USER and shown_for(request) not in ("", str(membership.workspace_id)):
        return _other_workspace(request, membership)
    request.membership, request.workspace = membership, membership.workspace
    if request.session.get("workspace") != str(membership.workspace_id):
        request.session["workspace"] = str(membership.workspace_id)
    services.note_seen(membership, now=now)
    timezone.activate(membership.workspace.zone)
    if needed != permissions.USER and not permissions.allows(membership, needed):
        raise PermissionDenied(f"This needs the permission {needed}.")
    return None


def _other_workspace(request: Any, present: Membership) -> HttpResponseBase:
    """Somebody switched in another tab: what this one sent was meant for another company."""
    rows = [row for row in request.memberships if str(row.workspace_id) == shown_for(request)]
    shown = {"meant": rows[0].workspace if rows else None, "present": present.workspace}
    response = render(request, "409.html", shown, status=409)
    if request.htmx:  # it would show nothing of a 409
        messages.warning(request, f"You switched to {present.workspace} in another tab. {NOTHING}")
        response.headers["HX-Refresh"] = "true"
    return response
