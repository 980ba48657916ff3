"""Migrations of the record: what was recorded before one is whole after it."""

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import DatabaseError

from audit import guards, selectors
from audit import services as audit
from audit.models import EventBody
from workspaces import services as workspaces


@pytest.fixture
def back_to_the_first(committing, by):
    """A workspace with a record, in a database as the first migration left it."""
    workspace = workspaces.found("Example Company", by=by)
    MigrationExecutor(connection).migrate([("audit", "0001_initial")])
    yield workspace
    call_command("migrate", "audit", verbosity=0)


def test_new_database_has_all_its_guards(db):
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
