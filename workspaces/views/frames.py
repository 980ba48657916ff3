"""What the pages of the house share: typed data, a page with one form, tabs, the way back."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


def typed(request: HttpRequest) -> Any:
    """What was sent, or None for a first visit (an empty POST is no first visit)."""
    return request.POST if request.method == "POST" else None


def form_page(request: HttpRequest, template: str, form: forms.Form, **shown: Any) -> HttpResponse:
    """The form, with what was typed; 422 where something of it needs another look."""
    shown |= {"form": form, "next": next_page(request)}
    return render(request, template, shown, status=422 if form.is_bound else 200)


def tabs(names: Iterable[tuple[str, str]], current: str, *args: Any) -> list[dict[str, Any]]:
    """Tabs by label and route, all with the same `args`; `current` is the route of the page."""
    return [
        {"label": label, "url": reverse(route, args=args), "current": route == current}
        for label, route in names
    ]


def next_page(request: HttpRequest) -> str:
    """The page to go back to, where the form or the link that led here named one of ours."""
    wanted = request.POST.get("next", "") or request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if ours else ""


def onward(request: HttpRequest, route: str, **named: Any) -> HttpResponseRedirect:
    """To the page to go back to, else to the route."""
    return HttpResponseRedirect(next_page(request) or reverse(route, kwargs=named))
