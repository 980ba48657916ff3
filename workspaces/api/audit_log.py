"""Endpoints of the audit log: every act, by whom, from where, what changed; is it whole."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from rest_framework import serializers

from audit import selectors as record
from audit.models import Event, EventBody
from workspaces.models import Workspace
from workspaces.rest.bodies import Body, ListQuery
from workspaces.rest.endpoints import Endpoint, Listing, Serializer, acts
from workspaces.rest.fields import Instant, Text
from workspaces.rest.problems import Unprocessable

WALKS = ("unfinished", "whole", "broken")


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


class WalkInput(Body):
    cursor = Text(required=False, max_length=200_000, help_text="From the answer before.")


class WalkData(serializers.Serializer[Any]):
    """How far the walk over the chain has come, and at its end what it found."""

    state = serializers.ChoiceField(
        choices=WALKS, help_text="`unfinished` says nothing yet: go on with `cursor`."
    )
    checked = serializers.IntegerField(help_text="Events read so far, from the first on.")
    events = serializers.IntegerField(help_text="How many there were when the walk began.")
    erased = serializers.IntegerField(help_text="Events whose words were erased.")
    kept_until = serializers.IntegerField(
        allow_null=True, help_text="The event up to which the head kept elsewhere vouches."
    )
    head = serializers.CharField(help_text="The hash of the last event that was read.")
    faults = serializers.ListField(
        child=serializers.CharField(), help_text="What does not fit; the first 100."
    )
    cursor = serializers.CharField(allow_null=True, help_text="Good for an hour; null at the end.")


class Verify(Endpoint):
    http_method_names = ["post"]
    needs = needs_to_write = "audit.view"

    @acts(takes=WalkInput, answers=WalkData)
    def post(self, data: dict[str, Any]) -> dict[str, Any]:
        """Say whether the audit log is whole.

        One request reads a bounded piece. Ask again with `cursor` until there is none: before the
        end nothing is claimed.
        """
        chain, cursor = self.workspace.id, data.get("cursor")
        try:
            walk = record.resumed(chain, cursor) if cursor else record.begun(chain)
        except record.Lost as lost:
            raise Unprocessable("This walk cannot be gone on with. Begin a new one.") from lost
        more = record.went_on(walk, most=settings.AUDIT_STEP)
        return _walked(walk, None if more else walk.ended())


def _walked(walk: record.Walk, found: record.Verification | None) -> dict[str, Any]:
    return {
        "state": "unfinished" if found is None else "whole" if found.whole else "broken",
        "checked": walk.events,
        "events": walk.total,
        "erased": walk.erased,
        "kept_until": walk.kept.seq if walk.kept else None,
        "head": walk.prev,
        "faults": walk.faults[:100],
        "cursor": walk.text() if found is None else None,
    }


def _told(event: Event, body: EventBody | None) -> dict[str, Any]:
    said = json.loads(body.text) if body else {}
    return {
        **{name: getattr(event, name) for name in ("seq", "at", "kind", "hash", "prev")},
        "body_digest": event.body_digest,
        "by": said.pop("by", {}),
        "subject": said.pop("subject", ""),
        "body": said if body else None,
    }
