"""Every route of the URL conf as something that can be attacked: its address, its methods, its ids.

What a route needs stands in policy.txt, written by hand: read off the code, a weakened `@needs`
would weaken the expectation with it. `python -m tests.attack.routes` prints what the code declares,
to compare with; a route without a line there is an error of the matrix.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.urls import get_resolver

POLICY = Path(__file__).with_name("policy.txt")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")
# What an id in an address is of, by the piece of the address before it.
KINDS = {
    "systems": "system",
    "decisions": "decision",
    "accounts": "account",
    "tasks": "task",
    "special-cases": "case",
    "staff": "staff",
    "people": "staff",
    "connect": "attempt",
    "connections": "connection",
    "runs": "run",
    "sync-runs": "run",
    "org-roles": "org_role",
    "imports": "import",
    "members": "member",
    "invitations": "invitation",
    "tokens": "token",
}
# Routes whose act needs a thing in another state than the one that the rest is tried on.
KIND_OF_ROUTE = {
    "access:reinstate": "leaver",
    "api_reinstate": "leaver",
    "access:confirm_case": "case",
}
# Addresses without a tenant's id: the same for everybody.
WORDS = {
    "check_id": "user_identified",
    "slug": "xero",
    "secret": "made-up-secret",
    "uidb36": "1",
    "key": "made-up-key",
}


@dataclass(frozen=True)
class Route:
    """One address of the URL conf, with what the policy says about it."""

    name: str
    template: str
    view: Any
    read: str  # what GET needs: a permission, "public" or "user"
    write: str  # what writing needs; "-" where nothing is written
    methods: frozenset[str]

    @property
    def is_api(self) -> bool:
        return getattr(self.view, "cls", None) is not None

    @property
    def kind(self) -> str:
        """What the id in the address is of, or "" where there is none."""
        found = re.search(r"([\w-]+)/<uuid:\w+>", self.template)
        return KIND_OF_ROUTE.get(self.name) or (KINDS[found[1]] if found else "")

    def path(self, id_: str) -> str:
        """The address with this id."""

        def value(found: re.Match[str]) -> str:
            return id_ if found[1] == "uuid" else WORDS[found[2]]

        return "/" + PARAMETER.sub(value, self.template)

    def needs(self, method: str) -> str:
        return self.read if method in SAFE else self.write


def patterns(found: Any = None, prefix: str = "", namespace: str = "") -> Iterator[Any]:
    """(name, address, view) of each pattern; expressions become the same form as paths."""
    for each in get_resolver().url_patterns if found is None else found:
        text = prefix + _plain(str(each.pattern))
        if hasattr(each, "url_patterns"):
            inner = f"{namespace}{each.namespace}:" if each.namespace else namespace
            yield from patterns(each.url_patterns, text, inner)
        else:
            yield f"{namespace}{each.name}", text, each.callback


def _plain(pattern: str) -> str:
    named = re.sub(r"\(\?P(<\w+>)(?:\[[^]]*\]|[^()])*\)", r"\1", pattern)
    return named.replace("^", "").replace("$", "").replace("\\", "")


@cache
def policy() -> dict[str, tuple[str, str, frozenset[str]]]:
    """Route -> what reading needs, what writing needs, its methods; from policy.txt."""
    lines = (line.split() for line in POLICY.read_text().splitlines() if line[:1] not in ("#", ""))
    return {n: (read, write, frozenset(methods.split(","))) for n, read, write, methods in lines}


def routes() -> list[Route]:
    """All routes that the policy knows."""
    return [
        Route(name, text, view, *policy()[name])
        for name, text, view in patterns()
        if name in policy()
    ]


def undeclared() -> set[str]:
    """Routes without a line in the policy, and lines without a route."""
    return {name for name, _, _ in patterns()} ^ set(policy())


def declared(name: str, view: Any) -> str:
    """A line as the code would write it; its methods are those that it does not answer with 405."""
    from workspaces import permissions

    cls = getattr(view, "cls", None)
    read = permissions.declared(view, name) or "?"
    write = (getattr(cls, "needs_to_write", None) or "-") if cls else read
    return f"{name} {read} {write}"


if __name__ == "__main__":
    import django

    from tests import environment

    environment.prepare()
    django.setup()
    for name_, _, view_ in patterns():
        print(declared(name_, view_))
