"""Base classes of endpoints: lists and single things of the token's workspace, read-only."""

from typing import Any

from django.db.models import Model, QuerySet
from rest_framework.generics import ListAPIView, RetrieveAPIView


class Scoped:
    """`rows(workspace, now)` gives what the token may see; a foreign id is as absent as a random one."""

    lookup_field = "pk"

    def get_queryset(self) -> QuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            return self.model._default_manager.none()
        return self.rows(self.request._request.workspace)  # type: ignore[attr-defined]

    model: type[Model]

    def rows(self, workspace: Any) -> QuerySet[Any]:
        raise NotImplementedError


class ScopedList(Scoped, ListAPIView):  # type: ignore[type-arg]
    """A cursor-paged list."""


class ScopedItem(Scoped, RetrieveAPIView):  # type: ignore[type-arg]
    """One thing by its id."""
