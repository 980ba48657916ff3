"""Endpoints of identifying: accounts that wait, suggestions for them, whose one or several are."""

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from rest_framework import serializers

from access import selectors
from access import services as access
from access.api.accounts import KINDS, AccountData, OneAccount, with_decision
from access.api.systems import member
from access.models import Account
from checks.facts import DecisionKind, NotStaffKind
from people import selectors as people
from people.addresses import LONGEST
from people.models import StaffMember, StaffStatus
from workspaces import permissions
from workspaces.models import Workspace
from workspaces.rest.bodies import Body, ListQuery
from workspaces.rest.endpoints import Endpoint, Listing, Serializer, acts
from workspaces.rest.fields import Choice, Day, Flag, Id, Ref, Refs, Text
from workspaces.rest.problems import Unprocessable


class IdentifyInput(Body):
    """Whose account it is; the other fields belong to one of the four answers each."""

    staff = Ref(people.for_workspace, required=False, help_text="For existing_staff.")
    name = Text(required=False, max_length=200, help_text="For new_staff.")
    email = Text(required=False, max_length=LONGEST, help_text="For new_staff.")
    employment_type = Choice(
        choices=StaffMember.Employment.choices, required=False, help_text="For new_staff."
    )
    org_roles = Refs(people.org_roles, max_length=100, required=False, help_text="For new_staff.")
    last_day = Day(required=False, allow_null=True, help_text="For new_staff who leave.")
    not_staff_kind = Choice(
        choices=[each.value for each in NotStaffKind], required=False, help_text="For not_staff."
    )
    owner = Ref(
        people.for_workspace, required=False, help_text="Who answers for it; for not_staff."
    )
    owner_user = Id(
        required=False,
        help_text="In place of `owner`: an admin, by the `user` of their membership.",
    )
    reason = Text(required=False, max_length=500, help_text="For not_staff.")
    ends_on = Day(required=False, help_text="Until when this holds; for not_staff.")
    users = Refs(
        people.for_workspace,
        required=False,
        max_length=100,
        help_text="Who uses a shared account; for not_staff.",
    )
    password_changed = Flag(
        required=False,
        help_text="Confirms a new password, once somebody who used a shared account has left.",
    )

    def get_fields(self) -> dict[str, Any]:
        """`as` is a word of the language, so that it cannot be declared like the rest."""
        help_text = "`new_staff` adds a person, which needs `people.edit` (`people:write`) as well."
        return {"as": Choice(choices=KINDS, help_text=help_text), **super().get_fields()}


class Identify(OneAccount):
    http_method_names = ["post"]
    needs_to_write = "access.edit"

    @acts(takes=IdentifyInput, answers=AccountData)
    def post(self, data: dict[str, Any], **kwargs: Any) -> Account:
        """Say whose account it is; the decision before is kept in its history."""
        _decide(self, [self.found()], data)
        return self.found()  # type: ignore[no-any-return]


def _accounts(workspace: Workspace) -> QuerySet[Account]:
    rows = Account.objects.filter(workspace=workspace)
    return rows.select_related("connection__criticalsystem")


class IdentifyManyInput(IdentifyInput):
    accounts = Refs(_accounts, min_length=1, max_length=access.MOST_AT_ONCE)


class AccountsData(serializers.Serializer[Any]):
    results = AccountData(many=True)


class IdentifyMany(Endpoint):
    http_method_names = ["post"]
    needs, needs_to_write = "access.view", "access.edit"

    @acts(takes=IdentifyManyInput, answers=AccountsData)
    def post(self, data: dict[str, Any]) -> dict[str, Any]:
        """Say whose several accounts are: one decision covers them all, or none."""
        accounts = data.pop("accounts")
        _decide(self, accounts, data)
        return _decided(self.workspace, accounts)


class SuggestionData(serializers.Serializer[Any]):
    staff = serializers.UUIDField(source="person_id")
    name = serializers.CharField()
    email = serializers.CharField(help_text="The work e-mail, else the external id.")
    status = serializers.ChoiceField(choices=StaffStatus.choices)
    reason = serializers.CharField()


class WaitingData(serializers.Serializer[Any]):
    """An account that nobody has identified yet, or whose decision has ended."""

    account = AccountData()
    system = serializers.CharField(help_text="The name of the critical system.")
    privileged = serializers.BooleanField()
    flagged = serializers.BooleanField(help_text="Its address looks like another one.")
    suggestions = SuggestionData(many=True, help_text="Whose it may be, the likeliest first.")


class WaitingQuery(ListQuery):
    system = Id(required=False)


class WaitingAccounts(Listing):
    """Accounts to identify, with who they may be and why."""

    needs, answers, query = "access.view", WaitingData, WaitingQuery
    orderings = {"name": ("name", "id"), "-name": ("-name", "-id")}

    def rows(self, workspace: Workspace, system: uuid.UUID | None = None) -> QuerySet[Account]:
        return with_decision(selectors.waiting(workspace, system=system))

    def present(self, serializer: Serializer, rows: Sequence[Any]) -> list[Any]:
        return super().present(serializer, selectors.described(self.workspace, rows))


