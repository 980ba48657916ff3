"""Enforces on endpoints what `needs` declares, method by method; undeclared is refused."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.permissions import BasePermission

from workspaces import permissions


class Needs(BasePermission):
    """An endpoint sets `needs = "people.view"` and, for writing, `needs_to_write = "people.edit"`."""

    def has_permission(self, request: Any, view: Any) -> bool:
        declared = getattr(view, "needs", None)
        if declared is None:
            raise ImproperlyConfigured(f"{type(view).__name__} does not declare what it needs.")
        if declared == permissions.PUBLIC:
            return True
        membership = getattr(request._request, "membership", None)
        if membership is None:
            return False
        if request.method not in view.allowed_methods:
            raise MethodNotAllowed(request.method)
        writing = request.method not in ("GET", "HEAD", "OPTIONS")
        needed = getattr(view, "needs_to_write", None) if writing else declared
        return needed is not None and permissions.allows(membership, needed)
