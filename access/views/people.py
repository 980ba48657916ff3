"""Pages of people × systems: "Staff access" and "Offboarded staff", and both as files."""

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from access import exports, selectors
from access.forms import OffboardedForm, StaffAccessForm
from access.views.systems import tabs
from audit import clock
from people import days
from people import selectors as people
from workspaces import keyset, permissions
from workspaces.permissions import needs
from workspaces.requests import WorkspaceRequest

MOST_COUNTED = 999  # accounts that wait to be identified; further counting would only cost


@needs("access.view")
@require_safe
def staff_access(request: WorkspaceRequest) -> HttpResponse:
    """ "Staff access": people with their accounts in every system, mapped or not."""
    workspace, now = request.workspace, clock.now()
    form = StaffAccessForm(request.GET, workspace=workspace)
    wanted = form.wanted()
    rows = selectors.staff_access(workspace, **wanted, now=now)
    page = keyset.page(rows, keys=("sort_name", "id"), cursor=request.GET.get("page", ""))
    theirs = selectors.accounts_of_people(workspace, [each.pk for each in page.rows], now)
    shown = {
        "form": form,
        "filtered": wanted["search"] or wanted["system"] or wanted["show"] != selectors.Show.MAPPED,
        "page": page,
        "rows": [
            {"staff": each, "accounts": [held for held in theirs.get(each.pk, ()) if held.is_open]}
            for each in page.rows
        ],
        "today": days.today(now, workspace.zone),
        "waiting": selectors.number_waiting(workspace, most=MOST_COUNTED, now=now),
        "most": MOST_COUNTED,
        "can_edit": permissions.allows(request.membership, "access.edit"),
        "tabs": tabs("staff_access"),
    }
    return render(request, "access/staff_access.html", shown)


@needs("access.view")
@require_safe
def export_staff_access(request: WorkspaceRequest) -> StreamingHttpResponse:
    """ "Staff access" as filtered, as a file."""
    now = clock.now()
    wanted = StaffAccessForm(request.GET, workspace=request.workspace).wanted()
    rows = selectors.staff_access(request.workspace, **wanted, now=now)
    return exports.staff_access(request.workspace, rows, now)


@needs("access.view")
@require_safe
def offboarded(request: WorkspaceRequest) -> HttpResponse:
    """ "Offboarded staff": whoever left, and what they can still open."""
    workspace, now, form = request.workspace, clock.now(), OffboardedForm(request.GET)
    wanted = form.wanted()
    rows = selectors.offboarded(workspace, **wanted, now=now)
    keys = people.KEYS[people.Order.LEAVING]
    page = keyset.page(rows, keys=keys, cursor=request.GET.get("page", ""))
    shown = {
        "form": form,
        "filtered": any(wanted.values()),
        "page": page,
        "rows": selectors.leavers(workspace, page.rows, now),
        "tabs": tabs("offboarded"),
    }
    return render(request, "access/offboarded.html", shown)


@needs("access.view")
@require_safe
def export_offboarded(request: WorkspaceRequest) -> StreamingHttpResponse:
    """ "Offboarded staff" as filtered, as a file."""
    now = clock.now()
    rows = selectors.offboarded(request.workspace, **OffboardedForm(request.GET).wanted(), now=now)
    return exports.offboarded(request.workspace, rows, now)
