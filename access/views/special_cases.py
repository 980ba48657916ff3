"""Special cases: the list under Settings, one of them, deciding, ending, its file."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from access import exports, selectors
from audit import clock
from checks import attachments
from checks import selectors as checks
from checks import services as check_services
from checks.forms import DecisionForm
from checks.models import SpecialCase
from checks.rules import BY_ID
from workspaces import exports as csv
from workspaces import keyset, permissions
from workspaces import selectors as workspaces
from workspaces.permissions import needs
from workspaces.requests import WorkspaceRequest

SHOWS = (("in_force", "In force"), ("waiting", "Waiting for approval"), ("past", "Past"))


@needs("tasks.view")
@require_safe
def special_cases(request: WorkspaceRequest) -> HttpResponse:
    """Settings, "Special cases"."""
    show = request.GET.get("show", "")
    show = show if show in checks.SHOWS else "in_force"
    address, now = reverse("access:special_cases"), clock.now()
    rows = checks.special_cases(request.workspace, now=now, show=show)
    page = keyset.page(rows, keys=("-requested_at", "-id"), cursor=request.GET.get("page", ""))
    waiting = checks.special_cases(request.workspace, now=now, show="waiting").count()
    shown = {
        "page": page,
        "rows": [{"case": each, "title": _title(each)} for each in page.rows],
        "show": show,
        "ending": checks.ending_soon(request.workspace, now)[:5],
        "now": now,
        "can_export": permissions.allows(request.membership, "evidence.export"),
        "tabs": [
            {
                "label": label,
                "url": f"{address}?show={key}",
                "current": key == show,
                "count": waiting if key == "waiting" and waiting else None,
            }
            for key, label in SHOWS
        ],
    }
    return render(request, "access/special_cases.html", shown)


@needs("evidence.export")
@require_safe
def special_cases_csv(request: WorkspaceRequest) -> StreamingHttpResponse:
    """All special cases as a CSV file."""
    rows = checks.special_cases(request.workspace, now=clock.now()).iterator(2000)
    return csv.download("special-cases", exports.CASE_HEADERS, exports.case_rows(rows))


@needs("tasks.own")
@require_safe
def special_case(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """One special case: what was asked, decided and covered."""
    return _page(request, _visible(request, pk), DecisionForm())


@needs("special_cases.approve")
@require_POST
def approve(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """Approve a request."""
    return _decide(
        request, pk, check_services.approve_special_case, "Approved: the task is a special case."
    )


@needs("special_cases.approve")
@require_POST
def reject(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """Reject a request, with words."""
    return _decide(
        request, pk, check_services.reject_special_case, "Rejected: the task goes on as it was."
    )


@needs("special_cases.approve")
@require_POST
def confirm(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """Confirm for another year what is valid forever."""

    def act(case: SpecialCase, *, note: str, **how: Any) -> SpecialCase:
        return check_services.confirm_special_case(case, **how)

    return _decide(request, pk, act, "Confirmed for another year.")


@needs("tasks.work")
@require_POST
def withdraw(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """Take a request back, or end early what is in force."""
    case = _visible(request, pk)
    if not _may_withdraw(request, case):
        raise PermissionDenied("This needs the permission tasks.edit.")

    def act(case: SpecialCase, *, note: str, **how: Any) -> SpecialCase:
        return check_services.withdraw_special_case(case, **how)

    if case.standing == SpecialCase.State.REQUESTED:
        return _decide(request, pk, act, "Withdrawn: the request changes nothing any more.")
    return _decide(request, pk, act, "Ended: the task's own start and deadline count again.")


@needs("tasks.own")
@require_safe
def file(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """The attached file, only ever as a download that no browser runs."""
    case = _visible(request, pk)
    content = attachments.read(case.file_digest) if case.file_digest else None
    if content is None:
        raise Http404
    return HttpResponse(
        content,
        content_type=attachments.KINDS[case.file_kind].mime,
        headers={
            "Content-Disposition": content_disposition_header(True, case.file_name) or "attachment",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "no-store, private",
        },
    )


def _visible(request: WorkspaceRequest, pk: uuid.UUID) -> Any:
    """One that this member may see: all of them with every task, else those of their own tasks."""
    now = clock.now()
    rows = checks.special_cases(request.workspace, now=now)
    if not permissions.allows(request.membership, "tasks.view"):
        mine = selectors.visible_tasks(request.membership, now).values("pk")
        rows = rows.filter(task__in=mine)
    return get_object_or_404(rows, pk=pk)


def _decide(
    request: WorkspaceRequest, pk: uuid.UUID, act: Callable[..., SpecialCase], done: str
) -> HttpResponse:
    case, form = _visible(request, pk), DecisionForm(request.POST)
    user, by = request.user, request.actor
    if form.settle(lambda: act(case, note=form.cleaned_data["note"], user=user, by=by)) is None:
        return _page(request, _visible(request, pk), form, status=422)
    messages.success(request, done)
    return redirect("access:special_case", pk=pk)


def _page(
    request: WorkspaceRequest, case: Any, form: DecisionForm, status: int = 200
) -> HttpResponse:
    decides = permissions.allows(request.membership, "special_cases.approve")
    asked = case.requested_by_id == request.user.pk
    alone = workspaces.is_only_admin(request.workspace, request.user)
    requested = case.standing == SpecialCase.State.REQUESTED
    shown = {
        "case": case,
        "task": case.task,
        "title": _title(case),
        "form": form,
        "now": clock.now(),
        "kind": attachments.KINDS[case.file_kind].label if case.file_kind else "",
        "decides": decides and requested and (alone or not asked),
        "alone": alone and asked,
        "waits": requested and asked and not alone,
        "confirms": decides
        and case.standing == SpecialCase.State.APPROVED
        and case.confirm_by
        and (alone or not asked),
        "withdraws": _may_withdraw(request, case),
        "own": asked,
        "tone": {"approved": "violet", "requested": "info"}.get(case.standing, "closed"),
    }
    return render(request, "access/special_case.html", shown, status=status)


def _may_withdraw(request: WorkspaceRequest, case: Any) -> bool:
    """Editors, and whoever asked while they may still ask; only while there is something to end."""
    live = case.standing in (SpecialCase.State.REQUESTED, SpecialCase.State.APPROVED)
    own = case.requested_by_id == request.user.pk
    asks = own and selectors.may_work_on(request.membership, case.task)
    return live and (asks or permissions.allows(request.membership, "tasks.edit"))


def _title(case: SpecialCase) -> str:
    return BY_ID[case.task.check_id].title(selectors.product_name(case.task))
