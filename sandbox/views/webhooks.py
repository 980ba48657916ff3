"""The latest webhook deliveries, and the button that sends one again."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from sandbox.models import Delivery, Webhook
from sandbox.services import deliveries


@require_GET
def deliveries_page(request: HttpRequest) -> HttpResponse:
    """List webhooks and their latest deliveries."""
    latest = Delivery.objects.select_related("webhook").order_by("-id")[:100]
    context = {"webhooks": Webhook.objects.all(), "deliveries": latest}
    return render(request, "sandbox/webhooks.html", context)


@require_POST
def resend(request: HttpRequest, pk: int) -> HttpResponse:
    """Send one delivery again, unchanged."""
    deliveries.resend(get_object_or_404(Delivery, pk=pk))
    return redirect("webhooks")
