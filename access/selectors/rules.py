"""Readings of access rules: which critical systems list an Org role."""

import uuid
from collections import defaultdict
from collections.abc import Mapping

from access.facts import name_of
from access.models import CriticalSystem, RuleEntry
from workspaces.models import Workspace


def systems_listing(workspace: Workspace) -> Mapping[uuid.UUID, list[tuple[CriticalSystem, str]]]:
    """By Org role, the critical systems whose rule lists it, each with its name."""
    found: defaultdict[uuid.UUID, list[tuple[CriticalSystem, str]]] = defaultdict(list)
    entries = RuleEntry.objects.filter(
        rule__workspace=workspace, rule__system__removed_at__isnull=True
    )
    for entry in entries.select_related("rule__system__connection").order_by("rule__saved_at"):
        system = entry.rule.system
        found[entry.org_role_id].append((system, name_of(system)))
    return found
