"""The context that every page needs: navigation, workspace, whether this is a sandbox."""

from typing import Any

from django.conf import settings
from django.urls import reverse

from workspaces import permissions

# (label, route, icon, permission); sections as people know them.
SECTIONS: list[tuple[str, list[tuple[str, str, str, str]]]] = [
    (
        "Security Hub",
        [
            ("Access", "access:systems", "shield-check", "access.view"),
            ("Tasks", "access:work", "list-checks", "tasks.own"),
        ],
    ),
    ("People", [("Staff", "people:directory", "users", "people.view")]),
    (
        "Settings",
        [
            ("Integrations", "integrations:catalog", "plug", "integrations.view"),
            ("Checks", "access:policies", "timer", "tasks.view"),
            ("Special cases", "access:special_cases", "badge-check", "tasks.view"),
            ("Members", "workspaces:members", "user-cog", "members.view"),
            ("API tokens", "workspaces:tokens", "key-round", "tokens.own"),
            ("Audit log", "workspaces:audit_log", "scroll-text", "audit.view"),
            ("Workspace", "workspaces:workspace", "building-2", "workspace.administer"),
        ],
    ),
]


# Pages about people whose addresses lie under Access, because they show accounts.
PEOPLES = ("/access/staff/", "/access/org-roles/")


def context(request: Any) -> dict[str, Any]:
    membership = getattr(request, "membership", None)
    base: dict[str, Any] = {"SANDBOX": settings.SANDBOX, "navigation": []}
    base |= {"SANDBOX_URL": settings.TRUTO_APP_BASE_URL} if settings.SANDBOX else {}
    if membership is None:
        return base
    here = _here(request.path)
    for title, entries in SECTIONS:
        items = [
            {
                "label": label,
                "url": reverse(route),
                "icon": icon,
                "current": route == here,
            }
            for label, route, icon, permission in entries
            if permissions.allows(membership, permission)
        ]
        if items:
            base["navigation"].append({"title": title, "items": items})
    others = getattr(request, "memberships", [])
    return base | {
        "membership": membership,
        "workspace": membership.workspace,
        "other_workspaces": [row.workspace for row in others if row.pk != membership.pk],
    }


def _here(path: str) -> str:
    """The route of the entry that a page belongs to: the one whose address is its longest start."""
    if path.startswith(PEOPLES) and path != reverse("access:staff_access"):
        return "people:directory"
    routes = [route for _, entries in SECTIONS for _, route, _, _ in entries]
    fitting = [route for route in routes if path.startswith(reverse(route))]
    return max(fitting, key=lambda route: len(reverse(route)), default="")
