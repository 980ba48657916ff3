"""A database of its own for one test, in which threads really commit; the record forbids a flush."""

import threading
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection, connections

from audit.services import Actor
from workspaces import services as workspaces
from workspaces.models import Membership, User, Workspace
from workspaces.permissions import Role


@contextmanager
def own_database(folder: Path) -> Iterator[None]:
    """Point Django at a copy of the (empty) test database, and throw the copy away afterwards."""
    settings, kept = connection.settings_dict, connections["default"]
    original = settings["NAME"]
    settings["NAME"] = name = _copy(folder, original)
    connections["default"] = connections.create_connection("default")
    try:
        yield
    finally:
        connections["default"].close()
        settings["NAME"] = original
        connections["default"] = kept
        if kept.vendor == "postgresql":
            _outside(kept, f'DROP DATABASE "{name}" WITH (FORCE)')


def _copy(folder: Path, original: str) -> str:
    if connection.vendor == "sqlite":
        path = folder / "committing.sqlite3"
        with connection.cursor() as cursor:
            cursor.execute(f"VACUUM INTO '{path}'")
        return str(path)
    name = f"committing_{uuid.uuid4().hex}"
    connection.close()  # nobody may look at a database that serves as a template
    _outside(connection, f'CREATE DATABASE "{name}" TEMPLATE "{original}"')
    return name


def _outside(of: Any, statement: str) -> None:
    with of._nodb_cursor() as cursor:
        cursor.execute(statement)


def together(acts: Iterable[Callable[[], object]]) -> list[object]:
    """Start all acts at one moment, each in its thread; what each returned, or the error it raised."""
    todo = list(acts)
    gate, found = threading.Barrier(len(todo)), [None] * len(todo)

    def run(place: int, act: Callable[[], object]) -> None:
        gate.wait()
        try:
            found[place] = act()
        except Exception as error:
            found[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(todo)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def admins_of_their_own(number: int, by: Actor) -> tuple[Workspace, list[Membership]]:
    """A committed workspace with so many admins."""
    workspace = workspaces.found("Example Company", by=by)
    people = [User.objects.create(email=f"admin.{n}@example.test") for n in range(number)]
    made = [workspaces.add_member(workspace, user=u, role=Role.ADMIN, by=by) for u in people]
    return workspace, made