class PairInput(Body):
    account = Id()
    staff = Id()


class SuggestionsInput(Body):
    suggestions = serializers.ListField(
        child=PairInput(), min_length=1, max_length=access.MOST_AT_ONCE
    )


class StandingData(SuggestionData):
    account = serializers.UUIDField()
    label = serializers.CharField()  # type: ignore[assignment]


class SuggestionsPreviewData(serializers.Serializer[Any]):
    """What accepting would record; suggestions that do not stand (any more) are left out."""

    results = StandingData(many=True)
    left_out = serializers.IntegerField()


class PreviewSuggestions(Endpoint):
    http_method_names = ["post"]
    needs = needs_to_write = "access.view"

    @acts(takes=SuggestionsInput, answers=SuggestionsPreviewData)
    def post(self, data: dict[str, Any]) -> dict[str, Any]:
        """Say what accepting these suggestions would record; nothing is written."""
        chosen = _chosen(data)
        return _standing(self.workspace, chosen)


class AcceptSuggestions(Endpoint):
    http_method_names = ["post"]
    needs, needs_to_write = "access.view", "access.edit"

    @acts(takes=SuggestionsInput, answers=AccountsData)
    def post(self, data: dict[str, Any]) -> dict[str, Any]:
        """Identify each account as the person suggested: all of them, or none."""
        chosen = _chosen(data)
        if _standing(self.workspace, chosen)["left_out"]:
            raise Unprocessable("Not all of these are suggested (any more). Nothing was recorded.")
        access.accept_suggestions(self.workspace, chosen=chosen, user=self.user, by=self.by)
        return _decided(self.workspace, _accounts(self.workspace).filter(pk__in=chosen))


def _chosen(data: dict[str, Any]) -> dict[uuid.UUID, uuid.UUID]:
    """Account and person. Raises ValidationError where an account is named twice."""
    pairs = {each["account"]: each["staff"] for each in data["suggestions"]}
    if len(pairs) != len(data["suggestions"]):
        raise serializers.ValidationError({"suggestions": ["Name each account once."]})
    return pairs


def _standing(workspace: Workspace, chosen: dict[uuid.UUID, uuid.UUID]) -> dict[str, Any]:
    accounts = _accounts(workspace).filter(pk__in=chosen)
    found = [
        vars(suggestion) | {"account": waiting.account.pk, "label": waiting.account.label}
        for waiting, suggestion in selectors.suggested(workspace, accounts, chosen)
    ]
    return {"results": found, "left_out": len(chosen) - len(found)}


def _decided(workspace: Workspace, accounts: Iterable[Account]) -> dict[str, Any]:
    rows = with_decision(_accounts(workspace).filter(pk__in=[each.pk for each in accounts]))
    return {"results": rows.order_by("name", "id")}


def _decide(endpoint: Endpoint, accounts: Sequence[Account], data: dict[str, Any]) -> None:
    """Call the service that `as` names. Raises PermissionDenied."""
    kind = data.pop("as")
    if kind == DecisionKind.NEW_STAFF and not permissions.allows(
        endpoint.membership, "people.edit"
    ):
        raise PermissionDenied
    who: dict[str, Any] = {"user": endpoint.user, "by": endpoint.by}
    if kind == DecisionKind.EXISTING_STAFF:
        staff = data.get("staff")
        if staff is None:
            raise serializers.ValidationError({"staff": ["Give the person's id."]})
        access.identify_as_staff(accounts, staff=staff, **who)
        return
    who["workspace"] = endpoint.workspace
    if kind == DecisionKind.NEW_STAFF:
        access.identify_as_new_staff(accounts, **_new_staff(data), **who)
    elif kind == DecisionKind.NOT_STAFF:
        access.identify_as_not_staff(accounts, **_not_staff(endpoint.workspace, data), **who)
    else:
        access.leave_unidentified(accounts, **who)


def _new_staff(data: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": data.get("name", ""),
        "email": data.get("email", ""),
        "employment_type": data.get("employment_type", StaffMember.Employment.EMPLOYEE),
        "org_roles": data.get("org_roles", ()),
        "last_day": data.get("last_day"),
    }


def _not_staff(workspace: Workspace, data: dict[str, Any]) -> dict[str, Any]:
    owner = data.get("owner")
    if owner is None and "owner_user" in data:
        owner = member(workspace, data["owner_user"])
    return {
        "kind": data.get("not_staff_kind", ""),
        "owner": owner,
        "reason": data.get("reason", ""),
        "ends_on": data.get("ends_on"),
        "users": data.get("users", ()),
        "password_changed": data.get("password_changed", False),
    }
