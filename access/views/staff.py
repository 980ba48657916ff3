"""The staff page with accounts in every system, offboarding and reinstating."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from access import selectors
from access.facts import name_of
from audit import clock
from integrations.catalog import CATALOG
from people import days
from people import selectors as people
from people import services as people_services
from people.forms import OffboardForm, ReinstateForm
from people.models import StaffMember
from workspaces import permissions
from workspaces.permissions import needs
from workspaces.requests import WorkspaceRequest


@needs("people.view")
@require_safe
def staff(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """A person: Org roles, employment, accounts in every system, tasks."""
    found, now = _person(request, pk), clock.now()
    shown = _shown(request, found, now) | {
        "tasks": selectors.tasks_of_subject(request.workspace, found.pk, now),
        "periods": found.periods.order_by("-number"),
        "roles": found.org_roles.order_by("name"),
    }
    return render(request, "access/staff.html", shown)


@needs("people.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def offboard(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """Record when somebody's access ends; shows what is to be removed."""
    found, now = _person(request, pk), clock.now()
    form = OffboardForm(
        request.POST if request.method == "POST" else None,
        today=days.today(now, request.workspace.zone),
        moving=people.latest_period(found).access_ends_at is not None,
    )
    by = request.actor
    done = form.settle(lambda: people_services.offboard(found, **form.arguments(), by=by))
    if done is None:
        shown = _shown(request, found, now) | {"form": form}
        return render(request, "access/offboard.html", shown, status=422 if form.is_bound else 200)
    messages.success(request, f"{found.name}'s leaving is recorded. See below what to remove.")
    return redirect("access:staff", pk=pk)


@needs("people.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def reinstate(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """Take a leaving back, or let a person who left return."""
    found, now = _person(request, pk), clock.now()
    ends = people.latest_period(found).access_ends_at
    form = ReinstateForm(
        request.POST if request.method == "POST" else None,
        today=days.today(now, request.workspace.zone),
        has_left=ends is not None and ends <= now,
    )
    by = request.actor
    done = form.settle(lambda: people_services.reinstate(found, **form.arguments(), by=by))
    if done is None:
        shown = _shown(request, found, now) | {"form": form}
        return render(request, "access/reinstate.html", shown, status=422 if form.is_bound else 200)
    messages.success(request, f"{found.name} works here again.")
    return redirect("access:staff", pk=pk)


def _person(request: WorkspaceRequest, pk: uuid.UUID) -> StaffMember:
    try:
        return people.staff_member(request.workspace, pk, now=clock.now())
    except StaffMember.DoesNotExist as error:
        raise Http404 from error


def _shown(request: WorkspaceRequest, found: StaffMember, now: Any) -> dict[str, Any]:
    accounts = list(selectors.accounts_of(found))
    return {
        "staff": found,
        "now": now,
        "accounts": [_account(each) for each in accounts],
        "owned": selectors.owned_by(found, getattr(found, "email", "") or ""),
        "can_edit": permissions.allows(request.membership, "people.edit"),
    }


def _account(account: Any) -> dict[str, Any]:
    system = getattr(account.connection, "criticalsystem", None)
    name = name_of(system) if system else account.connection.organisation_name
    level = CATALOG[account.connection.integration].scheme.name(account.level)
    return {"account": account, "system": system, "name": name, "level": level}
