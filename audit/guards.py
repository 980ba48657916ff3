"""Triggers with which the database itself refuses to change what was recorded."""

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.db import connections

# INSERT OR REPLACE would delete silently on SQLite, hence the guard against an existing id.
SQLITE = {
    "audit_event_no_update": "BEFORE UPDATE ON audit_event",
    "audit_event_no_delete": "BEFORE DELETE ON audit_event",
    "audit_event_no_replace": "BEFORE INSERT ON audit_event WHEN EXISTS (SELECT 1 FROM audit_event"
    " WHERE id = NEW.id OR (chain = NEW.chain AND seq = NEW.seq))",
    "audit_body_no_update": "BEFORE UPDATE ON audit_eventbody",
    "audit_body_no_replace": "BEFORE INSERT ON audit_eventbody WHEN EXISTS"
    " (SELECT 1 FROM audit_eventbody WHERE event_id = NEW.event_id)",
}
# On PostgreSQL the primary key already refuses an existing id: there is no REPLACE.
POSTGRES = {
    "audit_event_append_only": "BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event",
    "audit_body_no_update": "BEFORE UPDATE OR TRUNCATE ON audit_eventbody",
}
REFUSAL = "the record is append-only"


def create(using: str = "default", **kwargs: Any) -> None:
    """Put the triggers on; safe to repeat. Runs after every migrate: SQLite loses them on rebuild."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for name, when in SQLITE.items():
                cursor.execute(
                    f"CREATE TRIGGER IF NOT EXISTS {name} {when}"
                    f" BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
                )
            return
        cursor.execute(
            "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
        )
        for name, when in POSTGRES.items():
            table = when.rsplit(" ", 1)[1]
            cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON {table}")
            cursor.execute(
                f"CREATE TRIGGER {name} {when} FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"
            )


def missing(using: str = "default") -> list[str]:
    """Names of the triggers that should stand and do not, or are switched off."""
    connection = connections[using]
    if connection.vendor == "sqlite":
        wanted, sql = SQLITE, "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    else:
        wanted, sql = (
            POSTGRES,
            "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')",
        )
    with connection.cursor() as cursor:
        cursor.execute(sql)
        standing = {name for (name,) in cursor.fetchall()}
    return sorted(set(wanted) - standing)


def check(*, databases: Sequence[str] | None = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """Django's system check: a warning for each missing trigger.

    No error, since an error would stop the very `migrate` that puts them back.
    """
    return [
        checks.Warning(
            f"The trigger {name} that guards the record is missing.",
            hint="Run `manage.py migrate`: it puts the triggers back.",
            id="audit.W001",
        )
        for using in databases or []
        if "audit_event" in connections[using].introspection.table_names()
        for name in missing(using)
    ]
