"""The command that makes the first administrator: all of it, or nothing."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from workspaces.models import Membership, User, Workspace
from workspaces.permissions import Role

pytestmark = pytest.mark.django_db
EMAIL = "first.admin@example.test"


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADMIN_PASSWORD", "correct horse battery")


def create(email: str = EMAIL) -> None:
    call_command("create_admin", email, workspace="Example Company", verbosity=0)


def test_create_admin_makes_workspace_and_membership() -> None:
    create()
    made = Membership.objects.get(user__email=EMAIL)
    assert (made.role, made.workspace.name) == (Role.ADMIN, "Example Company")


def test_create_admin_of_a_workspace_that_is_there_joins_it() -> None:
    create()
    create("second.admin@example.test")
    assert Workspace.objects.get().memberships.count() == 2


def test_create_admin_again_says_what_to_do() -> None:
    create()
    with pytest.raises(CommandError, match="exists already"):
        create()


def test_create_admin_that_breaks_off_leaves_nothing_in_the_way_of_the_next_try() -> None:
    def die(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith('INSERT INTO "workspaces_membership"'):
            raise ConnectionError("the process ends here")
        return execute(sql, *rest)

    with connection.execute_wrapper(die), pytest.raises(ConnectionError):
        create()
    assert not User.objects.exists()
    create()
    assert Membership.objects.get().user.email == EMAIL
