"""Everybody who might try: members of either company in each role, those who lost their rights, and
tools with tokens of each scope, whole, revoked, expired, or made by somebody who is gone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.test import Client

from audit import clock
from tests.attack import company
from tests.attack.company import Company
from tests.given import BY
from workspaces import permissions
from workspaces import services as workspaces
from workspaces.models import ApiToken, Membership, User
from workspaces.permissions import Area, Role, Scope

EVERYTHING = tuple(str(scope) for scope in Scope)


@dataclass
class Actor:
    """Who asks: with a session, a token or nothing; `home` is the company whose member they are."""

    name: str
    home: Company
    away: Company
    client: Client
    kind: str  # session, token, none
    membership: Membership | None  # None where nothing may be done any more
    signed_in: bool = True

    def __post_init__(self) -> None:
        # Taken now: a fault that is planted later must not change what is expected.
        self.rights = permissions.held(self.membership) if self.membership else frozenset[str]()

    @property
    def only_own_tasks(self) -> bool:
        return self.kind == "session" and "tasks.view" not in self.rights

    @property
    def sees_token(self) -> bool:
        """Whether the token of their company, which is its admin's, is theirs to see."""
        admin = self.membership and self.membership.user == self.home.users["admin"]
        return not self.membership or bool(admin) or self.may("members.manage")

    def may(self, needed: str) -> bool:
        if needed == "tasks.work":
            return "tasks.edit" in self.rights or (
                "tasks.own" in self.rights and "tasks.view" not in self.rights
            )
        return needed in self.rights


def everybody(a: Company, b: Company) -> list[Actor]:
    """All actors; what they are is made here, through the services."""
    return [*_visitors(a, b), *_members(a, b), *_members(b, a), *_gone(a, b), *_tools(a, b)]


def by_name(actors: list[Actor], name: str) -> Actor:
    """The one of this name."""
    (found,) = [each for each in actors if each.name == name]
    return found


def _session(
    name: str, user: User, home: Company, away: Company, rights: Membership | None, **more: Any
) -> Actor:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return Actor(name, home, away, client, "session", rights, **more)


def _visitors(a: Company, b: Company) -> Iterator[Actor]:
    client = Client(raise_request_exception=False)
    yield Actor("anonymous", a, b, client, "none", None, signed_in=False)


def _members(home: Company, away: Company) -> Iterator[Actor]:
    users: list[tuple[str, User]] = [(role, home.users[role]) for role in Role.values]
    for area in Area.values:
        key = f"editor-of-{area}"
        users.append((key, company.member(home, key, Role.EDITOR, areas=[area])))
    for key, user in users:
        membership = Membership.objects.get(user=user, workspace=home.workspace)
        yield _session(f"{key} of {home.letter}", user, home, away, membership)


def _gone(a: Company, b: Company) -> Iterator[Actor]:
    disabled = company.member(a, "disabled", Role.ADMIN)
    yield _session("disabled", disabled, a, b, None, signed_in=False)
    User.objects.filter(pk=disabled.pk).update(is_active=False)
    ended = company.member(a, "ended", Role.ADMIN, ends_at=clock.now() - timedelta(days=1))
    yield _session("ended membership", ended, a, b, None)
    # A consultant: looks at A as an auditor; what they may do as an admin of B must not count.
    both = User.objects.create_user("both@example.test", "correct horse battery", name="Consultant")
    workspaces.add_member(a.workspace, user=both, role=Role.AUDITOR, by=BY)
    workspaces.add_member(b.workspace, user=both, role=Role.ADMIN, by=BY)
    actor = _session(
        "auditor of A and admin of B",
        both,
        a,
        b,
        Membership.objects.get(user=both, workspace=a.workspace),
    )
    session = actor.client.session
    session["workspace"] = str(a.workspace.pk)
    session.save()
    yield actor


def _tools(a: Company, b: Company) -> Iterator[Actor]:
    for scope in Scope.values:
        yield _tool(f"token {scope}", a, b, a.users["admin"], [scope])
    yield _tool("token of everything", a, b, a.users["admin"], EVERYTHING)
    yield _tool("token of an editor", a, b, a.users["editor"], EVERYTHING)
    yield _tool("token of an admin of B", b, a, b.users["admin"], EVERYTHING)
    revoked = _tool("token revoked", a, b, a.users["admin"], EVERYTHING)
    ApiToken.objects.get(name=revoked.name).delete()
    expired = _tool("token expired", a, b, a.users["admin"], EVERYTHING)
    ApiToken.objects.filter(name=expired.name).update(expiry=clock.now() - timedelta(seconds=1))
    leaver = company.member(a, "maker-who-left", Role.ADMIN)
    left = _tool("token of somebody who left", a, b, leaver, EVERYTHING)
    Membership.objects.filter(user=leaver).update(ends_at=clock.now() - timedelta(seconds=1))
    off = company.member(a, "maker-disabled", Role.ADMIN)
    disabled = _tool("token of somebody disabled", a, b, off, EVERYTHING)
    User.objects.filter(pk=off.pk).update(is_active=False)
    made_up = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {'0' * 64}"})
    yield Actor("token made up", a, b, made_up, "token", None, signed_in=False)
    for each in (revoked, expired, left, disabled):
        each.membership, each.signed_in, each.rights = None, False, frozenset()
        yield each


def _tool(name: str, home: Company, away: Company, user: User, scopes: Any) -> Actor:
    _, secret = workspaces.create_token(home.workspace, name=name, user=user, scopes=scopes, by=BY)
    membership = Membership.objects.get(user=user, workspace=home.workspace)
    membership.scopes = list(scopes)
    client = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {secret}"})
    return Actor(name, home, away, client, "token", membership)
