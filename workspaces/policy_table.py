"""The policy table: every route, page and endpoint, what it needs, and which roles have it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.urls import get_resolver

from workspaces import permissions
from workspaces.permissions import PERMISSIONS, PUBLIC, USER, Role

# Headings, by the first word of a path, in their order.
AREAS = {
    "access": "Access and tasks",
    "people": "People",
    "integrations": "Integrations",
    "settings": "Settings",
    "": "The workspace",
    "accounts": "One's own sign-in",
    "api": "REST API",
}
LIBRARY_WORDS = {
    "account_reauthenticate": "Enter the password once more before something sensitive.",
    "account_email": "One's own e-mail addresses.",
    "account_change_password": "Change one's own password.",
    "account_set_password": "Set one's own password.",
    "mfa_index": "The second factor: whether it is on.",
    "mfa_reauthenticate": "Enter a code before something sensitive.",
    "mfa_activate_totp": "Set up an authenticator app.",
    "mfa_deactivate_totp": "Give the authenticator app up.",
    "mfa_view_recovery_codes": "Look at the recovery codes.",
    "mfa_generate_recovery_codes": "Make new recovery codes.",
    "mfa_download_recovery_codes": "Download the recovery codes.",
    "usersessions_list": "One's own sessions, and signing out everywhere.",
}


@dataclass(frozen=True)
class Line:
    """One route; `to_write` is what its changing methods need where that differs."""

    path: str
    name: str
    what: str
    needs: str
    to_write: str = ""

    @property
    def area(self) -> str:
        return AREAS.get(self.path.split("/")[0], "The workspace")

    @property
    def shown(self) -> str:
        """The address with "…" where an id stands."""
        return re.sub(r"<[^>]*>", "…", self.path)

    @property
    def roles(self) -> list[tuple[str, bool]]:
        """(label of a role, whether it gets in); for changing where that needs more."""
        needed = self.to_write or self.needs
        everybody = needed in (PUBLIC, USER)
        return [(str(r.label), everybody or needed in PERMISSIONS[r]) for r in Role]


def lines() -> Iterator[Line]:
    """All routes in the order of the URL conf; those that declare nothing have needs ""."""
    yield from _lines(get_resolver().url_patterns, "", "")


def _lines(patterns: Iterable[Any], before: str, namespace: str) -> Iterator[Line]:
    for each in patterns:
        path = before + str(each.pattern)
        if hasattr(each, "url_patterns"):
            inner = f"{namespace}{each.namespace}:" if each.namespace else namespace
            yield from _lines(each.url_patterns, path, inner)
        else:
            yield _line(path, f"{namespace}{each.name}" if each.name else "", each.callback)


def _line(path: str, name: str, view: Any) -> Line:
    endpoint = getattr(view, "cls", None) or view
    words = _told(endpoint) or LIBRARY_WORDS.get(name, name)
    needed = permissions.declared(view, name) or ""
    to_write = getattr(endpoint, "needs_to_write", None) or ""
    return Line(path, name, words, needed, to_write if to_write != needed else "")


def _told(endpoint: Any) -> str:
    """What a view says of itself; an endpoint of one act, what that act says."""
    acts = (getattr(endpoint, method, None) for method in ("post", "get", "patch", "delete"))
    said = next((each.__doc__ for each in (endpoint, *acts) if each and each.__doc__), "")
    return said.strip().split("\n")[0]


@lru_cache(maxsize=1)
def groups() -> list[tuple[str, list[Line]]]:
    """Lines that need a right of the workspace, by area."""
    found: dict[str, list[Line]] = {}
    for line in lines():
        if line.needs not in (PUBLIC, ""):
            found.setdefault(line.area, []).append(line)
    return [(area, found[area]) for area in dict.fromkeys(AREAS.values()) if area in found]
