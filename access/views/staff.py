"""The staff page with accounts in every system, offboarding, reinstating, merging, aliases."""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from access import selectors
from audit import clock
from people import days
from people import selectors as people
from people import services as people_services
from people.forms import AliasForm, MergeForm, OffboardForm, ReinstateForm, ServiceForm
from people.models import StaffMember
from workspaces import permissions
from workspaces.permissions import needs
from workspaces.requests import WorkspaceRequest
from workspaces.views.frames import form_page, get_or_post, typed


@needs("people.view")
@require_safe
def staff(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """A person: Org roles, employment, addresses, accounts in every system, tasks, history."""
    if kept := people.survivor(request.workspace, pk):
        messages.info(request, f"That record was merged into {kept.name}.")
        return redirect("access:staff", pk=kept.pk)
    return _staff_page(request, _person(request, pk))


@needs("people.edit")
@get_or_post
def offboard(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """Record when somebody's access ends; shows what is to be removed."""
    found, now = _person(request, pk), clock.now()
    form = OffboardForm(
        typed(request),
        today=days.today(now, request.workspace.zone),
        moving=people.latest_period(found).access_ends_at is not None,
    )
    done = f"{found.name}'s leaving is recorded. See below what to remove."
    return _settled(
        request, found, form, people_services.offboard, template="access/offboard.html", done=done
    )


@needs("people.edit")
@get_or_post
def reinstate(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """Take a leaving back, or let a person who left return."""
    found, now = _person(request, pk), clock.now()
    ends = people.latest_period(found).access_ends_at
    form = ReinstateForm(
        typed(request),
        today=days.today(now, request.workspace.zone),
        has_left=ends is not None and ends <= now,
    )
    done = f"{found.name} works here again."
    return _settled(
        request, found, form, people_services.reinstate, template="access/reinstate.html", done=done
    )


@needs("people.edit")
@get_or_post
def merge(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """Let a second record of the same person become part of this one."""
    found = _person(request, pk)
    form = MergeForm(typed(request), staff=found)

    def act(survivor: StaffMember, *, duplicate: StaffMember, final: bool, by: Any) -> Any:
        return people_services.merge(survivor, duplicate=duplicate, by=by)

    done = f"The other record is part of {found.name} now."
    return _settled(request, found, form, act, template="access/merge.html", done=done)


@needs("people.edit")
@require_POST
def add_alias(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """Note another address of a person; accounts with it find their owner at once."""
    found, form = _person(request, pk), AliasForm(request.POST)
    by = request.actor
    if form.settle(lambda: people_services.add_alias(found, **form.cleaned_data, by=by)) is None:
        return _staff_page(request, found, form)
    messages.success(request, f"{form.cleaned_data['address']} is an alias of {found.name} now.")
    return redirect("access:staff", pk=pk)


@needs("people.edit")
@require_POST
def end_alias(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """End an alias; that it was theirs stays known."""
    found, form = _person(request, pk), AliasForm(request.POST)
    if form.settle(lambda: _end_alias(request, found, form)):
        messages.success(request, "The alias has ended. That it was theirs stays known.")
    else:
        messages.error(request, f"Nothing was changed. {form.words()}")
    return redirect("access:staff", pk=pk)


def _end_alias(request: WorkspaceRequest, found: StaffMember, form: AliasForm) -> bool:
    address = form.cleaned_data["address"]
    people_services.withdraw_alias(found, address=address, by=request.actor)
    return True


def _settled(
    request: WorkspaceRequest,
    found: StaffMember,
    form: Any,
    service: Callable[..., Any],
    *,
    template: str,
    done: str,
) -> HttpResponse:
    """One shape for every change of a person's standing: the form with its consequences, or done."""

    def act() -> Any:
        arguments = form.arguments() if hasattr(form, "arguments") else form.cleaned_data
        return service(found, **arguments, by=request.actor)

    if form.settle(act) is None:
        return form_page(request, template, form, **_shown(request, found, clock.now()))
    messages.success(request, done)
    return redirect("access:staff", pk=found.pk)


def _person(request: WorkspaceRequest, pk: uuid.UUID) -> StaffMember:
    try:
        return people.staff_member(request.workspace, pk, now=clock.now())
    except StaffMember.DoesNotExist as error:
        raise Http404 from error


def _staff_page(
    request: WorkspaceRequest, found: StaffMember, form: ServiceForm | None = None
) -> HttpResponse:
    now = clock.now()
    shown = _shown(request, found, now)
    about = [found.pk, *(row.account.pk for row in shown["accounts"])]
    shown |= {
        "tasks": selectors.tasks_about(request.workspace, about, now),
        "periods": found.periods.order_by("-number"),
        "roles": found.org_roles.order_by("name"),
        "addresses": found.addresses.order_by("-until", "since", "address"),
        "history": selectors.persons_history(request.workspace, found),
        "alias_form": form or AliasForm(),
    }
    return render(request, "access/staff.html", shown, status=422 if form else 200)


def _shown(request: WorkspaceRequest, found: StaffMember, now: datetime) -> dict[str, Any]:
    accounts = selectors.persons_accounts(found, now)
    return {
        "staff": found,
        "now": now,
        "today": days.today(now, request.workspace.zone),
        "accounts": accounts,
        "present": [row for row in accounts if row.account.present],
        "shared": selectors.shared_accounts(found),
        "owned": selectors.owned_by(found, now=now),
        "can_edit": permissions.allows(request.membership, "people.edit"),
    }
