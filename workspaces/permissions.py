"""Who may do what, as data, and the declaration that every view carries."""

from collections.abc import Callable, Collection
from typing import Any, Protocol, TypeVar

from django.db import models

View = TypeVar("View", bound=Callable[..., Any])


class Role(models.TextChoices):
    ADMIN = "admin", "Admin"
    EDITOR = "editor", "Editor"
    COLLABORATOR = "collaborator", "Collaborator"
    AUDITOR = "auditor", "Auditor"


class Area(models.TextChoices):
    """What an editor may be confined to; an editor without any area edits in all of them."""

    PEOPLE = "people", "People"
    ACCESS = "access", "Access and tasks"
    INTEGRATIONS = "integrations", "Integrations"


class Scope(models.TextChoices):
    """What a token may be made for; it never holds more than its maker does."""

    READ = "read", "Read everything that its maker may read"
    WRITE_PEOPLE = "people:write", "Change staff and Org roles"
    WRITE_ACCESS = "access:write", "Change systems, rules and identifications"
    WRITE_TASKS = "tasks:write", "Work on tasks"
    SYNC = "integrations:sync", "Start a sync"
    CONNECT = "integrations:connect", "Connect, reconnect and disconnect"
    DECIDE = "integrations:decide", "Accept or discard held lists"
    APPROVE = "special_cases:approve", "Approve special cases"
    ADMINISTER = "workspace:administer", "Settings and members"
    TOKENS = "tokens:write", "List, make and revoke API tokens"


# Permissions are "<area>.<what>"; pages and API endpoints declare the same ones.
OWN_TASKS = frozenset({"workspace.view", "tasks.own"})
READ = OWN_TASKS | {
    "people.view",
    "integrations.view",
    "access.view",
    "tasks.view",
    "audit.view",
    "members.view",
    "evidence.export",
}
AREAS: dict[str, frozenset[str]] = {
    Area.PEOPLE: frozenset({"people.edit"}),
    Area.ACCESS: frozenset({"access.edit", "tasks.edit"}),
    Area.INTEGRATIONS: frozenset({"integrations.sync"}),
}
EDIT = frozenset[str]().union(*AREAS.values())
WORK = frozenset(
    {"tasks.work"}
)  # on tasks that one edits, or that are one's own: the page looks which
OWN_TOKENS = frozenset({"tokens.own"})
ADMINISTER = frozenset(
    {
        "integrations.connect",
        "integrations.decide",
        "workspace.administer",
        "members.manage",
        "special_cases.approve",
    }
)
PERMISSIONS: dict[str, frozenset[str]] = {
    Role.ADMIN: READ | EDIT | WORK | OWN_TOKENS | ADMINISTER,
    Role.EDITOR: READ | EDIT | WORK | OWN_TOKENS,
    Role.COLLABORATOR: OWN_TASKS | WORK,
    Role.AUDITOR: READ,
}
SCOPES: dict[str, frozenset[str]] = {
    Scope.READ: READ,
    Scope.WRITE_PEOPLE: AREAS[Area.PEOPLE],
    Scope.WRITE_ACCESS: frozenset({"access.edit"}),
    Scope.WRITE_TASKS: frozenset({"tasks.edit"}) | WORK,
    Scope.SYNC: AREAS[Area.INTEGRATIONS],
    Scope.CONNECT: frozenset({"integrations.connect"}),
    Scope.DECIDE: frozenset({"integrations.decide"}),
    Scope.APPROVE: frozenset({"special_cases.approve"}),
    Scope.ADMINISTER: frozenset({"workspace.administer", "members.manage"}),
    Scope.TOKENS: OWN_TOKENS,
}
# Making a token for these asks for the password again: they hold what only admins do, or make more.
GUARDED_SCOPES = frozenset(
    scope for scope, holds in SCOPES.items() if holds & (ADMINISTER | OWN_TOKENS)
)
# Declarations for views that need no workspace: "public" needs nobody, "user" a signed-in person.
PUBLIC, USER = "public", "user"
WORKSPACE_PERMISSIONS = PERMISSIONS[Role.ADMIN]
KNOWN = WORKSPACE_PERMISSIONS | {PUBLIC, USER}

# Routes of libraries, which cannot carry the declaration; by name.
LIBRARY_ROUTES: dict[str, str] = {
    "account_login": PUBLIC,
    "account_logout": PUBLIC,
    "account_signup": PUBLIC,  # says that people come by invitation
    "account_inactive": PUBLIC,
    "account_reset_password": PUBLIC,
    "account_reset_password_done": PUBLIC,
    "account_reset_password_from_key": PUBLIC,
    "account_reset_password_from_key_done": PUBLIC,
    "account_confirm_email": PUBLIC,
    "account_email_verification_sent": PUBLIC,
    "account_change_password": USER,
    "account_set_password": USER,
    "account_reauthenticate": USER,
    "account_email": USER,
    "mfa_authenticate": PUBLIC,  # between password and session: the library knows who it is
    "mfa_reauthenticate": USER,
    "mfa_index": USER,
    "mfa_activate_totp": USER,
    "mfa_deactivate_totp": USER,
    "mfa_view_recovery_codes": USER,
    "mfa_generate_recovery_codes": USER,
    "mfa_download_recovery_codes": USER,
    "usersessions_list": USER,
}


class Holder(Protocol):
    """Who holds rights: a membership; `scopes` is None unless a token speaks for it."""

    role: str
    areas: list[str]
    scopes: Collection[str] | None


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


def held(holder: Holder) -> frozenset[str]:
    """Everything that a membership may do, narrowed by an editor's areas and a token's scopes."""
    rights = PERMISSIONS.get(holder.role, frozenset())
    if holder.role == Role.EDITOR and holder.areas:
        rights -= EDIT.difference(*(AREAS.get(area, frozenset()) for area in holder.areas))
    if holder.scopes is not None:
        rights &= frozenset[str]().union(*(SCOPES.get(s, frozenset()) for s in holder.scopes))
    return rights


def exceeds(wanted: Holder, granter: Holder) -> bool:
    """Whether `wanted` holds anything that `granter` does not: nobody grants above themselves."""
    # Making tokens opens nothing of its own: whoever has a role may make them for that role.
    return not held(wanted) - OWN_TOKENS <= held(granter)


def allows(holder: Holder, permission: str) -> bool:
    """Whether a membership has `permission`. Raises ValueError for one that does not exist."""
    if permission not in WORKSPACE_PERMISSIONS:
        raise ValueError(f"Unknown permission {permission!r}")
    return permission in held(holder)
