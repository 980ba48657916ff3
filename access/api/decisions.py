"""Endpoints of decisions about accounts: their history, taking one back, approving one."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework import serializers

from access import selectors
from access import services as access
from access.models import Account, Identification
from workspaces.models import Workspace
from workspaces.rest.endpoints import Item, Listing, acts
from workspaces.rest.fields import shown_as


class DecisionData(serializers.ModelSerializer[Identification]):
    class Meta:
        model = Identification
        fields: tuple[str, ...] = (
            "id",
            "account",
            "kind",
            "staff",
            "automatic",
            "own_access",
            "not_staff_kind",
            "owner_staff",
            "owner_user",
            "users",
            "reason",
            "level",
            "ends_at",
            "decided_at",
            "decided_by",
            "withdrawn_at",
            "withdrawn_by",
            "withdrawn_why",
            "held_for",
            "approved_at",
            "approved_by",
        )


class RestingData(serializers.Serializer[Any]):
    """What taking the decision back takes along."""

    alias = serializers.CharField(help_text="The address that it taught; empty where none.")
    accounts = serializers.ListField(
        child=serializers.UUIDField(), help_text="Those that were matched by this address."
    )


class OneDecisionData(DecisionData):
    undoes = serializers.SerializerMethodField()

    class Meta(DecisionData.Meta):
        fields = (*DecisionData.Meta.fields, "undoes")

    @shown_as(RestingData())
    def get_undoes(self, decision: Identification) -> dict[str, Any]:
        resting = selectors.resting_on(decision)
        return {"alias": resting.alias, "accounts": [str(each.pk) for each in resting.accounts]}


class Decisions(Listing):
    """All decisions about an account; the present one has no `withdrawn_at`."""

    needs, answers = "access.view", DecisionData
    orderings = {
        "-decided_at": ("-decided_at", "-id"),
        "decided_at": ("decided_at", "id"),
    }

    def rows(self, workspace: Workspace, **wanted: Any) -> QuerySet[Identification]:
        account = get_object_or_404(Account, workspace=workspace, pk=self.kwargs["pk"])
        return _rows(workspace).filter(account=account)


class OneDecision(Item):
    """One decision about an account, and what taking it back would take along."""

    needs, answers = "access.view", OneDecisionData

    def rows(self, workspace: Workspace) -> QuerySet[Identification]:
        return _rows(workspace)


class Undo(OneDecision):
    http_method_names = ["post"]
    needs_to_write = "access.edit"

    @acts(answers=DecisionData)
    def post(self, data: dict[str, Any], **kwargs: Any) -> Identification:
        """Take the present decision back; answers the one that now stands in its place."""
        return access.undo(self.found(), user=self.user, by=self.by)


class Approve(OneDecision):
    http_method_names = ["post"]
    needs_to_write = "workspace.administer"

    @acts(answers=DecisionData)
    def post(self, data: dict[str, Any], **kwargs: Any) -> Identification:
        """Approve that a leaver's account is somebody else's, as another admin."""
        access.approve_release(self.found(), user=self.user, by=self.by)
        return self.found()  # type: ignore[no-any-return]


def _rows(workspace: Workspace) -> QuerySet[Identification]:
    rows = Identification.objects.filter(workspace=workspace)
    return rows.select_related("account", "staff", "brought", "workspace").prefetch_related("users")
