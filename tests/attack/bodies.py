"""What a writing request says: a body that would work, with every id in it to be swapped.

An `Id` stands for the id of a thing; it becomes one's own, the other company's, or a random one.
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from audit import clock
from tests.attack.company import Company

OWN, FOREIGN, RANDOM = "own", "foreign", "random"


@dataclass(frozen=True)
class Id:
    """The id (or another key, such as an address) of a thing of `Company.ids`."""

    of: str


def _day(days: int) -> str:
    return (clock.now() + timedelta(days=days)).date().isoformat()


STAFF = {"name": "New Person", "email": "new.person@example.test", "employment_type": "employee"}
RULE = {"mode": "role_based", "roles": [{"org_role": Id("other_role"), "levels": ["STANDARD"]}]}
CASE = {"reason": "handover", "note": "Until then", "valid": "until", "ends_on": _day}
NEW = {"name": "New Person", "email": "new.person@example.test"}
PAIRS = {"suggestions": [{"account": Id("account"), "staff": Id("staff")}]}
EXTERNAL = {"not_staff_kind": "shared", "reason": "shared desk", "ends_on": _day}
SERVICE = EXTERNAL | {"not_staff_kind": "service"}
# (route, method) -> bodies: JSON for the API, form fields for pages. Pages are POSTed.
BODIES: dict[tuple[str, str], list[dict[str, Any]]] = {
    ("access:add", "POST"): [{"integration": "xero", "connection": Id("spare")}],
    ("access:owner", "POST"): [{"owner": Id("user")}],
    ("access:remove", "POST"): [{"reason": "no longer used"}],
    ("access:rule", "POST"): [{"mode": "all_staff"}],
    ("access:preview_rule", "POST"): [{"mode": "all_staff"}],
    ("access:add_role", "POST"): [{"org_role": Id("other_role")}],
    ("access:identify", "POST"): [
        {"user_is": "existing_staff", "staff": Id("staff_email")},
        {"user_is": "not_staff", "owner": Id("staff_email"), "users": Id("staff_email")} | EXTERNAL,
        {"user_is": "not_staff", "owner": Id("user_email"), "users": Id("staff_email")} | EXTERNAL,
    ],
    ("access:identify_many", "POST"): [
        {"account": Id("account")},
        {"account": Id("account"), "user_is": "existing_staff", "staff": Id("staff_email")},
    ],
    ("access:accept", "POST"): [{"account": Id("account"), "suggested": Id("pair")}],
    ("access:approve", "POST"): [{"decision": Id("decision")}],
    ("access:assign", "POST"): [
        {"task": Id("task"), "owner": Id("user")},
        {"task": Id("withheld")},
    ],
    ("access:ask", "POST"): [CASE],
    ("access:approve_case", "POST"): [{"note": ""}],
    ("access:reject_case", "POST"): [{"note": "No"}],
    ("access:calendar", "POST"): [{"working_days": ["0"], "holidays": ""}],
    ("access:policy", "POST"): [{"grace_days": "3", "window_days": "1"}],
    ("access:offboard", "POST"): [{"last_day": _day, "access_ends": "now"}],
    ("access:reinstate", "POST"): [{"starts_on": _day}],
    ("access:merge", "POST"): [{"duplicate": Id("duplicate_email"), "final": "on"}],
    ("access:add_alias", "POST"): [{"address": "another@example.test"}, {"address": Id("alias")}],
    ("access:end_alias", "POST"): [{"address": Id("alias")}],
    ("people:change_roles", "POST"): [
        {"staff": Id("staff"), "org_role": Id("other_role"), "change": "add"}
    ],
    ("people:add", "POST"): [
        STAFF | {"org_roles": Id("org_role"), "manager": Id("staff_email")},
    ],
    ("people:edit", "POST"): [
        STAFF | {"org_roles": Id("org_role"), "manager": Id("duplicate_email")},
    ],
    ("people:create_org_role", "POST"): [{"name": "Another role"}],
    ("people:rename_org_role", "POST"): [{"name": "Another role"}],
    ("people:merge_org_role", "POST"): [{"into": Id("other_role")}],
    ("people:apply_import", "POST"): [{"valid_only": "on", "reason": "as agreed"}],
    ("integrations:accept", "POST"): [{"reason": "looked at it"}],
    ("integrations:discard", "POST"): [{"reason": "looked at it"}],
    ("integrations:connect", "POST"): [{"acknowledged": "yes"}],
    ("workspaces:switch", "POST"): [{"workspace": Id("workspace")}],
    ("workspaces:invite", "POST"): [{"email": "new@example.test", "role": "editor"}],
    ("workspaces:change_member", "POST"): [{"role": "editor"}],
    ("workspaces:create_token", "POST"): [{"name": "Tool", "scopes": "read", "days": "30"}],
    ("workspaces:workspace", "POST"): [{"name": "Another name", "zone": "UTC"}],
    ("api_connections", "POST"): [{"integration": "xero", "acknowledged": True}],
    ("api_accept", "POST"): [{"reason": "looked at it"}],
    ("api_discard", "POST"): [{"reason": "looked at it"}],
    ("api_systems", "POST"): [{"integration": "xero", "connection": Id("spare")}],
    ("api_rule", "PUT"): [RULE],
    ("api_rule_preview", "POST"): [RULE],
    ("api_identify", "POST"): [
        {"as": "existing_staff", "staff": Id("staff")},
        {"as": "not_staff", "owner": Id("staff"), "users": [Id("other_staff")]} | EXTERNAL,
    ],
    ("api_staff", "POST"): [STAFF | {"org_roles": [Id("org_role")], "manager": Id("staff")}],
    ("api_staff_member", "PATCH"): [{"org_roles": [Id("other_role")], "manager": Id("duplicate")}],
    ("api_offboard", "POST"): [{"access_ends": "now"}],
    ("api_reinstate", "POST"): [{"starts_on": _day}],
    ("api_merge_staff", "POST"): [{"duplicate": Id("duplicate")}],
    ("api_org_roles", "POST"): [{"name": "Another role"}],
    ("api_org_role", "PATCH"): [{"name": "Another role"}],
    ("api_merge_org_role", "POST"): [{"into": Id("other_role")}],
    ("api_task", "PATCH"): [{"owner": Id("user")}],
    ("api_request_special_case", "POST"): [
        {"reason": "handover", "note": "Until then", "ends_on": _day}
    ],
    ("api_approve_special_case", "POST"): [{"note": ""}],
    ("api_reject_special_case", "POST"): [{"note": "No"}],
    ("api_member", "PATCH"): [{"role": "editor"}],
    ("api_system", "PATCH"): [{"owner": Id("user")}],
    ("api_add_role", "POST"): [{"org_role": Id("other_role")}],
    ("api_identify_many", "POST"): [
        {"accounts": [Id("account")], "as": "existing_staff", "staff": Id("staff")},
        {"accounts": [Id("account")], "as": "new_staff", "org_roles": [Id("org_role")]} | NEW,
        {"accounts": [Id("account")], "as": "not_staff", "owner_user": Id("user")} | SERVICE,
    ],
    ("api_preview_suggestions", "POST"): [PAIRS],
    ("api_accept_suggestions", "POST"): [PAIRS],
    ("api_change_roles", "POST"): [
        {"staff": [Id("staff")], "add": [Id("other_role")], "remove": [Id("org_role")]},
    ],
    ("api_addresses", "POST"): [{"address": "another@example.test"}],
    ("api_end_alias", "POST"): [{"address": Id("alias")}],
    ("api_assign", "POST"): [{"tasks": [Id("task")], "owner": Id("user")}],
    ("api_policy", "PUT"): [{"grace_days": 3, "window_days": 1, "business_days": False}],
    ("api_calendar", "PUT"): [{"working_days": [0], "holidays": []}],
    ("api_workspace", "PATCH"): [{"name": "Another name"}],
    ("api_invitations", "POST"): [{"email": "new@example.test", "role": "editor"}],
    ("api_tokens", "POST"): [{"name": "Tool", "scopes": ["read"]}],
}
# Query parameters that carry an id: lists are filtered by it, pages remember what was chosen.
QUERIES: dict[str, list[dict[str, Any]]] = {
    "access:queue": [{"system": Id("system")}],
    "access:identify": [{"queue": "1", "system": Id("system")}],
    "access:monitoring": [{"system": Id("system")}, {"owner": Id("user")}],
    "access:work": [{"system": Id("system"), "owner": "any"}, {"owner": Id("user")}],
    "access:tasks_csv": [{"system": Id("system")}, {"owner": Id("user")}],
    "access:check": [{"system": Id("system")}],
    "access:staff_access": [{"system": Id("system")}],
    "access:export_staff_access": [{"system": Id("system")}],
    "access:explain": [{"evaluation": Id("evaluation")}],
    "people:directory": [{"org_role": Id("org_role")}],
    "people:export": [{"org_role": Id("org_role")}],
    "integrations:integration": [{"attempt": Id("attempt")}],
    "integrations:connection": [{"attempt": Id("attempt")}],
    "workspaces:audit_log": [{"subject": Id("staff")}, {"person": Id("user")}],
    "workspaces:export_audit_log": [{"subject": Id("staff")}, {"person": Id("user")}],
    "api_check_days": [{"system": Id("system")}],
    "api_explanation": [{"evaluation": Id("evaluation")}],
    "api_audit_events": [{"subject": Id("staff")}],
    "api_staff": [{"org_role": Id("org_role")}],
    "api_sync_runs": [{"connection": Id("connection")}],
    "api_waiting_accounts": [{"system": Id("system")}],
    "api_tasks": [{"system": Id("system")}, {"owner": Id("user")}, {"subject": Id("subject")}],
}


def random_of(kind: str) -> str:
    """Something of the same form that belongs to nobody."""
    if "email" in kind or kind == "alias":
        return f"{uuid.uuid4().hex}@example.test"
    return f"{uuid.uuid4()}:{uuid.uuid4()}" if kind == "pair" else str(uuid.uuid4())


def filled(body: Any, of: Company, swapped: str = "", value: Any = None) -> Any:
    """The body with ids of `of`; those of the kind `swapped` become `value`."""
    if isinstance(body, Id):
        return value if body.of == swapped else str(of.ids[body.of])
    if isinstance(body, dict):
        return {key: filled(each, of, swapped, value) for key, each in body.items()}
    if isinstance(body, list):
        return [filled(each, of, swapped, value) for each in body]
    return body(40) if callable(body) else body


def kinds(body: Any) -> set[str]:
    """The kinds of ids in a body."""
    if isinstance(body, Id):
        return {body.of}
    inner = body.values() if isinstance(body, dict) else body if isinstance(body, list) else ()
    return set[str]().union(*map(kinds, inner))
