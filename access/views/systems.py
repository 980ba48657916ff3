"""Pages of critical systems: the cards, adding one, its summary and its users."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from access import selectors
from access import services as access
from access.facts import name_of, product_of
from access.forms import AddSystemForm, OwnerForm, RemoveSystemForm
from access.levels import in_words
from access.models import CriticalSystem
from audit import clock
from people import days
from people import selectors as people
from workspaces import permissions
from workspaces.following import unless_known
from workspaces.models import Workspace
from workspaces.permissions import needs
from workspaces.requests import WorkspaceRequest
from workspaces.views import frames
from workspaces.views.frames import form_page, get_or_post, typed

TABS = (
    ("Critical systems", "access:systems"),
    ("Staff access", "access:staff_access"),
    ("Monitoring", "access:monitoring"),
    ("Offboarded staff", "access:offboarded"),
)
OF_A_SYSTEM = (
    ("Summary", "access:system"),
    ("Users", "access:users"),
    ("History", "access:history"),
)


@needs("access.view")
@require_safe
def systems(request: WorkspaceRequest) -> HttpResponse:
    """The critical systems as cards, each with the one next thing to do."""
    rows = list(selectors.for_workspace(request.workspace))
    now = clock.now()
    known = people.list_freshness(request.workspace, now=now)
    old_list = _old_list(request.workspace, known)
    shown = {
        "cards": selectors.cards([row for row in rows if row.removed_at is None], now),
        "removed": selectors.cards([row for row in rows if row.removed_at is not None], now),
        "now": now,
        "can_edit": permissions.allows(request.membership, "access.edit"),
        "may": permissions.held(request.membership),
        "old_list": old_list,
        "staff_list": None if old_list else known,
        "tabs": tabs("systems"),
    }
    return unless_known(request, render(request, "access/systems.html", shown))


def _old_list(workspace: Workspace, known: people.ListFreshness | None) -> str:
    """What reminds of a staff list that was not confirmed for long; "" where none is due."""
    if known is None or not known.remind:
        return ""
    if known.confirmed_at is None:
        return "Nobody has ever confirmed that the staff list is complete."
    day = days.today(known.confirmed_at, workspace.zone)
    if known.stale:
        return (
            f"The whole staff list last came from your tool on {day:%-d %B %Y}: until it comes again,"
            " or somebody confirms that it is complete, nothing that rests on it is passing."
        )
    return f"The staff list was last confirmed complete on {day:%-d %B %Y}."


@needs("access.edit")
@get_or_post
def add(request: WorkspaceRequest) -> HttpResponse:
    """Page "Add a Critical Access System"."""
    workspace, user, by = request.workspace, request.user, request.actor
    choice = selectors.system_choice(workspace)
    form = AddSystemForm(
        typed(request), workspace=workspace, choice=choice, initial={"integration": "xero"}
    )
    added = form.settle(
        lambda: access.add_systems(
            workspace,
            integration=form.cleaned_data["integration"],
            connections=form.connections(),
            user=user,
            by=by,
        )
    )
    if added is None:
        names = [(each, name_of(each)) for each in choice.controlled]
        return form_page(request, "access/add.html", form, choice=choice, controlled=names)
    if len(added) > 1:
        messages.success(request, f"{len(added)} systems are under control from now on.")
        return redirect("access:systems")
    messages.success(request, "The system is under control from now on.")
    return redirect("access:system", pk=added[0].pk)


@needs("access.view")
@require_safe
def system(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """ "Summary": the card, the rule, the checks with "View & fix"."""
    found = get_object_or_404(selectors.for_workspace(request.workspace), pk=pk)
    now = clock.now()
    (card,) = selectors.cards([found], now)
    rule = getattr(found, "rule", None)
    shown = {
        "card": card,
        "rule": rule,
        "entries": rule_words(found),
        "now": now,
        "staff_list": people.list_freshness(request.workspace, now=now),
        "product": product_of(found),
        "gaps": selectors.gaps(found),
        "may": permissions.held(request.membership),
    }
    shown |= frame(request, found, "system")
    return unless_known(request, render(request, "access/system.html", shown))


@needs("access.edit")
@get_or_post
def remove(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """Stop controlling a system; the reason is kept."""
    found = get_object_or_404(selectors.for_workspace(request.workspace), pk=pk)
    form, by = RemoveSystemForm(typed(request)), request.actor
    removed = form.settle(lambda: access.remove_system(found, **form.cleaned_data, by=by))
    if removed is None:
        return form_page(request, "access/remove.html", form, **frame(request, found, "system"))
    messages.success(request, "The system is removed; its record and open tasks stay listed.")
    return redirect("access:systems")


@needs("access.edit")
@get_or_post
def owner(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """Give a system another owner."""
    found = get_object_or_404(selectors.for_workspace(request.workspace), pk=pk)
    by = request.actor
    form = OwnerForm(typed(request), system=found)
    changed = form.settle(lambda: access.change_owner(found, **form.cleaned_data, by=by))
    if changed is None:
        return form_page(request, "access/owner.html", form, **frame(request, found, "system"))
    messages.success(request, f"{changed.owner.label if changed.owner else 'Nobody'} owns it now.")
    return redirect("access:system", pk=pk)


def rule_words(system: CriticalSystem) -> list[tuple[str, str]]:
    """The saved rule in words: (Org role or "All staff", Xero roles)."""
    rule = getattr(system, "rule", None)
    if rule is None:
        return []
    scheme = product_of(system).scheme

    if rule.mode == "all_staff":
        return [("All staff", in_words(rule.levels, scheme))]
    entries = rule.entries.select_related("org_role").order_by("org_role__name")
    return [(each.org_role.name, in_words(each.levels, scheme)) for each in entries]


def frame(request: WorkspaceRequest, system: CriticalSystem, current: str) -> dict[str, Any]:
    """What the pages of one system share: tabs and rights."""
    can_edit = permissions.allows(request.membership, "access.edit")
    return {
        "system": system,
        "name": name_of(system),
        "can_edit": can_edit,
        "can_fix": can_edit and system.removed_at is None,
        "tabs": frames.tabs(OF_A_SYSTEM, f"access:{current}", system.pk),
    }


def tabs(current: str) -> list[dict[str, Any]]:
    """The tabs of Access."""
    return frames.tabs(TABS, f"access:{current}")
