"""Readings about the list as a whole: when it was confirmed complete, and imports of files."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min, QuerySet

from people.models import ImportLine, Source, StaffImport, StaffList, StaffMember
from workspaces.models import Workspace

REMIND_AFTER = timedelta(days=35)
KEPT_HERE = (Source.MANUAL, Source.CSV)


@dataclass(frozen=True)
class ListFreshness:
    """When a list that people keep was last confirmed complete; None: never."""

    confirmed_at: datetime | None
    confirmed_by: str
    remind: bool


def list_freshness(workspace: Workspace, *, now: datetime) -> ListFreshness | None:
    """None where nobody in the directory is kept by hand or CSV: a source answers for its own."""
    oldest = min(filter(None, (_oldest(workspace, each) for each in KEPT_HERE)), default=None)
    if oldest is None:
        return None
    row = StaffList.objects.filter(workspace=workspace).first()
    since = row.confirmed_at if row else oldest
    return ListFreshness(
        confirmed_at=row.confirmed_at if row else None,
        confirmed_by=row.confirmed_by if row else "",
        remind=since <= now - REMIND_AFTER,
    )


def _oldest(workspace: Workspace, source: str) -> datetime | None:
    """When the first person of this source came in; asked source by source, one look at an index."""
    rows = StaffMember.objects.filter(workspace=workspace, source=source)
    first: datetime | None = rows.aggregate(first=Min("created_at"))["first"]
    return first


def imports(workspace: Workspace) -> QuerySet[StaffImport]:
    """Imports of files, newest first."""
    rows = StaffImport.objects.filter(workspace=workspace).select_related("requested_by")
    return rows.order_by("-created_at", "id")


def import_lines(job: StaffImport, kind: str) -> QuerySet[ImportLine]:
    """Lines of the preview of one kind, by row."""
    return job.lines.filter(kind=kind).order_by("row", "id")
