"""The record: whole chains, acts that leave nothing behind, guards that refuse changes."""

import uuid

import pytest
from django.db import DatabaseError, transaction

from audit import selectors
from audit import services as audit
from audit.models import Event, EventBody

pytestmark = pytest.mark.django_db


def test_act_writes_its_events_as_a_whole_chain(workspace, by):
    with audit.act(workspace, by=by):
        audit.record("thing.done", subject="thing:1", colour="blue")
        audit.record("thing.done", subject="thing:2")
    result = selectors.verification(workspace.id)
    assert result.whole
    assert result.events == 3  # with the founding
    assert selectors.history(workspace.id, "thing:1")[0]["body"]["colour"] == "blue"


def test_act_that_fails_records_nothing(workspace, by):
    with pytest.raises(ZeroDivisionError), audit.act(workspace, by=by):
        audit.record("thing.done")
        raise ZeroDivisionError
    assert Event.objects.filter(chain=workspace.id).count() == 1


def test_record_outside_an_act_is_refused():
    with pytest.raises(RuntimeError, match=r"outside of audit\.act"):
        audit.record("thing.done")


def test_act_inside_an_act_joins_it(workspace, by):
    with audit.act(workspace, by=by) as outer, audit.act(workspace, by=by) as inner:
        assert outer is inner


def test_act_of_another_workspace_inside_is_refused(workspace, other_workspace, by):
    with (
        audit.act(workspace, by=by),
        pytest.raises(RuntimeError, match="another"),
        audit.act(other_workspace, by=by),
    ):
        pass


def test_reaction_runs_once_over_all_events_of_an_act(workspace, by, monkeypatch):
    seen = []
    monkeypatch.setattr(audit, "_reactions", [])
    audit.register([({"staff.added"}, lambda act, events: seen.append(len(events)))])
    with audit.act(workspace, by=by):
        for _ in range(3):
            audit.record("staff.added")
    assert seen == [3]


@pytest.mark.parametrize(
    "change",
    [
        lambda: Event.objects.update(kind="forged"),
        lambda: Event.objects.all().delete(),
        lambda: EventBody.objects.update(text="{}"),
    ],
    ids=["update-event", "delete-event", "update-body"],
)
def test_database_refuses_to_change_the_record(workspace, change):
    with pytest.raises(DatabaseError), transaction.atomic():
        change()


def test_database_refuses_to_replace_an_event(workspace):
    event = Event.objects.first()
    event.kind = "forged"
    with pytest.raises(DatabaseError), transaction.atomic():
        event.save(force_insert=True)


def test_erased_body_leaves_the_chain_whole(workspace):
    EventBody.objects.filter(chain=workspace.id).delete()
    result = selectors.verification(workspace.id)
    assert result.whole
    assert result.erased == 1


def test_chain_with_a_wrong_key_is_not_whole(workspace, settings):
    settings.AUDIT_SEAL_KEYS = {"k1": "another key"}
    assert not selectors.verification(workspace.id).whole


def test_chain_against_a_checkpoint_that_it_lacks_is_not_whole(workspace):
    result = selectors.verification(workspace.id, checkpoint=(9, uuid.uuid4().hex * 2))
    assert any("checkpoint" in fault for fault in result.faults)
