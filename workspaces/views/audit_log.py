"""Pages of the audit log: who did what and from where, as a list and as a file; is it whole."""

from collections.abc import Iterable, Iterator
from itertools import islice

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from audit import clock
from audit import selectors as record
from workspaces import exports, keyset, naming, selectors
from workspaces.forms import AuditLogForm, WalkForm
from workspaces.models import Workspace
from workspaces.permissions import needs
from workspaces.requests import WorkspaceRequest
from workspaces.wording import Names, about, changes, ids_in, kind_words, told_by

LOST = (
    "That look at the audit log was broken off too long ago to go on. It has said nothing about the"
    " log; press Verify again."
)
HEADERS = (
    "Number", "When (UTC)", "What", "Kind", "About", "Subject", "Who", "From", "Token", "Changes",
    "Hash",
)  # fmt: skip
NAMED_AT_ONCE = 500


@needs("audit.view")
@require_safe
def audit_log(request: WorkspaceRequest) -> HttpResponse:
    """Every act, newest first; filters stay in the address."""
    form = _form(request)
    rows = record.log(request.workspace.id, **form.wanted())
    page = keyset.page(rows, keys=("-seq",), cursor=request.GET.get("page", ""))
    acts = record.told(page.rows)
    shown = {
        "form": form,
        "page": page,
        "acts": acts,
        "names": _names(request.workspace, acts),
        "filtered": any(form.wanted().values()),
        "now": clock.now(),
    }
    return render(request, "workspaces/audit/log.html", shown)


@needs("evidence.export")
@require_safe
def export(request: WorkspaceRequest) -> HttpResponseBase:
    """The same list as a CSV file, all of it."""
    rows = record.log(request.workspace.id, **_form(request).wanted())
    return exports.download("audit-log", HEADERS, _lines(request.workspace, record.told_all(rows)))


@needs("audit.view")
@require_POST
def verify(request: WorkspaceRequest) -> HttpResponse:
    """Walk the chain, a bounded piece a request, and at its end say whether it is whole."""
    form = WalkForm(request.POST, chain=request.workspace.id)
    if not form.is_valid():
        messages.error(request, LOST)
        return redirect("workspaces:audit_log")
    walk = form.cleaned_data["walk"]
    more = record.went_on(walk, most=settings.AUDIT_STEP)
    result = None if more else walk.ended()
    progress = f"{walk.events:,} of {walk.total:,} entries"
    shown = {
        "walk": walk,
        "result": result,
        "progress": progress,
        "faults": walk.faults[:20],
        "guards_off": record.guards_off() if result else [],
    }
    return render(request, "workspaces/audit/verified.html", shown)


def _names(workspace: Workspace, acts: Iterable[record.Told]) -> Names:
    """What the things are called that these acts name, in one query."""
    ids = {key for act in acts for key in ids_in([act.subject, act.body])}
    return naming.names(workspace, ids) | naming.fixed()


def _form(request: WorkspaceRequest) -> AuditLogForm:
    people = selectors.people_ever(request.workspace)
    return AuditLogForm(request.GET, zone=request.workspace.zone, people=people)


def _lines(workspace: Workspace, acts: Iterator[record.Told]) -> Iterator[tuple[object, ...]]:
    while piece := list(islice(acts, NAMED_AT_ONCE)):
        names = _names(workspace, piece)
        yield from (_line(act, names) for act in piece)


def _line(act: record.Told, names: Names) -> tuple[object, ...]:
    """Ids stay beside the names: things are called otherwise one day, and the chain has the ids."""
    subject = about(act.subject, act.body, names)
    return (
        act.seq,
        act.at.isoformat(),
        kind_words(act.kind),
        act.kind,
        subject.words if subject else "",
        act.subject,
        told_by(act.by),
        act.by.get("ip", ""),
        act.by.get("token_id", ""),
        "; ".join(f"{name}: {words}" for name, words in changes(act.body)),
        act.hash,
    )
