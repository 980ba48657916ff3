"""Who may do what, as data, and the declaration that every view carries."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.db import models

View = TypeVar("View", bound=Callable[..., Any])


class Role(models.TextChoices):
    ADMIN = "admin", "Admin"
    EDITOR = "editor", "Editor"
    AUDITOR = "auditor", "Auditor"


# Permissions are "<app>.<what>"; pages and API endpoints declare the same ones.
READ = frozenset(
    {
        "workspace.view",
        "people.view",
        "integrations.view",
        "access.view",
        "tasks.view",
        "audit.view",
    }
)
EDIT = frozenset({"people.edit", "access.edit", "tasks.edit", "integrations.sync"})
ADMINISTER = frozenset({"integrations.connect", "integrations.decide", "workspace.administer"})
PERMISSIONS: dict[str, frozenset[str]] = {
    Role.ADMIN: READ | EDIT | ADMINISTER,
    Role.EDITOR: READ | EDIT,
    Role.AUDITOR: READ,
}
# Declarations for views that need no workspace: "public" needs nobody, "user" a signed-in person.
PUBLIC, USER = "public", "user"
KNOWN = READ | EDIT | ADMINISTER | {PUBLIC, USER}

# Routes of libraries, which cannot carry the declaration; by name.
LIBRARY_ROUTES: dict[str, str] = {
    "account_login": PUBLIC,
    "account_logout": PUBLIC,
    "account_reset_password": PUBLIC,
    "account_reset_password_done": PUBLIC,
    "account_reset_password_from_key": PUBLIC,
    "account_reset_password_from_key_done": PUBLIC,
    "account_change_password": USER,
    "account_reauthenticate": USER,
    "account_inactive": PUBLIC,
}


def needs(permission: str) -> Callable[[View], View]:
    """Declare what a view needs; the middleware enforces it. Raises ValueError for an unknown one."""
    if permission not in KNOWN:
        raise ValueError(f"Unknown permission {permission!r}")

    def declare(view: View) -> View:
        view.needs = permission  # type: ignore[attr-defined]
        return view

    return declare


def declared(view: Any, route_name: str | None) -> str | None:
    """What a resolved view needs, or None where nobody declared it."""
    own = getattr(view, "needs", None) or getattr(getattr(view, "cls", None), "needs", None)
    if isinstance(own, str):
        return own
    return LIBRARY_ROUTES.get(route_name or "")


def allows(role: str, permission: str) -> bool:
    """Whether a member with `role` has `permission`."""
    return permission in PERMISSIONS.get(role, frozenset())
