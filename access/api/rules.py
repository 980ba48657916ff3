"""Endpoints of the access rule of a critical system ("Access monitoring")."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework import serializers

from access import selectors
from access import services as access
from access.models import AccessRule, RuleEntry
from audit import clock
from checks.facts import RuleMode
from people import selectors as people
from workspaces.models import Workspace
from workspaces.rest.bodies import Body
from workspaces.rest.endpoints import Endpoint, Item, acts
from workspaces.rest.fields import Choice, Ref, Text

ANY = "The roles inside the product that are allowed; null: any documented one."
MODES = [each.value for each in RuleMode]
TURNS = [each.value for each in access.Turn]


class RuleEntryData(serializers.ModelSerializer[RuleEntry]):
    name = serializers.CharField(source="org_role.name")
    levels = serializers.ListField(child=serializers.CharField(), allow_null=True, help_text=ANY)

    class Meta:
        model = RuleEntry
        fields = ("org_role", "name", "levels")


class RuleData(serializers.ModelSerializer[AccessRule]):
    mode = serializers.ChoiceField(choices=MODES)
    levels = serializers.ListField(child=serializers.CharField(), allow_null=True, help_text=ANY)
    roles = RuleEntryData(source="entries", many=True)

    class Meta:
        model = AccessRule
        fields = ("system", "mode", "levels", "roles", "saved_at")


class RoleInput(Body):
    org_role = Ref(people.org_roles)
    levels = serializers.ListField(
        child=Text(max_length=100), max_length=50, required=False, allow_null=True, help_text=ANY
    )


class RuleInput(Body):
    mode = Choice(choices=MODES)
    levels = serializers.ListField(
        child=Text(max_length=100), max_length=50, required=False, allow_null=True, help_text=ANY
    )
    roles = serializers.ListField(child=RoleInput(), max_length=100, required=False)


class Rule(Item):
    """Who may have access to a critical system; 404 until somebody has said so."""

    needs, needs_to_write, answers = "access.view", "access.edit", RuleData

    def rows(self, workspace: Workspace) -> QuerySet[AccessRule]:
        rows = AccessRule.objects.filter(workspace=workspace)
        return rows.prefetch_related("entries__org_role")

    @acts(takes=RuleInput, answers=RuleData)
    def put(self, data: dict[str, Any], pk: Any) -> AccessRule:
        """Replace the rule whole; every account is judged by it in this request."""
        system = get_object_or_404(selectors.for_workspace(self.workspace), pk=pk)
        access.save_rule(system, **rule_arguments(data), user=self.user, by=self.by)
        return self.found()  # type: ignore[no-any-return]


class AddedRole(Body):
    org_role = Ref(people.org_roles, help_text="What is allowed is any documented role.")


class AddRole(Rule):
    http_method_names = ["post"]

    @acts(takes=AddedRole, answers=RuleData)
    def post(self, data: dict[str, Any], pk: Any) -> AccessRule:
        """Add one Org role to the rule; access that only lacked it is valid in this request."""
        system = get_object_or_404(selectors.for_workspace(self.workspace), pk=pk)
        access.add_org_role(system, **data, user=self.user, by=self.by)
        return self.found()  # type: ignore[no-any-return]


def rule_arguments(data: dict[str, Any]) -> dict[str, Any]:
    """What the services of rules take; a role that is given twice is refused by them."""
    roles = [
        access.RoleLevels(
            each["org_role"],
            None if each.get("levels") is None else frozenset(each["levels"]),
        )
        for each in data.get("roles", [])
    ]
    return {"mode": data["mode"], "levels": data.get("levels"), "roles": roles}


class AccountChangeData(serializers.Serializer[Any]):
    account = serializers.UUIDField(source="account_id")
    label = serializers.CharField()  # type: ignore[assignment]
    before = serializers.CharField()
    after = serializers.CharField()
    turn = serializers.ChoiceField(choices=TURNS)


class PreviewData(serializers.Serializer[Any]):
    """What would be if the rule were saved now."""

    valid = serializers.IntegerField()
    not_valid = serializers.IntegerField()
    waiting = serializers.IntegerField()
    changes = AccountChangeData(many=True, help_text="The first 100, the worst first.")
    more = serializers.IntegerField(help_text="How many changes are left out.")
    waiting_for = serializers.CharField()


class Preview(Endpoint):
    http_method_names = ["post"]
    needs, needs_to_write = "access.view", "access.view"

    @acts(takes=RuleInput, answers=PreviewData)
    def post(self, data: dict[str, Any], pk: Any) -> access.RulePreview:
        """Say what saving this rule would do; nothing is written."""
        system = get_object_or_404(selectors.for_workspace(self.workspace), pk=pk)
        return access.preview_rule(system, **rule_arguments(data), now=clock.now())
