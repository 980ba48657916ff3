"""The endpoint of the audit log: every act, by whom, from where, what changed."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from audit.models import Event, EventBody
from workspaces.models import Workspace
from workspaces.rest.bodies import ListQuery
from workspaces.rest.endpoints import Listing, Serializer
from workspaces.rest.fields import Instant, Text


class EventData(serializers.Serializer[Any]):
    seq = serializers.IntegerField(help_text="Its place in the workspace's chain, from 1.")
    at = serializers.DateTimeField()
    kind = serializers.CharField()
    subject = serializers.CharField(help_text="Such as `staff:` and an id.")
    by = serializers.DictField(child=serializers.CharField(), help_text="Who did it, from where.")
    body = serializers.DictField(allow_null=True, help_text="What changed; null where erased.")
    hash = serializers.CharField()
    prev = serializers.CharField(help_text="The hash of the event before.")
    body_digest = serializers.CharField(help_text="SHA-256 of the body as it was written.")


class EventQuery(ListQuery):
    kind = Text(required=False, max_length=60, help_text="Exactly this kind.")
    subject = Text(required=False, max_length=100, help_text="Exactly this subject.")
    since = Instant(required=False, help_text="At this instant or later.")
    until = Instant(required=False, help_text="Before this instant.")


class AuditEvents(Listing):
    """The audit log: append-only, each event linked to the one before by its hash."""

    needs, answers, query = "audit.view", EventData, EventQuery
    orderings = {"-seq": ("-seq",), "seq": ("seq",)}

    def rows(
        self,
        workspace: Workspace,
        kind: str = "",
        subject: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> QuerySet[Event]:
        rows = Event.objects.filter(chain=workspace.id)
        if subject:
            bodies = EventBody.objects.filter(chain=workspace.id, subject=subject)
            rows = rows.filter(id__in=bodies.values("event_id"))
        rows = rows.filter(kind=kind) if kind else rows
        rows = rows.filter(at__gte=since) if since else rows
        return rows.filter(at__lt=until) if until else rows

    def present(self, serializer: Serializer, rows: Sequence[Any]) -> list[Any]:
        bodies = EventBody.objects.in_bulk([row.id for row in rows])
        return super().present(serializer, [_told(row, bodies.get(row.id)) for row in rows])


def _told(event: Event, body: EventBody | None) -> dict[str, Any]:
    said = json.loads(body.text) if body else {}
    return {
        **{name: getattr(event, name) for name in ("seq", "at", "kind", "hash", "prev")},
        "body_digest": event.body_digest,
        "by": said.pop("by", {}),
        "subject": said.pop("subject", ""),
        "body": said if body else None,
    }
