"""Endpoints of accounts: who has access, who had it at an instant, and whose an account is."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from rest_framework import serializers

from access import selectors
from access import services as access
from access.models import Account, AccountSpan, Identification
from access.selectors import past
from audit import clock
from checks.facts import DecisionKind, NotStaffKind
from people import selectors as people
from people.addresses import LONGEST
from people.models import StaffMember
from workspaces.models import Workspace
from workspaces.rest.bodies import Body, ListQuery
from workspaces.rest.endpoints import Endpoint, Item, Listing, Serializer, acts
from workspaces.rest.fields import Choice, Day, Instant, Ref, Text, shown_as

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
    at = Instant(required=False, help_text="Who had access at this instant; absent: who has it.")
    search = Text(required=False, max_length=200, help_text="In names and addresses.")


class IdentifyInput(Body):
    """Whose account it is; the other fields belong to one of the four answers each."""

    staff = Ref(people.for_workspace, required=False, help_text="For existing_staff.")
    name = Text(required=False, max_length=200, help_text="For new_staff.")
    email = Text(required=False, max_length=LONGEST, help_text="For new_staff.")
    employment_type = Choice(
        choices=StaffMember.Employment.choices, required=False, help_text="For new_staff."
    )
    last_day = Day(required=False, allow_null=True, help_text="For new_staff who leave.")
    not_staff_kind = Choice(
        choices=[each.value for each in NotStaffKind], required=False, help_text="For not_staff."
    )
    owner = Ref(
        people.for_workspace, required=False, help_text="Who answers for it; for not_staff."
    )
    reason = Text(required=False, max_length=500, help_text="For not_staff.")
    ends_on = Day(required=False, help_text="Until when this holds; for not_staff.")
    users = serializers.ListField(
        child=Ref(people.for_workspace),
        required=False,
        max_length=100,
        help_text="Who uses a shared account; for not_staff.",
    )

    def get_fields(self) -> dict[str, Any]:
        """`as` is a word of the language, so that it cannot be declared like the rest."""
        return {"as": Choice(choices=KINDS), **super().get_fields()}


class SystemAccounts(Listing):
    """Accounts of a system: those of its current list, or with `at` of the list at that instant.

    With `at`, what had been decided about an account by then is given with it.
    """

    needs, answers, query = "access.view", AccountData, AccountQuery
    orderings = {"name": ("name", "id"), "-name": ("-name", "-id")}

    def rows(
        self, workspace: Workspace, at: datetime | None = None, search: str = ""
    ) -> QuerySet[Any]:
        system = get_object_or_404(selectors.for_workspace(workspace), pk=self.kwargs["pk"])
        if at is None:
            return selectors.users(system, clock.now(), search=search)
        return past.spans_at(system, at, search=search)

    def present(self, serializer: Serializer, rows: Sequence[Any]) -> list[Any]:
        then = [_as_it_was(row) if isinstance(row, AccountSpan) else row for row in rows]
        return super().present(serializer, then)


class OneAccount(Item):
    """One account, whether it is still there, and whose it is."""

    needs, answers = "access.view", AccountData

    def rows(self, workspace: Workspace) -> QuerySet[Account]:
        current = Identification.objects.filter(withdrawn_at__isnull=True)
        rows = Account.objects.filter(workspace=workspace)
        return rows.prefetch_related(
            Prefetch("identifications", queryset=current, to_attr="current")
        )


class Identify(OneAccount):
    http_method_names = ["post"]
    needs_to_write = "access.edit"

    @acts(takes=IdentifyInput, answers=AccountData)
    def post(self, data: dict[str, Any], **kwargs: Any) -> Account:
        """Say whose account it is; the decision before is kept in its history."""
        _decide(self, self.found(), data)
        return self.found()  # type: ignore[no-any-return]


def _as_it_was(span: AccountSpan) -> Any:
    account = span.account
    account.name, account.email, account.level = span.name, span.email, span.level
    account.is_subscriber, account.present = span.is_subscriber, True
    return account


def _decide(endpoint: Endpoint, account: Account, data: dict[str, Any]) -> None:
    """Call the service that `as` names."""
    kind = data.pop("as")
    who: dict[str, Any] = {"user": endpoint.user, "by": endpoint.by}
    if kind == DecisionKind.EXISTING_STAFF:
        staff = data.get("staff")
        if staff is None:
            raise serializers.ValidationError({"staff": ["Give the person's id."]})
        access.identify_as_staff([account], staff=staff, **who)
        return
    who["workspace"] = endpoint.workspace
    if kind == DecisionKind.NEW_STAFF:
        access.identify_as_new_staff([account], **_new_staff(data), **who)
    elif kind == DecisionKind.NOT_STAFF:
        access.identify_as_not_staff([account], **_not_staff(data), **who)
    else:
        access.leave_unidentified([account], **who)


def _new_staff(data: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": data.get("name", ""),
        "email": data.get("email", ""),
        "employment_type": data.get("employment_type", StaffMember.Employment.EMPLOYEE),
        "last_day": data.get("last_day"),
    }


def _not_staff(data: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": data.get("not_staff_kind", ""),
        "owner": data.get("owner"),
        "reason": data.get("reason", ""),
        "ends_on": data.get("ends_on"),
        "users": data.get("users", ()),
    }
