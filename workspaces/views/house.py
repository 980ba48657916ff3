"""Pages of the house itself: health, the component gallery, choosing a workspace."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from audit import clock
from workspaces import gallery as samples
from workspaces.permissions import PUBLIC, needs


@needs(PUBLIC)
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Whether web and database answer; for load balancers and the supervisor."""
    return JsonResponse({"status": "ok", "database_time": clock.now().isoformat()})


@needs(PUBLIC)
@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """Every component in every state; only in DEBUG."""
    if not settings.DEBUG:
        raise Http404
    return render(request, "gallery.html", samples.samples(clock.now()))
