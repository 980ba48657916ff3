"""The bare work that every figure is compared with: fetch, parse, and write rows, nothing else."""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import requests
from django.conf import settings

PAGE = 1000
USERS = "/unified/user-directory/users"


def fetch(base_url: str, token: str, ref: str) -> list[dict[str, Any]]:
    """Read a whole list page by page and parse it."""
    query: dict[str, Any] = {"integrated_account_id": ref, "limit": PAGE}
    found: list[dict[str, Any]] = []
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {token}"
        while True:
            answer = session.get(base_url + USERS, params=query, timeout=60)
            answer.raise_for_status()
            page = answer.json()
            found += page["result"]
            if not page.get("next_cursor"):
                return found
            query["next_cursor"] = page["next_cursor"]


def write(folder: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Put as many rows into a scratch table of a database of its own, in one transaction."""
    kept = [(str(n), row["id"], row.get("name"), str(row)) for n, row in enumerate(rows)]
    database = _scratch(folder, "CREATE TABLE scratch (id TEXT PRIMARY KEY, user, name, body)")
    with database:
        database.executemany("INSERT INTO scratch VALUES (?, ?, ?, ?)", kept)
    database.close()


class Replay:
    """What a piece of work wrote into some tables, written again bare.

    Made before the work: it copies the database. `seconds`, asked after the work, finds the rows
    that came and those that changed, and writes the same bytes into the same columns of the copy,
    with all its indexes, constraints and foreign keys: one UPDATE a changed row (of every column
    that changed in any of them), one INSERT a new one, in one transaction of a warm connection.
    """

    def __init__(self, database: sqlite3.Connection, folder: Path, tables: Sequence[str]) -> None:
        self._work, self._tables = database, tables
        self._copy = _fresh(folder / "replay.sqlite3")
        database.backup(self._copy)
        self._copy.execute("PRAGMA foreign_keys=ON")

    def seconds(self) -> float:
        """Wall time of the bare writing."""
        statements = [each for table in self._tables for each in self._statements(table)]
        began = time.perf_counter()
        self._copy.execute("BEGIN IMMEDIATE")
        for statement, rows in statements:
            self._copy.executemany(statement, rows)
        self._copy.commit()
        spent = time.perf_counter() - began
        self._copy.close()
        return spent

    def _statements(self, table: str) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
        names = [row[1] for row in self._work.execute(f"PRAGMA table_info({table})")]
        before, after = (_by_id(each, table, names) for each in (self._copy, self._work))
        new = [row for key, row in after.items() if key not in before]
        other = {key: row for key, row in after.items() if before.get(key, row) != row}
        if other:
            yield _update(table, names, before, other)
        yield f"INSERT INTO {table} VALUES ({', '.join('?' * len(names))})", new


def _update(
    table: str, names: list[str], before: dict[Any, Any], after: dict[Any, Any]
) -> tuple[str, list[tuple[Any, ...]]]:
    places = [at for at in range(len(names)) if _differ(before, after, at)]
    columns = ", ".join(f"{names[at]} = ?" for at in places)
    values = [(*(row[at] for at in places), key) for key, row in after.items()]
    return f"UPDATE {table} SET {columns} WHERE id = ?", values


def _differ(before: dict[Any, Any], after: dict[Any, Any], at: int) -> bool:
    return any(before[key][at] != row[at] for key, row in after.items())


def _by_id(database: sqlite3.Connection, table: str, names: list[str]) -> dict[Any, Any]:
    place = names.index("id")
    return {row[place]: row for row in database.execute(f"SELECT * FROM {table}")}


def _scratch(folder: Path, table: str) -> sqlite3.Connection:
    database = _fresh(folder / "scratch.sqlite3")
    database.execute(table)
    return database


def _fresh(path: Path) -> sqlite3.Connection:
    for ending in ("", "-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    database = sqlite3.connect(path)
    database.executescript(settings.SQLITE_OPTIONS["init_command"])
    return database
