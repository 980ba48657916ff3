"""The bare work that every figure is compared with: fetch, parse, and write rows, nothing else."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import requests

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


class Rewriting:
    """A table of `count` rows, to UPDATE all of them and INSERT as many into another."""

    def __init__(self, folder: Path, *, updates: int, inserts: int) -> None:
        self._database = _scratch(folder, "CREATE TABLE kept (id TEXT PRIMARY KEY, why, at)")
        self._database.execute("CREATE TABLE history (id TEXT PRIMARY KEY, kept, why, at)")
        self._updates = [(_why(n), "2026-01-01", f"kept-{n:032}") for n in range(updates)]
        self._inserts = [
            (f"event-{n:032}", f"kept-{n:032}", _why(n), "2026-01-01") for n in range(inserts)
        ]
        with self._database:
            rows = [(key, "", "") for _, _, key in self._updates]
            self._database.executemany("INSERT INTO kept VALUES (?, ?, ?)", rows)

    def run(self) -> None:
        """The bare writing, in one transaction."""
        with self._database:
            self._database.executemany(
                "UPDATE kept SET why = ?, at = ? WHERE id = ?", self._updates
            )
            self._database.executemany("INSERT INTO history VALUES (?, ?, ?, ?)", self._inserts)


def _why(number: int) -> str:
    return f"Row {number} changed, and this sentence is about as long as a verdict's reason is."


def _scratch(folder: Path, table: str) -> sqlite3.Connection:
    path = folder / "scratch.sqlite3"
    for name in (path, folder / "scratch.sqlite3-wal", folder / "scratch.sqlite3-shm"):
        name.unlink(missing_ok=True)
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=NORMAL")
    database.execute(table)
    return database
