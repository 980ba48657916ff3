"""Pages of a system's users: who has access now, who had on a day, what came, changed and went."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from access import selectors
from access.facts import product_of
from access.forms import HistoryForm, UsersForm
from access.models import Account, CriticalSystem
from access.views.systems import frame
from audit import clock
from checks.status import OPEN
from people import days
from workspaces import keyset
from workspaces.permissions import needs
from workspaces.requests import WorkspaceRequest


@needs("access.view")
@require_safe
def users(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """ "Users": every account with whose it is and whether its access is valid."""
    found = get_object_or_404(selectors.for_workspace(request.workspace), pk=pk)
    now, product = clock.now(), product_of(found)
    form = UsersForm(request.GET, scheme=product.scheme)
    rows = selectors.users(found, now, **form.wanted())
    cursor = request.GET.get("page", "")
    page = keyset.page(rows, keys=selectors.SORTS[form.order], cursor=cursor)
    shown = {
        "page": page,
        "rows": account_rows(page.rows, found, now),
        "form": form,
        "now": now,
        "product": product,
        "waits": found.removed_at is None and selectors.any_waits(found, now),
    }
    return render(request, "access/users.html", shown | frame(request, found, "users"))


def account_rows(
    rows: Iterable[Account], system: CriticalSystem, now: datetime
) -> list[dict[str, Any]]:
    """Accounts as the table shows them."""
    page, scheme = list(rows), product_of(system).scheme
    tasks = selectors.access_tasks(system.workspace, page, now)
    each = selectors.accounts_each(page)
    lines = []
    for row in page:
        decision = row.current[0] if row.current else None  # type: ignore[attr-defined]
        task = tasks.get(row.pk)
        lines.append(
            {
                "account": row,
                "level": scheme.name(row.level),
                "privileged": row.level in scheme.privileged,
                "decision": decision,
                "second": decision is not None and each.get(decision.staff_id, 0) > 1,
                "task": task,
                "status": (status := selectors.shown_status(task) if task else None),
                "urgent": status in OPEN,
                "exempt": decision is not None and decision.kind == "not_staff",
                "last_seen": system.connection.read_at
                if row.present and system.connection
                else row.last_seen_at,
            }
        )
    return lines


@needs("access.view")
@require_safe
def history(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """ "History": what came, changed and went; with a day, who had access at its end."""
    found = get_object_or_404(selectors.for_workspace(request.workspace), pk=pk)
    now, zone = clock.now(), request.workspace.zone
    form = HistoryForm(request.GET)
    at = form.instant(now, zone)
    shown = {
        "form": form,
        "at": at,
        "now": now,
        "today": days.today(now, zone),
        "product": product_of(found),
        **(_past(request, found, form, at) if at else _changes(request, found)),
    }
    return render(request, "access/history.html", shown | frame(request, found, "history"))


def _changes(request: WorkspaceRequest, system: CriticalSystem) -> dict[str, Any]:
    return {"page": selectors.changes(system, cursor=request.GET.get("page", ""))}


def _past(
    request: WorkspaceRequest, system: CriticalSystem, form: HistoryForm, at: datetime
) -> dict[str, Any]:
    rows = selectors.had_access(system, at, search=form.cleaned_data["q"])
    page = keyset.page(rows, keys=("sort_name", "id"), cursor=request.GET.get("page", ""))
    scheme = product_of(system).scheme
    return {
        "page": page,
        "rows": [
            {
                "span": span,
                "level": scheme.name(span.level),
                "privileged": span.level in scheme.privileged,
                "decision": next(iter(span.account.current), None),  # type: ignore[attr-defined]
            }
            for span in page.rows
        ],
        "read_at": selectors.read_before(system, at),
        "gaps": selectors.gaps(system, at=at),
    }
