"""The world behind a real server of tests: run as a process, it makes the database and then serves.

`python -m tests.live_world PORT`; DATA_DIR names the folder. The file world.json there holds the
tokens and ids that tests need. Everything in it is made by the services. Addresses may have any
length, so that it is we who judge them, not the web server.
"""

import json
import os
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

CONFIG = """
bind = "127.0.0.1:{port}"
worker_class = "gthread"
workers = 1
threads = 6
graceful_timeout = 1
control_socket_disable = True
limit_request_line = 0
"""


def main(world: Callable[[], dict[str, Any]] | None = None) -> None:
    """Make the world (`make`, unless told otherwise) and serve it."""
    from tests import environment

    environment.prepare()
    os.environ["DJANGO_SETTINGS_MODULE"] = "sprinto_xero.settings"
    folder = Path(os.environ["DATA_DIR"])
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    (folder / "world.json").write_text(json.dumps((world or make)(), default=str))
    config = folder / "gunicorn.conf.py"
    config.write_text(CONFIG.format(port=sys.argv[1]))
    command = [sys.executable, "-m", "gunicorn", "-c", str(config), "sprinto_xero.wsgi"]
    os.execv(sys.executable, command)


def make() -> dict[str, Any]:
    """A workspace with members of each role, a system that was read, leavers, and open tasks."""
    from access import services as access
    from audit import clock
    from checks.models import Task
    from people import services as people
    from tests import given
    from workspaces import services as workspaces

    by = given.BY
    workspace = workspaces.found("Example Company", zone="Europe/London", by=by)
    roles_here = ("admin", "editor", "auditor", "collaborator")
    users = {role: _member(workspace, role) for role in roles_here}
    second = _member(workspace, "admin", "second.admin@example.test")
    today = clock.now().date()
    roles = [
        people.create_org_role(workspace, name=name, by=by) for name in ("Accountant", "Sales")
    ]
    staff = [
        people.add(workspace, name=name, email=given.row(name).email, org_roles=roles[:1], by=by)
        for name in ("Owner Person", "Second Person", "Demo Sales")
    ]
    people.add(
        workspace, name="Former Bookkeeper", email="former.bookkeeper@example.test",
        last_day=today - timedelta(days=20), by=by,
    )  # fmt: skip
    books = given.connection(workspace, connected_by=users["admin"])
    names = ("Second Person", "Former Bookkeeper", "Unknown Person", "Demo Sales")
    given.read(books, [given.row("Owner Person", subscriber=True), *map(given.row, names)])
    system = access.add_system(
        workspace, integration="xero", connection=books, user=users["admin"], by=by
    )
    return {
        "tokens": {role: _token(workspace, user) for role, user in users.items()}
        | {"reader": _token(workspace, users["admin"], ["read"])},
        "second": str(second.pk),
        "workspace": workspace.pk,
        "connection": books.pk,
        "system": system.pk,
        "account": books.accounts.get(name="Unknown Person").pk,
        "staff": staff[-1].pk,
        "org_role": roles[0].pk,
        "run": books.runs.get().pk,
        "task": Task.objects.filter(check_id="user_identified").earliest("created_at").pk,
    }


def _member(workspace: Any, role: str, email: str = "") -> Any:
    from tests.given import BY
    from workspaces import services as workspaces
    from workspaces.models import User

    email = email or f"{role}@example.test"
    user = User.objects.create_user(email, "correct horse battery", name=f"Example {role}")
    workspaces.add_member(workspace, user=user, role=role, by=BY)
    return user


def _token(workspace: Any, user: Any, scopes: Any = None) -> str:
    from tests.given import BY
    from workspaces import services as workspaces
    from workspaces.permissions import Scope

    _, secret = workspaces.create_token(
        workspace, name="Live tests", user=user, scopes=scopes or Scope.values, by=BY
    )
    return secret


if __name__ == "__main__":
    main()
