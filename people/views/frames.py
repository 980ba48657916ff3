"""What pages about people show around themselves: tabs, the form page, the way back."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from workspaces import permissions
from workspaces.requests import WorkspaceRequest
from workspaces.views.frames import next_page

get_or_post = require_http_methods(["GET", "HEAD", "POST"])

TABS = (
    ("Directory", "people:directory"),
    ("Org roles", "access:org_roles"),
    ("Import", "people:imports"),
)


def frame(request: WorkspaceRequest, current: str) -> dict[str, Any]:
    """The tabs, and whether this person may edit; `current` is the route of the page."""
    return {
        "can_edit": permissions.allows(request.membership, "people.edit"),
        "tabs": [
            {"label": label, "url": reverse(route), "current": route == current}
            for label, route in TABS
        ],
    }


def typed(request: HttpRequest) -> Any:
    """What was sent, or None for a first visit (an empty POST is no first visit)."""
    return request.POST if request.method == "POST" else None


def form_page(request: HttpRequest, template: str, form: forms.Form, **shown: Any) -> HttpResponse:
    """The form, with what was typed; 422 where something of it needs another look."""
    shown |= {"form": form, "next": next_page(request)}
    return render(request, template, shown, status=422 if form.is_bound else 200)
