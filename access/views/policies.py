"""Settings, "Checks": how long problems may last here, the working week and the holidays."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from checks import selectors as checks
from checks import services as check_services
from checks.forms import CalendarForm, PolicyForm
from checks.rules import BY_ID
from integrations.catalog import CATALOG
from workspaces import permissions
from workspaces.permissions import needs
from workspaces.requests import WorkspaceRequest
from workspaces.views.frames import form_page, get_or_post, typed

SAVED = "Saved. Tasks that exist keep their deadlines; new ones follow what you set."
AT_ONCE = (
    "They are Critical from their start, as the critical window is longer than the time to fix."
)


@needs("tasks.view")
@require_safe
def policies(request: WorkspaceRequest) -> HttpResponse:
    """The policy of every check, and the calendar."""
    calendar = checks.calendar(request.workspace)
    saved = checks.work_calendar(request.workspace)
    shown = {
        "rows": [_row(each) for each in checks.policy_rows(request.workspace)],
        "week": checks.working_week(calendar.working_days),
        "holidays": checks.holidays(saved),
        "calendar": saved,
        "can_edit": permissions.allows(request.membership, "workspace.administer"),
    }
    return render(request, "access/policies.html", shown)


@needs("workspace.administer")
@get_or_post
def policy(request: WorkspaceRequest, check_id: str) -> HttpResponse:
    """Change the policy of one check."""
    if check_id not in BY_ID:
        raise Http404
    workspace, user, by = request.workspace, request.user, request.actor
    form = PolicyForm(typed(request), policy=checks.policies(workspace)[check_id])
    saved = form.settle(
        lambda: check_services.set_policy(
            workspace,
            check_id=check_id,
            policy=form.policy(),
            seen=form.cleaned_data["seen"],
            user=user,
            by=by,
        )
    )
    if saved is None:
        return form_page(request, "access/policy.html", form, title=_title(check_id))
    messages.success(request, f"{SAVED} {AT_ONCE}" if saved.starts_critical else SAVED)
    return redirect("access:policies")


@needs("workspace.administer")
@get_or_post
def calendar(request: WorkspaceRequest) -> HttpResponse:
    """Change the working week and the holidays."""
    workspace, user, by = request.workspace, request.user, request.actor
    form = CalendarForm(typed(request), saved=checks.work_calendar(workspace))
    saved = form.settle(
        lambda: check_services.set_calendar(workspace, **form.cleaned_data, user=user, by=by)
    )
    if saved is None:
        return form_page(request, "access/calendar.html", form)
    messages.success(request, SAVED)
    return redirect("access:policies")


def _row(row: checks.PolicyRow) -> dict[str, Any]:
    return {"row": row, "policy": row.policy, "title": _title(row.check.id)}


def _title(check_id: str) -> str:
    return BY_ID[check_id].title(CATALOG["xero"].name)
