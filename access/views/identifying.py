"""Pages of one account: what is known of it, and the dialog "Identify & map user"."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access import selectors
from access import services as access
from access.facts import candidates, product_of
from access.forms import IdentifyForm
from access.matching import PeopleIndex, Suggestion, suggestions
from access.models import Account, Identification
from audit import clock
from people import days
from people.services import Problem
from workspaces import permissions
from workspaces.permissions import needs
from workspaces.requests import WorkspaceRequest


@needs("access.view")
@require_safe
def account(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """One account: whose it is, its Xero role over time, its tasks."""
    found = _account(request, pk)
    system = selectors.system_of(found)
    held = found.identifications.filter(held_for__isnull=False, approved_at__isnull=True).first()
    shown = {
        "account": found,
        "system": system,
        "decision": selectors.decision(found),
        "history": found.identifications.select_related("staff", "decided_by").order_by(
            "-decided_at"
        ),
        "spans": found.spans.order_by("-began_at")[:50],
        "tasks": selectors.tasks_of_subject(request.workspace, found.pk, clock.now()),
        "held": held,
        "product": product_of(system) if system else None,
        "can_edit": permissions.allows(request.membership, "access.edit"),
        "can_approve": permissions.allows(request.membership, "workspace.administer"),
    }
    return render(request, "access/account.html", shown)


@needs("access.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def identify(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """ "Identify & map user": four choices, with suggestions and their reasons."""
    found = _account(request, pk)
    now = clock.now()
    form = IdentifyForm(
        request.POST if request.method == "POST" else None,
        workspace=request.workspace,
        today=days.today(now, request.workspace.zone),
        now=now,
        initial={"name": found.name, "email": found.email},
    )
    if form.settle(lambda: _decide(found, form.cleaned_data, request)) is None:
        shown = {
            "account": found,
            "system": selectors.system_of(found),
            "form": form,
            "suggestions": _suggestions(found),
        }
        return render(request, "access/identify.html", shown, status=422 if form.is_bound else 200)
    messages.success(request, f"{found.label}: the decision is recorded.")
    system = selectors.system_of(found)
    return redirect("access:users", pk=system.pk) if system else redirect("access:account", pk=pk)


@needs("workspace.administer")
@require_POST
def approve(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """Another admin confirms that the account was not the leaver's."""
    found = _account(request, pk)
    held = found.identifications.filter(held_for__isnull=False, approved_at__isnull=True).first()
    if held is None:
        messages.info(request, "There is nothing to approve any more.")
        return redirect("access:account", pk=pk)
    try:
        access.approve_release(held, user=request.user, by=request.actor)
        messages.success(request, "The new identification is approved.")
    except Problem as problem:
        messages.error(request, problem.words)
    return redirect("access:account", pk=pk)


def _account(request: WorkspaceRequest, pk: uuid.UUID) -> Account:
    try:
        return selectors.account(request.workspace, pk)
    except Account.DoesNotExist as error:
        raise Http404 from error


def _suggestions(account: Account) -> tuple[Suggestion, ...]:
    index = PeopleIndex(candidates(account.workspace))
    return suggestions(name=account.name, email=account.email, index=index)


def _decide(
    account: Account, data: dict[str, Any], request: WorkspaceRequest
) -> list[Identification]:
    """Call the service that the choice names."""
    user, by, workspace = request.user, request.actor, request.workspace
    if data["user_is"] == IdentifyForm.EXISTING:
        return access.identify_as_staff([account], staff=data["staff"], user=user, by=by)
    if data["user_is"] == IdentifyForm.NEW:
        return access.identify_as_new_staff(
            [account],
            workspace=workspace,
            name=data["name"],
            email=data["email"],
            employment_type=data["employment_type"] or "employee",
            last_day=data["last_day"],
            user=user,
            by=by,
        )
    if data["user_is"] == IdentifyForm.NOT_STAFF:
        return access.identify_as_not_staff(
            [account],
            workspace=workspace,
            kind=data["not_staff_kind"],
            owner=data["owner"],
            reason=data["reason"],
            ends_on=data["ends_on"],
            users=data["users"],
            user=user,
            by=by,
        )
    return access.leave_unidentified([account], workspace=workspace, user=user, by=by)
