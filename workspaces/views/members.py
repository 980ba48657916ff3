"""Pages of the members: the list, inviting, changing, removing."""

import uuid

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from audit import clock
from workspaces import keyset, permissions, selectors, services
from workspaces.forms import InviteForm, RightsForm, ServiceForm
from workspaces.models import Invitation, Membership
from workspaces.permissions import needs
from workspaces.requests import WorkspaceRequest
from workspaces.services import invitations
from workspaces.views.frames import form_page, get_or_post, typed


@needs("members.view")
@require_safe
def members(request: WorkspaceRequest) -> HttpResponse:
    """Everybody who may enter, and everybody who is invited."""
    now = clock.now()
    rows = selectors.listed_members(request.workspace, now=now)
    shown = {
        "page": keyset.page(rows, keys=("email", "id"), cursor=request.GET.get("page", "")),
        "invitations": selectors.invitations(request.workspace)[:100],
        "can_manage": permissions.allows(request.membership, "members.manage"),
        "now": now,
    }
    return render(request, "workspaces/members/list.html", shown)


@needs("members.manage")
@get_or_post
def invite(request: WorkspaceRequest) -> HttpResponse:
    """Invite somebody by e-mail."""
    form = InviteForm(typed(request), workspace=request.workspace, now=clock.now())
    made = form.settle(
        lambda: invitations.invite(
            request.workspace,
            email=form.cleaned_data["email"],
            rights=form.rights(),
            granter=request.membership,
            by=request.actor,
        )
    )
    if made is None:
        return form_page(request, "workspaces/members/invite.html", form)
    _send(request, *made)
    return redirect("workspaces:members")


@needs("members.manage")
@get_or_post
def change(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """Change what a member may do, and until when."""
    member, now = _member(request, pk), clock.now()
    form = RightsForm(
        typed(request),
        workspace=request.workspace,
        now=now,
        initial=RightsForm.of(member),
        version=services.rights_version(member),
    )
    granter = request.membership
    done = form.settle(
        lambda: services.change_member(
            member,
            rights=form.rights(),
            granter=granter,
            seen=form.cleaned_data["seen"],
            by=request.actor,
        )
    )
    if done is None:
        return form_page(request, "workspaces/members/change.html", form, member=member)
    messages.success(request, f"The rights of {member.user.label} are saved. They count at once.")
    # Whoever took their own rights away cannot see the list of members any more.
    still = permissions.allows(done, "members.view") or done.pk != granter.pk
    return redirect("workspaces:members" if still else "home")


@needs("members.manage")
@get_or_post
def remove(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """Let a member go, after asking."""
    member = _member(request, pk)
    form = ServiceForm(typed(request))

    def act() -> bool:
        services.remove_member(member, granter=request.membership, by=request.actor)
        return True

    if not form.settle(act):
        return form_page(request, "workspaces/members/remove.html", form, member=member)
    messages.success(request, f"{member.user.label} cannot enter {request.workspace} any more.")
    return redirect("home" if member.pk == request.membership.pk else "workspaces:members")


@needs("members.manage")
@require_POST
def withdraw(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """Make an invitation's link worthless."""
    invitation, form = _invitation(request, pk), ServiceForm(request.POST)
    form.settle(lambda: invitations.withdraw(invitation, by=request.actor))
    if form.errors:
        messages.error(request, form.words())
    else:
        messages.success(request, f"The invitation of {invitation.email} does not work any more.")
    return redirect("workspaces:members")


@needs("members.manage")
@require_POST
def send_again(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """Mail a new link; the one sent before stops working."""
    invitation, form = _invitation(request, pk), ServiceForm(request.POST)
    granter, by = request.membership, request.actor
    secret = form.settle(lambda: invitations.renew(invitation, granter=granter, by=by))
    if secret is None:
        messages.error(request, form.words())
    else:
        _send(request, invitation, secret)
    return redirect("workspaces:members")


def _member(request: WorkspaceRequest, pk: uuid.UUID) -> Membership:
    rows = selectors.members(request.workspace).select_related("workspace")
    return get_object_or_404(rows, pk=pk)


def _invitation(request: WorkspaceRequest, pk: uuid.UUID) -> Invitation:
    return get_object_or_404(selectors.invitations(request.workspace), pk=pk)


def _send(request: WorkspaceRequest, invitation: Invitation, secret: str) -> None:
    link = request.build_absolute_uri(reverse("workspaces:join", args=[secret]))
    if invitations.send(invitation, link=link):
        messages.success(request, f"An invitation is on its way to {invitation.email}.{_where()}")
    else:
        messages.warning(
            request,
            f"The invitation of {invitation.email} is kept, but the mail server did not take the "
            'mail. Check the mail settings, then press "Send again".',
        )


def _where() -> str:
    """Where mail ends up while no mail server is set up."""
    if not settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
        return ""
    return " No mail server is set up, so the mail was written to the folder “mail” of the data folder."
