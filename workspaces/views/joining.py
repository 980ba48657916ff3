"""Coming in by an invitation, and switching between workspaces."""

from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from audit import clock
from workspaces import selectors, services
from workspaces.forms import JoinForm, ServiceForm, SwitchForm
from workspaces.models import Invitation, Membership, User
from workspaces.permissions import PUBLIC, USER, needs
from workspaces.requests import WorkspaceRequest, acting, actor_of
from workspaces.services import invitations
from workspaces.views.frames import form_page, get_or_post, typed

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@needs(PUBLIC)
@get_or_post
def join(request: HttpRequest, secret: str) -> HttpResponse:
    """What an invitation's link opens: join, sign in first, or make a sign-in."""
    now = clock.now()
    invitation = selectors.invitation(invitations.digest(secret), now=now)
    if invitation is None:
        return render(request, "workspaces/members/gone.html", status=404)
    if isinstance(request.user, User):
        return _join_signed_in(request, invitation, request.user)
    if selectors.is_known(invitation.email):
        there = urlencode({"next": request.path})
        return redirect(f"{reverse('account_login')}?{there}")
    return _join_as_new(request, invitation)


def _join_signed_in(request: HttpRequest, invitation: Invitation, user: User) -> HttpResponse:
    form = ServiceForm(typed(request))
    by = actor_of(request, user)
    membership = form.settle(lambda: invitations.join(invitation, user=user, by=by))
    if membership is None:
        fits = user.email == invitation.email
        return form_page(
            request, "workspaces/members/join.html", form, invitation=invitation, fits=fits
        )
    return _enter(request, membership)


def _join_as_new(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    form = JoinForm(typed(request))
    by = acting(request, "user", label=invitation.email)
    done = form.settle(
        lambda: invitations.join_as_new(
            invitation,
            name=form.cleaned_data["name"],
            password=form.cleaned_data["password"],
            by=by,
        )
    )
    if done is None:
        return form_page(
            request, "workspaces/members/join.html", form, invitation=invitation, new=True
        )
    user, membership = done
    login(request, user, backend=BACKEND)
    return _enter(request, membership)


def _enter(request: HttpRequest, membership: Membership) -> HttpResponse:
    request.session["workspace"] = str(membership.workspace_id)
    messages.success(request, f"Welcome to {membership.workspace.name}.")
    return redirect("home")


@needs(USER)
@require_POST
def switch(request: WorkspaceRequest) -> HttpResponse:
    """Open another workspace of this person, now and at the next sign-in."""
    now = clock.now()
    form = SwitchForm(request.POST, rows=list(selectors.memberships(request.user, now=now)))
    membership = form.membership()
    if membership is None:
        messages.error(request, "You are no member of that workspace any more. Nothing changed.")
        return redirect("home")
    services.note_seen(membership, now=now, always=True)
    request.session["workspace"] = str(membership.workspace_id)
    return redirect("home")
