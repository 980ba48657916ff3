"""Pages of the import: uploading a list, its progress and preview, taking it over or not."""

import uuid

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from jobs.models import State
from people import exports, selectors
from people import services as people
from people.forms import ApplyForm, ChoicesForm, UploadForm
from people.models import ImportLine, StaffImport
from people.views.frames import frame
from workspaces import keyset
from workspaces.permissions import needs
from workspaces.requests import WorkspaceRequest
from workspaces.views.frames import form_page, get_or_post, typed

RUNNING = (State.PENDING, State.RUNNING)
MOST_CHOICES = 100


@needs("people.edit")
@get_or_post
def imports(request: WorkspaceRequest) -> HttpResponse:
    """Upload a list; earlier imports below."""
    files = request.FILES if request.method == "POST" else None
    form = UploadForm(typed(request), files)
    job = form.settle(lambda: _start(request, form))
    if job is not None:
        return redirect("people:import", pk=job.pk)
    shown = {"imports": selectors.imports(request.workspace)[:20]}
    shown |= frame(request, "people:imports")
    return form_page(request, "people/imports.html", form, **shown)


def _start(request: WorkspaceRequest, form: UploadForm) -> StaffImport:
    file = form.cleaned_data["file"]
    return people.start_import(
        request.workspace,
        file_name=file.name,
        pieces=file.chunks(),
        complete=form.cleaned_data["complete"],
        create_roles=form.cleaned_data["create_roles"],
        user=request.user,
        by=request.actor,
    )


@needs("people.view")
@require_safe
def template(request: WorkspaceRequest) -> StreamingHttpResponse:
    """An empty list with the columns."""
    return exports.template()


@needs("people.edit")
@require_safe
def staff_import(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """One import: how far it is, its preview, or what became of it."""
    return _page(request, _job(request, pk))


@needs("people.edit")
@require_POST
def apply(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """Take over what the preview shows."""
    job = _job(request, pk)
    form = ApplyForm(request.POST, job=job)
    by = request.actor
    done = form.settle(lambda: people.apply_import(job, **form.arguments(), by=by))
    if done is None and job.state == State.HELD:
        return _page(request, job, form, status=422)
    if done is None:
        messages.error(request, "Somebody decided on this import already. Look at it again.")
    return redirect("people:import", pk=pk)


@needs("people.edit")
@require_POST
def choose(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """Say which former people are back; the preview is made anew."""
    job = _job(request, pk)
    form = ChoicesForm(request.POST, lines=_choices(job))
    by = request.actor
    if form.settle(lambda: people.choose(job, choices=form.choices(), by=by)) is None:
        messages.error(request, f"Nothing was changed. {form.words()}")
    return redirect("people:import", pk=pk)


@needs("people.edit")
@require_POST
def cancel(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """Give an import up."""
    try:
        people.cancel_import(_job(request, pk), by=request.actor)
        messages.success(request, "The import is cancelled. Nothing of it was saved.")
    except people.Problem as problem:
        messages.error(request, problem.words)
    return redirect("people:imports")


def _job(request: WorkspaceRequest, pk: uuid.UUID) -> StaffImport:
    return get_object_or_404(selectors.imports(request.workspace), pk=pk)


def _choices(job: StaffImport) -> list[ImportLine]:
    return list(selectors.import_lines(job, ImportLine.Kind.CHOICE)[:MOST_CHOICES])


def _page(
    request: WorkspaceRequest, job: StaffImport, form: ApplyForm | None = None, status: int = 200
) -> HttpResponse:
    kinds = [kind for kind in ImportLine.Kind if job.counts.get(kind)]
    kind = request.GET.get("kind", "")
    kind = kind if kind in kinds else (kinds[0] if kinds else ImportLine.Kind.ADD)
    lines = selectors.import_lines(job, kind)
    choices = _choices(job) if kind == ImportLine.Kind.CHOICE else []
    url = reverse("people:import", args=[job.pk])
    shown = {
        "job": job,
        "running": job.state in RUNNING,
        "held": job.state == State.HELD,
        "done": job.state == State.DONE,
        "kind": kind,
        "page": keyset.page(lines, keys=("row", "id"), cursor=request.GET.get("page", "")),
        "form": form or ApplyForm(job=job),
        "choices": ChoicesForm(lines=choices),
        "kinds": [
            {
                "label": each.label,
                "url": f"{url}?kind={each}",
                "current": each == kind,
                "count": job.counts[each],
            }
            for each in kinds
        ],
    } | frame(request, "people:imports")
    name = "people/import_area.html" if request.htmx else "people/import.html"
    return render(request, name, shown, status=status)
