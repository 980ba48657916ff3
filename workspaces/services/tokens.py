"""API tokens: making them. The secret is shown once and kept only as a digest."""

from collections.abc import Collection
from datetime import timedelta

from audit import services as audit
from workspaces.models import ApiToken, User, Workspace
from workspaces.permissions import Scope

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
