"""API tokens: making and revoking them. The secret is shown once and kept only as a digest."""

from collections.abc import Collection
from datetime import timedelta

from audit import services as audit
from workspaces import permissions
from workspaces.models import ApiToken, Membership, User, Workspace
from workspaces.permissions import SCOPES, Scope
from workspaces.problems import Problem

LIFE = timedelta(days=365)


def create_token(
    workspace: Workspace,
    *,
    name: str,
    user: User,
    scopes: Collection[str] = (Scope.READ,),
    life: timedelta = LIFE,
    by: audit.Actor,
) -> tuple[ApiToken, str]:
    """A new API token and its secret. Raises ValueError for a scope that does not exist."""
    wanted = [str(Scope(scope)) for scope in scopes]
    with audit.act(workspace, by=by):
        token, secret = ApiToken.objects.create(
            user=user, expiry=life, workspace=workspace, name=name, scopes=wanted
        )
        audit.record(
            "token.created",
            subject=f"token:{token.id}",
            name=name,
            scopes=wanted,
            expires=token.expiry,
        )
    return token, secret


def make_token(
    membership: Membership, *, name: str, scopes: Collection[str], life: timedelta, by: audit.Actor
) -> tuple[ApiToken, str]:
    """A token for oneself. Raises Problem for a scope that gives the maker nothing."""
    rights = permissions.held(membership)
    if any(not SCOPES[Scope(scope)] & rights for scope in scopes):
        raise Problem("scopes", "A token cannot do what you may not do yourself.")
    return create_token(
        membership.workspace, name=name, user=membership.user, scopes=scopes, life=life, by=by
    )


def revoke_token(token: ApiToken, *, by: audit.Actor) -> None:
    """From the next request on the token opens nothing. Raises Problem where it is gone already."""
    with audit.act(token.workspace, by=by):
        gone, _ = ApiToken.objects.filter(pk=token.pk).delete()
        if not gone:
            raise Problem("", "This token was revoked already.")
        audit.record(
            "token.revoked", subject=f"token:{token.id}", name=token.name, of=token.user.email
        )
