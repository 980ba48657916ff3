"""Which token may do what, at every endpoint: read from the URL conf, so that none is forgotten."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.urls import get_resolver

from access.models import CriticalSystem, Identification
from checks.models import Task
from tests.api import Tool
from tests.live_world import make
from workspaces import permissions
from workspaces.models import User, Workspace
from workspaces.permissions import Role, Scope

pytestmark = pytest.mark.django_db
WRITING = ("POST", "PUT", "PATCH", "DELETE")


def endpoints() -> Iterator[tuple[str, Any]]:
    """Every address of version 1 with a place for the id, and its class."""
    for resolver in get_resolver().url_patterns:
        for each in getattr(resolver, "url_patterns", ()):
            path = str(each.pattern)
            if str(resolver.pattern) == "api/" and path.startswith("v1/"):
                yield f"/api/{path}", each.callback.cls


def filled(path: str, pk: str) -> str:
    path = path.replace("<slug:check_id>", "user_identified")
    return path.replace("<uuid:pk>", pk).replace("<slug:slug>", "xero")


def operations() -> list[tuple[str, str, str]]:
    """Method, address and permission of all that can be done."""
    found = []
    for path, view in endpoints():
        methods = [m for m in ("GET", *WRITING) if hasattr(view, m.lower())]
        for method in methods:
            if method.lower() in view.http_method_names:
                needed = view.needs if method == "GET" else view.needs_to_write
                found.append((method, path, needed))
    return found


@pytest.fixture
def limitless(settings: Any) -> None:
    settings.API_REQUESTS_A_MINUTE = {"read": 10**9, "write": 10**9}


def test_every_writing_operation_names_its_permission() -> None:
    assert len(operations()) > 50
    for method, path, needed in operations():
        assert needed in permissions.WORKSPACE_PERMISSIONS, (method, path)


@pytest.mark.usefixtures("limitless")
@pytest.mark.parametrize("scope", Scope.values)
def test_scope_allows_exactly_its_operations(workspace: Workspace, admin: User, scope: str) -> None:
    tool = Tool(workspace, admin, (scope,))
    for method, path, needed in operations():
        answer = tool.send(method, filled(path, str(uuid.uuid4())), {})
        allowed = needed in permissions.SCOPES[scope]
        assert (answer.status_code != 403) == allowed, (scope, method, path, answer.content)
        assert answer.status_code < 500


@pytest.mark.usefixtures("limitless")
@pytest.mark.parametrize("role", [Role.EDITOR, Role.COLLABORATOR, Role.AUDITOR])
def test_token_never_does_more_than_its_maker(
    workspace: Workspace, make_member: Any, role: str
) -> None:
    tool = Tool(workspace, make_member(workspace, role))
    for method, path, needed in operations():
        answer = tool.send(method, filled(path, str(uuid.uuid4())), {})
        allowed = needed in permissions.PERMISSIONS[role]
        assert (answer.status_code != 403) == allowed, (role, method, path, answer.content)


@pytest.mark.usefixtures("limitless")
def test_token_without_scopes_does_nothing(workspace: Workspace, admin: User) -> None:
    tool = Tool(workspace, admin, ())
    for method, path, _ in operations():
        assert tool.send(method, filled(path, str(uuid.uuid4())), {}).status_code == 403


@pytest.mark.usefixtures("limitless")
def test_every_reading_answers_its_own_and_nobody_else(
    other_workspace: Workspace, make_member: Any
) -> None:
    """Foreign and random ids answer byte for byte alike; lists of others hold nothing of ours."""
    world = make()
    ours = Workspace.objects.get(pk=world["workspace"])
    admin = User.objects.get(email="admin@example.test")
    tool, stranger = Tool(ours, admin), Tool(other_workspace, make_member(other_workspace))
    seen = 0
    for method, path, _ in operations():
        if method != "GET":
            continue
        pk = _id(path, world, ours)
        answer = tool.get(filled(path, pk)) if pk else tool.get(filled(path, str(uuid.uuid4())))
        assert answer.status_code == (200 if pk else 404), path
        foreign = stranger.get(filled(path, pk or str(uuid.uuid4())))
        if "<uuid" in path:
            random = stranger.get(filled(path, str(uuid.uuid4())))
            assert (foreign.status_code, foreign.content) == (404, random.content), path
        elif answer.json().get("next", "") is None and "integrations" not in path:
            assert b"example.test" not in foreign.content or "members" in path or "audit" in path
            assert str(ours.pk).encode() not in foreign.content
        seen += 1
    assert seen > 20


def _id(path: str, world: dict[str, Any], workspace: Workspace) -> str:
    """An id of ours that fits an address; "" where the world has no such thing."""
    if any(part in path for part in ("/rule/", "/held/", "special-cases/<", "invitations/<")):
        return ""
    kinds = {
        "connections": world["connection"], "sync-runs": world["run"],
        "systems": CriticalSystem.objects.get().pk, "accounts": world["account"],
        "staff": world["staff"], "org-roles": world["org_role"],
        "decisions": Identification.objects.filter(workspace=workspace).earliest("decided_at").pk,
        "tokens": workspace.tokens.earliest("created").id,
        "tasks": Task.objects.earliest("created_at").pk,
        "members": workspace.memberships.earliest("created_at").pk,
    }  # fmt: skip
    return str(kinds.get(path.split("/")[3], uuid.uuid4()))


@pytest.mark.usefixtures("limitless")
@pytest.mark.parametrize("role", Role.values)
def test_admins_token_changes_and_ends_members_of_every_role(
    workspace: Workspace, admin: User, make_member: Any, role: str
) -> None:
    """With ids that exist: what a token may do, it really does."""
    tool = Tool(workspace, admin)
    member = workspace.memberships.get(user=make_member(workspace, role))
    path = f"members/{member.pk}/"
    for wanted in (Role.COLLABORATOR, Role.ADMIN, Role.EDITOR):
        assert tool.send("PATCH", path, {"role": wanted}).status_code == 200
    assert tool.send("DELETE", path).status_code == 204


@pytest.mark.usefixtures("limitless")
@pytest.mark.parametrize("role", [Role.ADMIN, Role.EDITOR, Role.AUDITOR])
def test_token_of_one_scope_touches_nobody_with_more(
    workspace: Workspace, admin: User, make_member: Any, role: str
) -> None:
    tool = Tool(workspace, admin, (Scope.ADMINISTER,))
    member = workspace.memberships.get(user=make_member(workspace, role))
    path = f"members/{member.pk}/"
    assert tool.send("PATCH", path, {"role": Role.COLLABORATOR}).status_code == 422
    assert tool.send("DELETE", path).status_code == 422
    member.refresh_from_db()
    assert (member.role, member.ends_at) == (role, None)


@pytest.mark.usefixtures("limitless")
def test_every_writing_reaches_what_its_id_names(settings: Any) -> None:
    """With ids of things that are there, an admin's token is never told that they are not."""
    settings.TRUTO_API_BASE_URL = "http://127.0.0.1:9"  # nobody there: 503 in words
    world = make()
    ours = Workspace.objects.get(pk=world["workspace"])
    tool, seen = Tool(ours, User.objects.get(email="admin@example.test")), 0
    for method, path, _ in operations():
        pk = _id(path, world, ours) if "<uuid" in path else ""
        if method == "GET" or not pk:
            continue
        with transaction.atomic():
            answer = tool.send(method, filled(path, pk), {})
            transaction.set_rollback(True)
        assert answer.status_code not in (403, 404), (method, path, answer.content)
        assert answer.status_code != 500, (method, path)
        seen += 1
    assert seen > 15
