"""The policy table: every route, page and endpoint, what it needs, and which roles have it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.urls import get_resolver

from workspaces import permissions
from workspaces.permissions import PERMISSIONS, PUBLIC, USER, Role


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
        return self.path.split("/")[0] or "home"

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
    words = (endpoint.__doc__ or "").strip().split("\n")[0] or _words(name or path)
    needed = permissions.declared(view, name) or ""
    to_write = getattr(endpoint, "needs_to_write", None) or ""
    return Line(path, name, words, needed, to_write if to_write != needed else "")


def _words(name: str) -> str:
    """A library's route has no words of ours: its name, read aloud."""
    text = (
        name.replace("_", " ").replace("mfa", "second factor").replace("usersessions", "sessions")
    )
    return f"{text[:1].upper()}{text[1:]}."


@lru_cache(maxsize=1)
def groups() -> list[tuple[str, list[Line]]]:
    """Lines that need a right of the workspace, by the first word of their path."""
    found: dict[str, list[Line]] = {}
    for line in lines():
        if line.needs not in (PUBLIC, ""):
            found.setdefault(line.area, []).append(line)
    return sorted(found.items())
