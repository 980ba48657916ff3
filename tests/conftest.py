"""Fixtures of the whole suite: a workspace with its people of each role, and signed-in clients."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from audit.services import Actor
from tests.committing import own_database
from tests.legs import both_databases
from workspaces import services as workspaces
from workspaces.models import User, Workspace
from workspaces.permissions import Role

ON_SQLITE = settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")
TEST_ACTOR = Actor(kind="command", label="test")

# Slow hashes are meant for attackers; in tests they are most of the time that people wait.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Time is no property of a rule: a busy machine must not turn a property red.
hypothesis_settings.register_profile(
    "busy machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("busy machine")


# What these folders test never meets our database, so that one leg is enough.
NO_DATABASE = (
    "architecture",
    "providers",
    "sandbox",
    "checks/rules",
    "checks/test_status.py",
    "access/test_matching",
)


# One leg is enough for these, and where both run PostgreSQL's has more time for them.
ONE_DATABASE = (
    "checks/test_deadlines.py",
    "access/test_matching_oracle.py",
    "attack/test_planted.py",
    "attack/test_swapped_ids.py",
    "properties/test_less_information.py",
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    pure, either = (
        tuple(str(here / each) for each in paths) for paths in (NO_DATABASE, ONE_DATABASE)
    )
    for item in items:
        if str(item.path).startswith(either):
            item.add_marker("postgres_only" if both_databases() else "sqlite_only")
        elif str(item.path).startswith(pure):
            item.add_marker("sqlite_only")
    other = "postgres_only" if ON_SQLITE else "sqlite_only"
    skip = pytest.mark.skip(reason="belongs to the other database's leg")
    for item in items:
        if other in item.keywords:
            item.add_marker(skip)


@pytest.fixture
def by() -> Actor:
    """The actor of acts that no person does in a test."""
    return TEST_ACTOR


@pytest.fixture
def committing(django_db_setup: None, django_db_blocker: Any, tmp_path: Path) -> Iterator[None]:
    """Instead of `db`, for a test whose threads commit: a database of its own."""
    with django_db_blocker.unblock(), own_database(tmp_path):
        yield


@pytest.fixture
def workspace(db: None) -> Workspace:
    return workspaces.found("Example Company", zone="Europe/London", by=TEST_ACTOR)


@pytest.fixture
def other_workspace(db: None) -> Workspace:
    return workspaces.found("Other Company", by=TEST_ACTOR)


@pytest.fixture
def make_member(db: None) -> Callable[..., User]:
    """make_member(workspace, role) -> a new user who is a member with that role."""

    def make(workspace: Workspace, role: str = Role.ADMIN, email: str = "") -> User:
        email = email or f"{role}.{User.objects.count()}@example.test"
        user = User.objects.create_user(email, "correct horse battery", name=f"Example {role}")
        workspaces.add_member(workspace, user=user, role=role, by=TEST_ACTOR)
        return user

    return make


@pytest.fixture
def admin(workspace: Workspace, make_member: Callable[..., User]) -> User:
    return make_member(workspace, Role.ADMIN)


@pytest.fixture
def auditor(workspace: Workspace, make_member: Callable[..., User]) -> User:
    return make_member(workspace, Role.AUDITOR)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def admin_client(admin: User) -> Client:
    return signed_in(admin)


@pytest.fixture
def auditor_client(auditor: User) -> Client:
    return signed_in(auditor)


@pytest.fixture
def stranger_client(other_workspace: Workspace, make_member: Callable[..., User]) -> Client:
    """An admin of another workspace: everything here must be a 404 for them."""
    return signed_in(make_member(other_workspace, Role.ADMIN))
