"""Readings about the list as a whole: when it was confirmed complete, and imports of files."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min, QuerySet

from audit import selectors as audit
from people.models import AUTOMATIC, ImportLine, StaffImport, StaffList, StaffMember
from workspaces.models import Workspace

Span = tuple[datetime, datetime | None]  # half-open; None: not over

CONFIRMED = "staff.confirmed_complete"
REMIND_AFTER = timedelta(days=35)
# A tool that sends whole lists and then falls silent: leavers would go unnoticed.
STALE_AFTER = timedelta(days=7)


@dataclass(frozen=True)
class ListFreshness:
    """When the directory was last confirmed complete; None: never.

    `stale`: the tool that sends it whole has been silent for so long that it proves nothing.
    """

    confirmed_at: datetime | None
    confirmed_by: str
    remind: bool
    stale: bool


def list_freshness(workspace: Workspace, *, now: datetime) -> ListFreshness | None:
    """None where the directory is empty."""
    rows = StaffMember.objects.filter(workspace=workspace)
    oldest = rows.aggregate(first=Min("created_at"))["first"]
    if oldest is None:
        return None
    row = StaffList.objects.filter(workspace=workspace).first()
    since, stale_at = row.confirmed_at if row else oldest, _stale_at(row)
    stale = stale_at is not None and stale_at <= now
    return ListFreshness(
        confirmed_at=row.confirmed_at if row else None,
        confirmed_by=row.confirmed_by if row else "",
        remind=stale or since <= now - REMIND_AFTER,
        stale=stale,
    )


def list_stale_at(workspace: Workspace) -> datetime | None:
    """When a directory that a tool sends whole is too old to prove anything; None for others."""
    return _stale_at(StaffList.objects.filter(workspace=workspace).first())


def silences(workspace: Workspace, *, since: datetime) -> list[Span]:
    """Times since then in which a directory that a tool sends whole was too old, from the record."""
    row = StaffList.objects.filter(workspace=workspace).first()
    said = audit.told(audit.log(workspace.pk, kind=CONFIRMED, since=since - STALE_AFTER))
    sources = [event.body["source"] for event in said if "source" in event.body]
    source = row.source if row and not sources else ""  # as it was before these events
    spans: list[Span] = []
    ends: datetime | None = None  # of what the list before proves; None while people keep it
    for event in sorted(said, key=lambda each: each.seq):
        if ends is not None and ends < event.at:
            spans.append((ends, event.at))
        source = event.body.get("source", source)
        ends = event.at + STALE_AFTER if source in AUTOMATIC else None
    last = ends if said else _stale_at(row)
    return spans if last is None else [*spans, (last, None)]


def _stale_at(row: StaffList | None) -> datetime | None:
    return row.confirmed_at + STALE_AFTER if row and row.source in AUTOMATIC else None


def imports(workspace: Workspace) -> QuerySet[StaffImport]:
    """Imports of files, newest first."""
    rows = StaffImport.objects.filter(workspace=workspace).select_related("requested_by")
    return rows.order_by("-created_at", "id")


def import_lines(job: StaffImport, kind: str) -> QuerySet[ImportLine]:
    """Lines of the preview of one kind, by row."""
    return job.lines.filter(kind=kind).order_by("row", "id")
