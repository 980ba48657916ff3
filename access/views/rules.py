"""Pages of the access rule: the editor, and adding one Org role where it is missing."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from access import selectors
from access import services as access
from access.facts import product_of
from access.forms import OrgRoleChoice, RuleForm, rule_initial
from access.models import CriticalSystem
from access.views.systems import frame
from audit import clock
from workspaces.permissions import needs
from workspaces.requests import WorkspaceRequest
from workspaces.views.frames import form_page, get_or_post, onward, typed


@needs("access.edit")
@get_or_post
def rule(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """ "Access monitoring": who may have access; of a removed system there is nothing to choose."""
    system = get_object_or_404(selectors.for_workspace(request.workspace), pk=pk)
    if system.removed_at is not None and request.method != "POST":
        messages.info(request, "This system is removed, so no rule judges it. Add it again first.")
        return redirect("access:system", pk=pk)
    form = _form(request, system)
    user, by = request.user, request.actor
    saved = form.settle(
        lambda: access.save_rule(
            system, **form.arguments(), seen=form.cleaned_data["seen"], user=user, by=by
        )
    )
    if saved is None:
        return form_page(request, "access/rule.html", form, **frame(request, system, "system"))
    messages.success(request, "The rule is saved, and every account was judged by it.")
    return redirect("access:system", pk=pk)


@needs("access.edit")
@require_POST
def preview_rule(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """What saving would do, beside the form as it was typed; nothing is saved."""
    system = get_object_or_404(selectors.for_workspace(request.workspace), pk=pk)
    form, now = _form(request, system), clock.now()
    preview = form.settle(lambda: access.preview_rule(system, **form.arguments(), now=now))
    shown = {"form": form, "preview": preview, **frame(request, system, "system")}
    page = "access/rule_preview.html" if request.htmx else "access/rule.html"
    return render(request, page, shown, status=200 if preview else 422)


def _form(request: WorkspaceRequest, system: CriticalSystem) -> RuleForm:
    return RuleForm(
        typed(request),
        workspace=request.workspace,
        scheme=product_of(system).scheme,
        seen=selectors.levels_known(system),
        initial=rule_initial(system),
        version=access.rule_version(system),
    )


@needs("access.edit")
@require_POST
def add_role(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """Add one Org role to the rule; access that only lacked it is valid at once."""
    system = get_object_or_404(selectors.for_workspace(request.workspace), pk=pk)
    form = OrgRoleChoice(request.POST, workspace=request.workspace)
    user, by = request.user, request.actor
    added = form.settle(
        lambda: access.add_org_role(
            system, org_role=form.cleaned_data["org_role"], user=user, by=by
        )
    )
    if added is None:
        messages.error(request, form.words())
    else:
        messages.success(request, f"{form.cleaned_data['org_role']} is listed for this system now.")
    return onward(request, "access:users", pk=pk)
