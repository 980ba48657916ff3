"""Rows written and read in bulk are those that the ORM writes and reads."""

import uuid
from datetime import UTC, datetime

import pytest

from audit import clock
from integrations.models import Connection
from people.models import OrgRole
from workspaces import bulk

pytestmark = pytest.mark.django_db
AT = datetime(2026, 4, 1, 9, 5, 0, 123456, tzinfo=UTC)
COLUMNS = ("id", "workspace_id", "name", "created_at")


@pytest.fixture
def role(workspace):
    return OrgRole.objects.create(workspace=workspace, name="Accountant", created_at=clock.now())


def test_read_gives_what_the_orm_gives_with_ids_as_text(role):
    [row] = bulk.read(OrgRole.objects.filter(pk=role.pk), *COLUMNS)
    assert row == (str(role.pk), str(role.workspace_id), "Accountant", role.created_at)


def test_read_of_nothing_is_empty(role):
    assert bulk.read(OrgRole.objects.none(), "id") == []
    assert bulk.read(OrgRole.objects.filter(name="Nobody"), "id", "name") == []


@pytest.mark.parametrize("kind", [str, uuid.UUID], ids=["text", "UUID"])
def test_insert_takes_ids_as_text_and_as_uuid(workspace, kind):
    key = uuid.uuid4()
    bulk.insert(OrgRole, COLUMNS, [(kind(str(key)), workspace.pk, "Cashier", AT)])
    made = OrgRole.objects.get(pk=key)
    assert (made.workspace, made.name, made.created_at) == (workspace, "Cashier", AT)


def test_create_inserts_objects_with_every_column(workspace):
    bulk.create([])
    bulk.create([OrgRole(workspace=workspace, name=name, created_at=AT) for name in ("A", "B")])
    assert set(OrgRole.objects.values_list("name", "created_at")) == {("A", AT), ("B", AT)}


def test_update_changes_the_named_columns_of_the_named_rows(role, workspace):
    other = OrgRole.objects.create(workspace=workspace, name="Clerk", created_at=AT)
    bulk.update(OrgRole, ("name", "created_at"), [("Bookkeeper", AT, role.pk)])
    role.refresh_from_db()
    other.refresh_from_db()
    assert (role.name, role.created_at, other.name) == ("Bookkeeper", AT, "Clerk")


def test_more_rows_than_a_statement_holds_are_all_written(workspace):
    count = 2 * bulk.PAGE + 1
    rows = [(uuid.uuid4(), workspace.pk, f"Role {n}", AT) for n in range(count)]
    bulk.insert(OrgRole, COLUMNS, rows)
    bulk.update(OrgRole, ("name",), [(f"New {n}", row[0]) for n, row in enumerate(rows)])
    names = {name for (name,) in bulk.read(OrgRole.objects.all(), "name")}
    assert names == {f"New {n}" for n in range(count)}


def test_nothing_to_write_asks_nothing(workspace, django_assert_num_queries):
    with django_assert_num_queries(0):
        bulk.insert(OrgRole, COLUMNS, [])
        bulk.update(OrgRole, ("name",), [])


def test_json_and_null_are_written_as_the_orm_writes_them(workspace):
    made = Connection.objects.create(
        workspace=workspace, integration="xero", provider="truto", created_at=AT, connected_at=AT
    )
    bulk.update(
        Connection, ("granted_scopes", "connected_at"), [(["a", {"b": "ü"}], None, made.pk)]
    )
    made.refresh_from_db()
    assert (made.granted_scopes, made.connected_at) == (["a", {"b": "ü"}], None)
