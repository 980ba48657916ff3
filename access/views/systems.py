"""Pages of critical systems: the cards, adding one, its summary and its users."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access import selectors
from access import services as access
from access.facts import name_of, product_of
from access.forms import AddSystemForm, OrgRoleChoice, ReasonForm
from access.levels import in_words
from access.models import CriticalSystem
from audit import clock
from workspaces import keyset, permissions
from workspaces.permissions import needs
from workspaces.requests import WorkspaceRequest


@needs("access.view")
@require_safe
def systems(request: WorkspaceRequest) -> HttpResponse:
    """The critical systems as cards, each with the one next thing to do."""
    rows = list(selectors.for_workspace(request.workspace))
    now = clock.now()
    shown = {
        "cards": selectors.cards([row for row in rows if row.removed_at is None], now),
        "removed": selectors.cards([row for row in rows if row.removed_at is not None], now),
        "now": now,
        "can_edit": permissions.allows(request.membership, "access.edit"),
        "tabs": tabs("systems"),
    }
    return render(request, "access/systems.html", shown)


@needs("access.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: WorkspaceRequest) -> HttpResponse:
    """Page "Add a Critical Access System"."""
    posted = request.POST if request.method == "POST" else None
    workspace, user, by = request.workspace, request.user, request.actor
    choice = selectors.system_choice(workspace)
    form = AddSystemForm(
        posted, workspace=workspace, choice=choice, initial={"integration": "xero"}
    )
    system = form.settle(
        lambda: access.add_system(workspace, **form.cleaned_data, user=user, by=by)
    )
    if system is None:
        status = 422 if form.is_bound else 200
        names = [(each, name_of(each)) for each in choice.controlled]
        shown = {"form": form, "choice": choice, "controlled": names}
        return render(request, "access/add.html", shown, status=status)
    messages.success(request, "The system is under control from now on.")
    return redirect("access:system", pk=system.pk)


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
        "remove_form": ReasonForm(),
        "blind_spots": product_of(found).blind_spots,
    }
    return render(request, "access/system.html", shown | frame(request, found, "system"))


@needs("access.view")
@require_safe
def users(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """ "Users": every account with whose it is and whether its access is valid."""
    found = get_object_or_404(selectors.for_workspace(request.workspace), pk=pk)
    now = clock.now()
    search, only = request.GET.get("q", "")[:200], request.GET.get("show", "")
    rows = selectors.accounts(found, search=search, unidentified=only == "unidentified")
    page = keyset.page(rows, keys=("sort_name", "id"), cursor=request.GET.get("page", ""))
    tasks = selectors.validity(page.rows, found, now)
    shown = {
        "page": page,
        "rows": account_rows(page.rows, tasks, found, now),
        "search": search,
        "show": only,
        "now": now,
        "blind_spots": product_of(found).blind_spots,
        "role_form": OrgRoleChoice(workspace=request.workspace),
    }
    return render(request, "access/users.html", shown | frame(request, found, "users"))


@needs("access.edit")
@require_POST
def remove(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponseRedirect:
    """Stop controlling a system; the reason is kept."""
    found = get_object_or_404(selectors.for_workspace(request.workspace), pk=pk)
    form = ReasonForm(request.POST)
    reason = request.POST.get("reason", "")
    if form.settle(lambda: access.remove_system(found, reason=reason, by=request.actor)) is None:
        messages.error(request, "Say why the system is no longer critical. Nothing was removed.")
        return redirect("access:system", pk=pk)
    messages.success(request, "The system is removed; its record and open tasks stay listed.")
    return redirect("access:systems")


def account_rows(rows: Any, tasks: Any, system: CriticalSystem, now: Any) -> list[dict[str, Any]]:
    """Accounts as the table shows them."""
    from checks.selectors import task_status

    product = product_of(system)
    return [
        {
            "account": row,
            "level": product.scheme.name(row.level),
            "privileged": row.level in product.scheme.privileged,
            "decision": row.current[0] if row.current else None,
            "task": tasks.get(row.pk),
            "status": task_status(tasks[row.pk], now) if row.pk in tasks else None,
        }
        for row in rows
    ]


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
    names = [("Summary", "system"), ("Users", "users")]
    return {
        "system": system,
        "name": name_of(system),
        "can_edit": permissions.allows(request.membership, "access.edit"),
        "tabs": [
            {
                "label": label,
                "url": reverse(f"access:{route}", args=[system.pk]),
                "current": route == current,
            }
            for label, route in names
        ],
    }


def tabs(current: str) -> list[dict[str, Any]]:
    """The tabs of Access."""
    names = [
        ("Critical systems", "systems"),
        ("Staff access", "staff_access"),
        ("Monitoring", "monitoring"),
        ("Offboarded staff", "offboarded"),
    ]
    return [
        {"label": label, "url": reverse(f"access:{route}"), "current": route == current}
        for label, route in names
    ]
