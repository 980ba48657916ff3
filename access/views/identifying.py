"""The dialog "Identify & map user", for one account or several, and working through all of them."""

import uuid
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from access import selectors
from access import services as access
from access.facts import name_of
from access.forms import AcceptForm, AccountsForm, IdentifyForm
from access.models import Account, CriticalSystem, Identification
from access.views.decisions import account_or_404
from audit import clock
from checks import selectors as checks
from checks.models import Task
from people import days
from workspaces import keyset, permissions
from workspaces.permissions import needs
from workspaces.requests import WorkspaceRequest
from workspaces.views.frames import form_page, get_or_post

DIALOG = "access/identify.html"
LEFT_SHOWN = 999  # counting further would cost more than it tells


@needs("tasks.work")
@get_or_post
def identify(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """ "Identify & map user": four choices, with suggestions and their reasons."""
    found = account_or_404(request, pk)
    own = _own_task(request, found)
    same = [] if own else selectors.alike(found)
    form = _form(request, [found], posted=request.method == "POST", alike=same)
    made = form.settle(lambda: _decide(form.together(found, same), form.cleaned_data, request))
    if made is None:
        (shown,) = selectors.described(request.workspace, [found])
        context = {"waiting": shown, "account": found, "own_task": own}
        return form_page(request, DIALOG, form, **context, **_queue(request, found))
    _say(request, made)
    if own is not None:
        return redirect("access:task", pk=own.pk)
    system = selectors.system_of(found)
    if (onward := _onward(request, found)) is not None:
        return redirect(onward)
    return redirect("access:users", pk=system.pk) if system else redirect("access:account", pk=pk)


@needs("access.edit")
@require_POST
def identify_many(request: WorkspaceRequest) -> HttpResponse:
    """The same dialog for all accounts that were ticked: one decision covers them."""
    ticked = AccountsForm(request.POST, workspace=request.workspace)
    if not ticked.is_valid():
        messages.error(request, ticked.words())
        return _to_queue(request)
    accounts = ticked.cleaned_data["account"]
    form = _form(request, accounts, posted="user_is" in request.POST)
    made = form.settle(lambda: _decide(accounts, form.cleaned_data, request))
    if made is None:
        return form_page(request, DIALOG, form, accounts=accounts)
    _say(request, made)
    return _to_queue(request)


@needs("access.edit")
@require_safe
def queue(request: WorkspaceRequest) -> HttpResponse:
    """ "Identify accounts": all that wait, with who they may be; accepted one by one or together."""
    system, now = _system(request), clock.now()
    rows = selectors.waiting(request.workspace, system=system.pk if system else None, now=now)
    page = keyset.page(rows, keys=("name", "id"), cursor=request.GET.get("page", ""))
    shown = {
        "page": page,
        "rows": selectors.described(request.workspace, page.rows, now),
        "system": system,
        "system_name": name_of(system) if system else "",
        "queue_query": _query(system),
        "most": access.MOST_AT_ONCE,
    }
    return render(request, "access/queue.html", shown)


@needs("access.edit")
@require_POST
def accept(request: WorkspaceRequest) -> HttpResponse:
    """Accept suggestions for the ticked accounts: first shown as a preview, then recorded."""
    form = AcceptForm(request.POST, workspace=request.workspace)
    chosen = form.chosen() if form.is_valid() else {}
    if not chosen:
        messages.error(request, form.words() or "Nobody is suggested for the ticked accounts.")
        return _to_queue(request)
    rows = selectors.suggested(request.workspace, form.cleaned_data["account"], chosen)
    if not form.cleaned_data["confirmed"] or len(rows) < len(chosen):
        # Something that is suggested no more is shown as that, never recorded.
        shown = [{"waiting": waiting, "suggestion": each} for waiting, each in rows]
        return render(request, "access/accept.html", {"rows": shown})
    made = form.settle(
        lambda: access.accept_suggestions(
            request.workspace, chosen=chosen, user=request.user, by=request.actor
        )
    )
    if made is None:
        messages.error(request, form.words())
    else:
        _say(request, made)
    return _to_queue(request)


def _form(
    request: WorkspaceRequest,
    accounts: list[Account],
    *,
    posted: bool,
    alike: Sequence[Account] = (),
) -> IdentifyForm:
    now = clock.now()
    one = accounts[0] if len(accounts) == 1 else None
    left = selectors.users_who_left(request.workspace, accounts, now)
    return IdentifyForm(
        request.POST if posted else None,
        workspace=request.workspace,
        today=days.today(now, request.workspace.zone),
        now=now,
        decision=selectors.decision(one) if one else None,
        left=sorted({name for names in left.values() for name in names}),
        alike=alike,
        adds_people=permissions.allows(request.membership, "people.edit"),
        initial={"name": one.name, "email": one.email} if one else {},
    )


def _decide(
    accounts: list[Account], data: dict[str, Any], request: WorkspaceRequest
) -> list[Identification]:
    """Call the service that the choice names."""
    who: dict[str, Any] = {"user": request.user, "by": request.actor}
    workspace = request.workspace
    answer, given = data["user_is"], {key: data[key] for key in IdentifyForm.PARTS[data["user_is"]]}
    if answer == IdentifyForm.EXISTING:
        return access.identify_as_staff(accounts, staff=given["staff"], **who)
    if answer == IdentifyForm.NEW:
        return access.identify_as_new_staff(accounts, workspace=workspace, **given, **who)
    if answer == IdentifyForm.NOT_STAFF:
        kind = given.pop("not_staff_kind")
        return access.identify_as_not_staff(
            accounts, workspace=workspace, kind=kind, **given, **who
        )
    return access.leave_unidentified(accounts, workspace=workspace, **who)


def _say(request: WorkspaceRequest, made: list[Identification]) -> None:
    first = made[0]
    whose = str(first.staff.name if first.staff else first.get_kind_display()).replace("_", " ")
    if len(made) > 1:
        messages.success(request, f"{len(made)} accounts: the decisions are recorded.")
    else:
        messages.success(request, f"{first.account.label}: recorded as {whose}.")


def _own_task(request: WorkspaceRequest, account: Account) -> Task | None:
    """None for whoever edits access; else the open task that lets a member decide about it."""
    if permissions.allows(request.membership, "access.edit"):
        return None
    if permissions.allows(request.membership, "tasks.view"):
        raise PermissionDenied("This needs the permission access.edit.")
    own = selectors.visible_tasks(request.membership, clock.now()).filter(
        checks.unsolved(clock.now()), subject_id=account.pk, check_id="user_identified"
    )
    found: Task = get_object_or_404(own)
    return found


def _system(request: WorkspaceRequest) -> CriticalSystem | None:
    """The one system whose accounts are worked through, where the address names one."""
    try:
        wanted = uuid.UUID(request.GET.get("system", ""))
    except ValueError:
        return None
    return selectors.for_workspace(request.workspace).filter(pk=wanted).first()


def _to_queue(request: WorkspaceRequest) -> HttpResponse:
    """The list as it was: of all systems, or of the one that the address names, and its page."""
    kept = {key: request.GET[key] for key in ("system", "page") if key in request.GET}
    return redirect(f"{reverse('access:queue')}?{urlencode(kept)}")


def _query(system: CriticalSystem | None) -> str:
    return urlencode({"queue": 1} | ({"system": system.pk} if system else {}))


def _queue(request: WorkspaceRequest, account: Account) -> dict[str, Any]:
    """Links to the accounts before and after, while somebody works through all of them."""
    if not request.GET.get("queue") or not permissions.allows(request.membership, "access.edit"):
        return {}
    system, now = _system(request), clock.now()
    only = system.pk if system else None
    rows = selectors.waiting(request.workspace, system=only, now=now)
    before, after = selectors.neighbours(rows, account)
    return {
        "in_queue": True,
        "left": selectors.number_waiting(request.workspace, system=only, most=LEFT_SHOWN, now=now),
        "left_shown": LEFT_SHOWN,
        "before_url": _address(before, system),
        "after_url": _address(after, system),
    }


def _onward(request: WorkspaceRequest, account: Account) -> str | None:
    """After a decision: the next account that waits, the first one again, or the empty list."""
    if not request.GET.get("queue"):
        return None
    system = _system(request)
    rows = selectors.waiting(request.workspace, system=system.pk if system else None)
    _, after = selectors.neighbours(rows, account)
    follows = after or rows.order_by("name", "id").first()
    return _address(follows, system) or f"{reverse('access:queue')}?{_query(system)}"


def _address(account: Account | None, system: CriticalSystem | None) -> str:
    if account is None:
        return ""
    return f"{reverse('access:identify', args=[account.pk])}?{_query(system)}"
