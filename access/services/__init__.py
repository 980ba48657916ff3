"""Acts of access: critical systems, rules, identification, and what follows from new facts."""

from access.services.identifying import (
    MOST_AT_ONCE,
    accept_suggestions,
    approve_release,
    identify_as_new_staff,
    identify_as_not_staff,
    identify_as_staff,
    leave_unidentified,
    undo,
)
from access.services.previewing import RulePreview, Turn, preview_rule
from access.services.rules import RoleLevels, add_org_role, rule_version, save_rule
from access.services.systems import add_system, add_systems, change_owner, remove_system

__all__ = [
    "MOST_AT_ONCE",
    "RoleLevels",
    "RulePreview",
    "Turn",
    "accept_suggestions",
    "add_org_role",
    "add_system",
    "add_systems",
    "approve_release",
    "change_owner",
    "identify_as_new_staff",
    "identify_as_not_staff",
    "identify_as_staff",
    "leave_unidentified",
    "preview_rule",
    "remove_system",
    "rule_version",
    "save_rule",
    "undo",
]
