"""Bearer tokens of a workspace; a token dies with its maker's membership."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox.auth import TokenAuthentication as KnoxAuthentication
from rest_framework.exceptions import AuthenticationFailed

from audit import clock
from audit.services import Actor
from workspaces import selectors
from workspaces.models import ApiToken
from workspaces.requests import acting

LAST_USED_EVERY = timedelta(minutes=10)


class TokenAuthentication(KnoxAuthentication):  # type: ignore[misc]
    """Knox's check of the token, then the live membership of whoever made it."""

    def authenticate(self, request: Any) -> tuple[Any, ApiToken] | None:
        found = super().authenticate(request)
        if found is None:
            return None
        user, token = found
        membership = selectors.membership(user, str(token.workspace_id))
        if membership is None or membership.workspace_id != token.workspace_id:
            raise AuthenticationFailed("The token's maker has left the workspace. Make a new one.")
        membership.scopes = token.scopes
        request._request.membership = membership
        request._request.workspace = membership.workspace
        request._request.actor = _actor(request._request, token)
        _note_use(token)
        return user, token

    def authenticate_credentials(self, token: bytes) -> tuple[Any, ApiToken]:
        if not token.isascii():  # knox would try to decode it
            raise AuthenticationFailed("Invalid token.")
        found: tuple[Any, ApiToken] = super().authenticate_credentials(token)
        return found

    def _cleanup_token(self, auth_token: ApiToken) -> bool:
        """Whether it has expired; knox would delete it, and others, which no record would tell."""
        expiry = auth_token.expiry
        return expiry is not None and expiry <= timezone.now()  # of the clock that set it


def _actor(request: HttpRequest, token: ApiToken) -> Actor:
    token_id, user_id = str(token.id), str(token.user_id)
    return acting(request, "token", id=user_id, label=token.name, token_id=token_id)


def _note_use(token: ApiToken) -> None:
    now = clock.now()
    if token.last_used is None or now - token.last_used > LAST_USED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used=now)


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[misc]
    """How the API's description names the token; registered by being defined."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
