"""Endpoints of accounts: who has access to a system, and who had it at an instant."""

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from rest_framework import serializers

from access import selectors
from access.models import Account, AccountSpan, CriticalSystem, Identification
from audit import clock
from checks.facts import DecisionKind
from workspaces.models import Workspace
from workspaces.rest.bodies import ListQuery
from workspaces.rest.endpoints import Item, Listing, Serializer
from workspaces.rest.fields import Choice, Instant, Text, shown_as

KINDS = [each.value for each in DecisionKind]


class AccountData(serializers.ModelSerializer[Account]):
    identified_as = serializers.SerializerMethodField()
    staff = serializers.SerializerMethodField(help_text="The person whose account it is.")

    class Meta:
        model = Account
        fields = (
            "id",
            "external_id",
            "name",
            "email",
            "level",
            "is_subscriber",
            "present",
            "first_seen_at",
            "last_seen_at",
            "gone_at",
            "identified_as",
            "staff",
        )

    @shown_as(Choice(choices=KINDS, allow_null=True))
    def get_identified_as(self, account: Any) -> str | None:
        return account.current[0].kind if account.current else None

    @shown_as(serializers.UUIDField(allow_null=True))
    def get_staff(self, account: Any) -> str | None:
        current = account.current[0] if account.current else None
        return str(current.staff_id) if current is not None and current.staff_id else None


class AccountQuery(ListQuery):
    at = Instant(
        required=False,
        help_text="Who had access at this instant. Absent: all accounts of the present list, also"
        " those whose level gives no access.",
    )
    search = Text(required=False, max_length=200, help_text="In names and addresses.")

    def validate_at(self, at: datetime) -> datetime:
        if at > clock.now():
            raise serializers.ValidationError(
                "Nobody knows yet who will have access then. Give an instant that is not ahead."
            )
        return at


class ReadingData(serializers.Serializer[Any]):
    """What a list of accounts rests on."""

    read_at = serializers.DateTimeField(
        allow_null=True,
        help_text="When the list of users was read that this rests on. Null: none had been read,"
        " and nothing is known.",
    )
    monitored = serializers.BooleanField(
        help_text="False: nobody looked after the system at that time, so what came and went then"
        " is not in it."
    )


def with_decision(rows: QuerySet[Account]) -> QuerySet[Account]:
    """The accounts with what has been decided about each, as `AccountData` shows it."""
    current = Identification.objects.filter(withdrawn_at__isnull=True)
    return rows.prefetch_related(Prefetch("identifications", queryset=current, to_attr="current"))


class SystemAccounts(Listing):
    """Accounts of a system: those of its current list, or with `at` those that gave access then.

    With `at`, what had been decided about an account by then is given with it. `read_at` and
    `monitored` say what the answer rests on.
    """

    needs, answers, query = "access.view", AccountData, AccountQuery
    beside = ReadingData
    orderings = {"name": ("sort_name", "id"), "-name": ("-sort_name", "-id")}

    def rows(
        self, workspace: Workspace, at: datetime | None = None, search: str = ""
    ) -> QuerySet[Any]:
        if at is None:
            return selectors.users(self._system, clock.now(), search=search)
        return selectors.had_access(self._system, at, search=search)

    def whole(self, at: datetime | None = None, search: str = "") -> selectors.Reading:
        return selectors.reading(self._system, at or clock.now())

    @cached_property
    def _system(self) -> CriticalSystem:
        return get_object_or_404(selectors.for_workspace(self.workspace), pk=self.kwargs["pk"])

    def present(self, serializer: Serializer, rows: Sequence[Any]) -> list[Any]:
        then = [_as_it_was(row) if isinstance(row, AccountSpan) else row for row in rows]
        return super().present(serializer, then)


class OneAccount(Item):
    """One account, whether it is still there, and whose it is."""

    needs, answers = "access.view", AccountData

    def rows(self, workspace: Workspace) -> QuerySet[Account]:
        return with_decision(Account.objects.filter(workspace=workspace))


def _as_it_was(span: AccountSpan) -> Any:
    account = span.account
    account.name, account.email, account.level = span.name, span.email, span.level
    account.is_subscriber, account.present = span.is_subscriber, True
    return account
