"""Endpoints of API tokens: which there are, making one (shown this once), revoking."""

from datetime import timedelta
from typing import Any, cast

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework import serializers

from workspaces import selectors
from workspaces import services as workspaces
from workspaces.models import ApiToken, Workspace
from workspaces.permissions import Scope
from workspaces.rest.bodies import Body
from workspaces.rest.endpoints import Item, Listing, acts
from workspaces.rest.fields import Choice, Number, Text

LONGEST = workspaces.tokens.LIFE.days


class TokenData(serializers.ModelSerializer[ApiToken]):
    user = serializers.UUIDField(source="user_id", help_text="In whose name it acts.")
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=Scope.choices))
    made_by = serializers.UUIDField(
        source="parent.id",
        default=None,
        allow_null=True,
        help_text="The token that made it, and with which it ends.",
    )
    created_at = serializers.DateTimeField(source="created")
    expires_at = serializers.DateTimeField(source="expiry", allow_null=True)

    class Meta:
        model = ApiToken
        fields: tuple[str, ...] = (
            "id",
            "name",
            "user",
            "scopes",
            "made_by",
            "created_at",
            "expires_at",
            "last_used",
        )


class NewTokenData(TokenData):
    secret = serializers.CharField(help_text="The token itself. No other answer ever holds it.")

    class Meta(TokenData.Meta):
        fields = (*TokenData.Meta.fields, "secret")


class TokenInput(Body):
    name = Text(max_length=100, help_text="What uses it.")
    scopes = serializers.ListField(
        child=Choice(choices=Scope.choices),
        min_length=1,
        max_length=len(Scope),
        help_text="Some of the scopes of the token that asks, but not tokens:write.",
    )
    days = Number(
        min_value=1,
        max_value=LONGEST,
        default=90,
        help_text="How long it works; never longer than the token that asks.",
    )


class Tokens(Listing):
    """The maker's own tokens; for a token that manages members, everybody's. Expired ones too."""

    needs, needs_to_write, answers = "tokens.own", "tokens.own", TokenData
    orderings = {
        "-created_at": ("-created", "-id"),
        "created_at": ("created", "id"),
    }

    def rows(self, workspace: Workspace, **wanted: Any) -> QuerySet[ApiToken]:
        return selectors.tokens(self.membership)

    @acts(takes=TokenInput, answers=NewTokenData, status=201, repeatable=False)
    def post(self, data: dict[str, Any]) -> ApiToken:
        """Make a token that acts in the same name, with fewer rights; it is shown this once.

        It ends with the token that makes it at the latest, is revoked with it, and makes no further
        ones. No `Idempotency-Key`: answers to those are kept, and a secret must not be.
        """
        life, parent = timedelta(days=data.pop("days")), cast(ApiToken, self.request.auth)
        made, secret = workspaces.make_token(
            self.membership, **data, life=life, parent=parent, by=self.by
        )
        made.secret = secret
        return made


class OneToken(Item):
    """One token, without its secret."""

    needs, needs_to_write, answers = "tokens.own", "tokens.own", TokenData

    def rows(self, workspace: Workspace) -> QuerySet[ApiToken]:
        return selectors.tokens(self.membership).select_related("user", "parent", "workspace")

    def found(self) -> ApiToken:
        # The primary key is the digest, which nobody is told.
        found: ApiToken = get_object_or_404(self.rows(self.workspace), id=self.kwargs["pk"])
        return found

    @acts(status=204)
    def delete(self, data: dict[str, Any], **kwargs: Any) -> None:
        """Revoke a token, and those that it made; from the next request on they open nothing."""
        workspaces.revoke_token(self.found(), by=self.by)
