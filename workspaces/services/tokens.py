"""API tokens: making and revoking them. The secret is shown once and kept only as a digest."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.db.models import Q

from audit import clock
from audit import services as audit
from workspaces import permissions, selectors
from workspaces.models import ApiToken, Membership, User, Workspace
from workspaces.permissions import SCOPES, Scope
from workspaces.problems import Problem

LIFE = timedelta(days=365)
MOST_CHILDREN = 20


def create_token(
    workspace: Workspace,
    *,
    name: str,
    user: User,
    scopes: Collection[str] = (Scope.READ,),
    life: timedelta = LIFE,
    parent: ApiToken | None = None,
    by: audit.Actor,
) -> tuple[ApiToken, str]:
    """A new API token and its secret. Raises ValueError for a scope that does not exist."""
    wanted = [str(Scope(scope)) for scope in dict.fromkeys(scopes)]
    with audit.act(workspace, by=by):
        made_by: dict[str, Any] = {"parent": _held(parent)} if parent else {}
        token, secret = ApiToken.objects.create(
            user=user, expiry=life, workspace=workspace, name=name, scopes=wanted, **made_by
        )
        audit.record(
            "token.created",
            subject=f"token:{token.id}",
            name=name,
            scopes=wanted,
            expires=token.expiry,
            **({"made_by": str(parent.id)} if parent else {}),
        )
    return token, secret


def make_token(
    membership: Membership,
    *,
    name: str,
    scopes: Collection[str],
    life: timedelta,
    parent: ApiToken | None = None,
    by: audit.Actor,
) -> tuple[ApiToken, str]:
    """A token for oneself. Raises Problem for a scope that gives the maker nothing.

    One that a token makes (`parent`) has some of its scopes, never that of making tokens, ends with
    it at the latest and is revoked with it.
    """
    rights = permissions.held(membership)
    if any(not SCOPES[Scope(scope)] & rights for scope in scopes):
        raise Problem("scopes", "A token cannot do what you may not do yourself.")
    if parent is not None:
        if not set(scopes) <= set(parent.scopes) - {Scope.TOKENS}:
            raise Problem("scopes", f"A token hands on scopes of its own, but not {Scope.TOKENS}.")
        if parent.expiry is not None:
            life = min(life, parent.expiry - clock.now())
    return create_token(
        membership.workspace,
        name=name,
        user=membership.user,
        scopes=scopes,
        life=life,
        parent=parent,
        by=by,
    )


def revoke_token(token: ApiToken, *, by: audit.Actor) -> None:
    """From the next request on the token opens nothing, nor do those that it made.

    Raises Problem where it is gone already.
    """
    with audit.act(token.workspace, by=by):
        rows = ApiToken.objects.select_for_update(of=("self",)).select_related("user")
        gone = list(rows.filter(Q(pk=token.pk) | Q(parent=token.pk)).order_by("created"))
        if token.pk not in {each.pk for each in gone}:
            raise Problem("", "This token was revoked already.")
        ApiToken.objects.filter(pk__in=[each.pk for each in gone]).delete()
        for each in gone:
            audit.record(
                "token.revoked", subject=f"token:{each.id}", name=each.name, of=each.user.email
            )


def revoke_all_tokens(user: User, *, by: audit.Actor) -> int:
    """Revoke what this person's tokens open, in all their workspaces; how many there were.

    One act a workspace, since each has a record of its own.
    """
    alive = list(selectors.tokens_alive(user, now=clock.now()))
    for token in alive:
        try:
            revoke_token(token, by=by)
        except Problem:  # it went with the token that made it, or somebody else revoked it
            continue
    return len(alive)


def _held(parent: ApiToken) -> ApiToken:
    """The token that makes another one, kept until commit.

    Raises Problem where it was revoked, or has made as many as it may: limits count by token.
    """
    rows = ApiToken.objects.select_for_update(of=("self",), no_key=True)
    found: ApiToken | None = rows.filter(pk=parent.pk).first()
    if found is None:
        raise Problem("", "This token was revoked meanwhile. No token was made.")
    if found.children.filter(expiry__gt=clock.now()).count() >= MOST_CHILDREN:
        words = f"This token made {MOST_CHILDREN} others. Revoke one first; no token was made."
        raise Problem("", words)
    return found
