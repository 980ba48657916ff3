"""The endpoint of checks: what must be true, how it stands over all systems, and how to fix it."""

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from access import selectors
from access.api.systems import STATUSES
from audit import clock
from checks.rules import CHECKS, Check
from checks.selectors import CheckSummary
from checks.status import Status, worst
from integrations.catalog import CATALOG
from workspaces.models import Workspace
from workspaces.rest.endpoints import Whole


class CheckOverview(serializers.Serializer[Any]):
    check = serializers.CharField()
    title = serializers.CharField()
    status = serializers.ChoiceField(choices=STATUSES)
    left = serializers.IntegerField(help_text="Tasks that are Due or Critical, over all systems.")
    failing = serializers.IntegerField()
    special_cases = serializers.IntegerField()
    soc2 = serializers.ListField(child=serializers.CharField(), help_text="Controls of SOC 2.")
    iso27001 = serializers.ListField(
        child=serializers.CharField(), help_text="Controls of ISO 27001:2022."
    )
    how_to_fix = serializers.ListField(child=serializers.CharField())


class Checks(Whole):
    """The checks, each with how it stands over all critical systems."""

    needs, answers = "tasks.view", CheckOverview

    def things(self, workspace: Workspace) -> Sequence[dict[str, Any]]:
        systems = selectors.for_workspace(workspace).filter(removed_at__isnull=True)
        cards = selectors.cards(systems, clock.now())
        product = CATALOG["xero"].name
        return [
            _overview(check, product, [c for card in cards for c in card.checks])
            for check in CHECKS
        ]


def _overview(check: Check, product: str, summaries: list[CheckSummary]) -> dict[str, Any]:
    mine = [each for each in summaries if each.check_id == check.id]
    found = [each.status for each in mine]
    return {
        "check": check.id,
        "title": check.title(product),
        "status": (worst(found) if found else Status.WAITING).value,
        "left": sum(each.left for each in mine),
        "failing": sum(each.failing for each in mine),
        "special_cases": sum(each.special for each in mine),
        "soc2": list(check.controls_soc2),
        "iso27001": list(check.controls_iso),
        "how_to_fix": [step.format(product=product) for step in check.how_to_fix],
    }
