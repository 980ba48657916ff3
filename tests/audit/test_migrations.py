"""Migrations of the record: what was recorded before one is whole after it."""

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import DatabaseError

from audit import guards, selectors
from audit import services as audit
from audit.models import EventBody
from workspaces import services as workspaces

SWITCHED_OFF = {
    "postgresql": "ALTER TABLE audit_eventbody DISABLE TRIGGER USER",
    "sqlite": "DROP TRIGGER audit_body_no_update",
}


@pytest.fixture
def back_to_the_first(committing, by):
    """A workspace with a record, in a database as the first migration left it."""
    workspace = workspaces.found("Example Company", by=by)
    MigrationExecutor(connection).migrate([("audit", "0001_initial")])
    yield workspace
    call_command("migrate", "audit", verbosity=0)


def test_new_database_has_all_its_guards(db):
    assert guards.missing() == []


def test_guard_that_is_switched_off_is_missed(db):
    with connection.cursor() as cursor:
        cursor.execute(SWITCHED_OFF[connection.vendor])
    assert "audit_body_no_update" in guards.missing()
    with pytest.raises(CommandError, match=r"0 chain\(s\) are not whole, [12] guard"):
        call_command("verify_audit")
    guards.create()
    assert guards.missing() == []


def test_record_from_before_the_column_of_actors_is_whole_after_it(back_to_the_first, by):
    call_command("migrate", "audit", verbosity=0)
    assert selectors.verification(back_to_the_first.id).whole
    assert EventBody.objects.filter(chain=back_to_the_first.id).exclude(actor="").exists()
    assert guards.missing() == []
    with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
        EventBody.objects.update(actor="forged")
    with audit.act(back_to_the_first, by=by):
        audit.record("thing.done")
    assert selectors.verification(back_to_the_first.id).whole
