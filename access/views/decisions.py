"""Pages of one account and its decisions: what is known, taking one back, approving one."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from access import selectors
from access import services as access
from access.facts import name_of
from access.forms import ApproveForm
from access.matching import is_confusable
from access.models import Account, Identification
from audit import clock
from integrations.catalog import CATALOG
from people.services import Problem
from workspaces import permissions
from workspaces import selectors as workspaces
from workspaces.permissions import needs
from workspaces.requests import WorkspaceRequest
from workspaces.views.frames import get_or_post


@needs("access.view")
@require_safe
def account(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """One account: whose it is and who said so, its Xero role over time, its tasks."""
    found = account_or_404(request, pk)
    system, decision = selectors.system_of(found), selectors.decision(found)
    holder = [decision.staff_id] if decision is not None and decision.staff_id else []
    scheme = CATALOG[found.connection.integration].scheme
    shown = {
        "account": found,
        "system": system,
        "system_name": name_of(system) if system else found.connection.organisation_name,
        "level": scheme.name(found.level),
        "flagged": bool(found.email) and is_confusable(found.email),
        "decision": decision,
        "history": selectors.history(found)[:100],
        "spans": [
            {"span": each, "level": scheme.name(each.level)}
            for each in found.spans.order_by("-began_at")[:50]
        ],
        "tasks": selectors.tasks_about(request.workspace, [found.pk, *holder], clock.now()),
        "held_from": selectors.held_from(found),
        "own": decision is not None and decision.decided_by_id == request.user.pk,
        "alone": workspaces.is_only_admin(request.workspace, request.user),
        "can_edit": permissions.allows(request.membership, "access.edit"),
        "can_approve": permissions.allows(request.membership, "workspace.administer"),
    }
    return render(request, "access/account.html", shown)


@needs("workspace.administer")
@require_POST
def approve(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """Another admin confirms the decision that they saw: the account was not the leaver's."""
    found = account_or_404(request, pk)
    form = ApproveForm(request.POST)
    if form.settle(lambda: _approve(request, found, form.cleaned_data["decision"])) is None:
        messages.error(request, form.words())
    else:
        messages.success(request, "The new identification is approved.")
    return redirect("access:account", pk=pk)


@needs("access.edit")
@get_or_post
def undo(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """Says what taking a decision back takes along, then does it."""
    rows = Identification.objects.filter(workspace=request.workspace)
    decision = get_object_or_404(rows.select_related("account", "staff", "brought"), pk=pk)
    if request.method == "POST":
        try:
            access.undo(decision, user=request.user, by=request.actor)
            messages.success(request, f"{decision.account.label}: the decision is taken back.")
        except Problem as problem:
            messages.error(request, problem.words)
        return redirect("access:account", pk=decision.account_id)
    shown = {
        "decision": decision,
        "account": decision.account,
        "resting": selectors.resting_on(decision),
        "leaver": selectors.is_leaver(decision),
    }
    return render(request, "access/undo.html", shown)


def _approve(request: WorkspaceRequest, account: Account, pk: uuid.UUID) -> Identification:
    decision = Identification.objects.filter(account=account, pk=pk).first()
    if decision is None:
        raise Problem("", "This decision is not about this account. Nothing was approved.")
    return access.approve_release(decision, user=request.user, by=request.actor)


def account_or_404(request: WorkspaceRequest, pk: uuid.UUID) -> Account:
    try:
        return selectors.account(request.workspace, pk)
    except Account.DoesNotExist as error:
        raise Http404 from error
