"""Pages of the API tokens: the list, making one (shown this once), revoking."""

import uuid
from datetime import timedelta
from typing import Any

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from audit import clock
from workspaces import keyset, permissions, selectors, services
from workspaces.forms import ServiceForm, TokenForm
from workspaces.permissions import needs
from workspaces.requests import WorkspaceRequest
from workspaces.views.frames import form_page, get_or_post, typed

ASK_AGAIN = (
    "Such a token holds what only admins do, or makes other tokens. Enter your password, then choose"
    " Create: what you filled in is kept, and no token was made yet."
)


@needs("tokens.own")
@require_safe
def tokens(request: WorkspaceRequest) -> HttpResponse:
    """One's own tokens; for whoever manages members, everybody's."""
    rows = selectors.tokens(request.membership)
    shown = {
        "page": keyset.page(rows, keys=("-created", "id"), cursor=request.GET.get("page", "")),
        "all_of_them": permissions.allows(request.membership, "members.manage"),
        "now": clock.now(),
    }
    return render(request, "workspaces/tokens/list.html", shown)


@needs("tokens.own")
@get_or_post
def create(request: WorkspaceRequest) -> HttpResponse:
    """Make a token; the answer is the only place that ever shows it."""
    form = TokenForm(typed(request), membership=request.membership, wished=request.GET)
    guarded = form.is_valid() and permissions.GUARDED_SCOPES & set(form.cleaned_data["scopes"])
    if guarded and not did_recently_reauthenticate(request):
        return _ask_again(request, form.cleaned_data)
    made = form.settle(
        lambda: services.make_token(
            request.membership,
            name=form.cleaned_data["name"],
            scopes=form.cleaned_data["scopes"],
            life=timedelta(days=form.cleaned_data["days"]),
            by=request.actor,
        )
    )
    if made is None:
        return form_page(request, "workspaces/tokens/create.html", form)
    token, secret = made
    return render(request, "workspaces/tokens/created.html", {"token": token, "secret": secret})


@needs("tokens.own")
@get_or_post
def revoke(request: WorkspaceRequest, pk: uuid.UUID) -> HttpResponse:
    """Make a token worthless, after asking."""
    rows = selectors.tokens(request.membership).select_related("workspace", "user")
    token = get_object_or_404(rows, id=pk)
    form = ServiceForm(typed(request))

    def act() -> bool:
        services.revoke_token(token, by=request.actor)
        return True

    if not form.settle(act):
        return form_page(request, "workspaces/tokens/revoke.html", form, token=token)
    messages.success(request, f"The token {token.name} opens nothing any more.")
    return redirect("workspaces:tokens")


def _ask_again(request: WorkspaceRequest, wished: dict[str, Any]) -> HttpResponse:
    """The password first. The library could send the form by itself, but past our own door."""
    messages.info(request, ASK_AGAIN)
    there = urlencode({"next": f"{request.path}?{urlencode(wished, doseq=True)}"})
    return redirect(f"{reverse('account_reauthenticate')}?{there}")
