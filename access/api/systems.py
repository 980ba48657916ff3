"""Endpoints of critical systems: the figures of their cards, adding and removing."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from access import selectors
from access import services as access
from access.models import CriticalSystem
from audit import clock
from checks.status import Status
from integrations import selectors as integrations
from integrations.catalog import CATALOG
from workspaces import selectors as workspaces
from workspaces.models import User, Workspace
from workspaces.rest.bodies import Body, ListQuery, Query
from workspaces.rest.endpoints import Item, Listing, Serializer, acts
from workspaces.rest.fields import Choice, Id, QueryFlag, Ref, Text, shown_as
from workspaces.rest.problems import Unprocessable

STATUSES = [each.value for each in Status]


class CheckData(serializers.Serializer[Any]):
    check = serializers.CharField()
    title = serializers.CharField()
    status = serializers.ChoiceField(choices=STATUSES)
    left = serializers.IntegerField(help_text="Tasks that are Due or Critical.")
    failing = serializers.IntegerField()
    special_cases = serializers.IntegerField()
    waiting_for = serializers.CharField()
    summary = serializers.CharField()


class SystemData(serializers.Serializer[Any]):
    """A critical system with the figures of its card."""

    id = serializers.UUIDField(source="system.pk")
    name = serializers.CharField()
    owner = serializers.UUIDField(
        source="system.owner_id", allow_null=True, help_text="The `user` of a member."
    )
    integration = serializers.CharField(source="system.integration")
    connection = serializers.UUIDField(source="system.connection_id", allow_null=True)
    connection_state = serializers.CharField(source="state.code")
    stale = serializers.BooleanField(source="state.stale")
    read_at = serializers.DateTimeField(allow_null=True)
    accounts = serializers.IntegerField()
    privileged = serializers.IntegerField()
    unidentified = serializers.IntegerField()
    added_at = serializers.DateTimeField(source="system.added_at")
    removed_at = serializers.DateTimeField(source="system.removed_at", allow_null=True)
    checks = serializers.SerializerMethodField()

    @shown_as(CheckData(many=True))
    def get_checks(self, card: selectors.Card) -> list[dict[str, Any]]:
        return [check_words(title, each) for title, each in card.check_titles()]


def check_words(title: str, each: Any) -> dict[str, Any]:
    """One check of one system as the API says it."""
    return {
        "check": each.check_id,
        "title": title,
        "status": each.status.value,
        "left": each.left,
        "failing": each.failing,
        "special_cases": each.special,
        "waiting_for": each.waiting_for,
        "summary": each.summary,
    }


def member(workspace: Workspace, user: uuid.UUID) -> User:
    """The member with this `user`. Raises Unprocessable for anybody else."""
    found = workspaces.members(workspace).filter(user=user).first()
    if found is None:
        raise Unprocessable("The owner is no member of this workspace. Nothing was changed.")
    return found.user


class SystemQuery(ListQuery):
    removed = QueryFlag(
        required=False, help_text="Only those that were removed, or only the others."
    )


class SystemInput(Body):
    integration = Choice(choices=list(CATALOG))
    connection = Ref(
        integrations.for_workspace,
        required=False,
        allow_null=True,
        help_text="Which organisation; absent: the only one without a card, or the next one.",
    )


class SystemChange(Body):
    owner = Id(help_text="The `user` of a member; tasks that exist keep theirs.")


class RemovalQuery(Query):
    reason = Text(max_length=500, help_text="Why it is no longer critical; kept in the record.")


class _Cards:
    """Cards are read together, not one by one."""

    def present(self, serializer: Serializer, rows: Sequence[Any]) -> list[Any]:
        cards = selectors.cards(rows, clock.now())
        return super().present(serializer, cards)  # type: ignore[misc, no-any-return]


class Systems(_Cards, Listing):
    """Critical systems with the figures of their cards; removed ones are included."""

    needs, needs_to_write = "access.view", "access.edit"
    answers, query = SystemData, SystemQuery
    orderings = {"added_at": ("added_at", "id"), "-added_at": ("-added_at", "-id")}

    def rows(self, workspace: Workspace, removed: bool | None = None) -> QuerySet[CriticalSystem]:
        rows = selectors.for_workspace(workspace)
        return rows if removed is None else rows.filter(removed_at__isnull=not removed)

    @acts(takes=SystemInput, answers=SystemData, status=201)
    def post(self, data: dict[str, Any]) -> CriticalSystem:
        """Take an organisation under control, connected or not yet.

        Adding a removed one again continues its record.
        """
        (made,) = access.add_systems(
            self.workspace,
            integration=data["integration"],
            connections=[data.get("connection")],
            user=self.user,
            by=self.by,
        )
        return selectors.for_workspace(self.workspace).get(pk=made.pk)


class OneSystem(_Cards, Item):
    """One critical system with the figures of its card."""

    needs, needs_to_write, answers = "access.view", "access.edit", SystemData

    def rows(self, workspace: Workspace) -> QuerySet[CriticalSystem]:
        return selectors.for_workspace(workspace)

    @acts(takes=SystemChange, answers=SystemData)
    def patch(self, data: dict[str, Any], **kwargs: Any) -> CriticalSystem:
        """Give a system another owner."""
        owner = member(self.workspace, data["owner"])
        access.change_owner(self.found(), owner=owner, by=self.by)
        return self.found()  # type: ignore[no-any-return]

    @acts(query=RemovalQuery, status=204)
    def delete(self, data: dict[str, Any], **kwargs: Any) -> None:
        """Stop controlling a system; it stays listed with its open tasks."""
        access.remove_system(self.found(), **data, by=self.by)
