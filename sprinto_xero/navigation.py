"""The context that every page needs: navigation, workspace, whether this is a sandbox."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from workspaces import permissions

# (label, route, icon, permission); sections as people know them.
SECTIONS: list[tuple[str, list[tuple[str, str, str, str]]]] = [
    (
        "Security Hub",
        [
            ("Access", "access:systems", "shield-check", "access.view"),
        ],
    ),
    ("People", [("Staff", "people:directory", "users", "people.view")]),
    ("Settings", [("Integrations", "integrations:catalog", "plug", "integrations.view")]),
]


def context(request: HttpRequest) -> dict[str, Any]:
    membership = getattr(request, "membership", None)
    base = {"SANDBOX": settings.SANDBOX, "navigation": []}
    if membership is None:
        return base
    here = request.path
    for title, entries in SECTIONS:
        items = [
            {
                "label": label,
                "url": reverse(route),
                "icon": icon,
                "current": here.startswith(reverse(route)),
            }
            for label, route, icon, permission in entries
            if permissions.allows(membership, permission)
        ]
        base["navigation"].append({"title": title, "items": items})
    return base | {"membership": membership, "workspace": membership.workspace}
