"""A connection that needed a reconnect and answers again: asked until a reading proves it."""

from datetime import timedelta

import pytest

from audit import clock
from audit import services as audit
from audit.models import Event
from audit.services import Actor
from integrations import selectors, tasks
from integrations import services as integrations
from integrations.models import Connection, SyncRun
from integrations.providers.base import NeedsReconnect, ProviderError, TryLater
from integrations.services import syncing
from integrations.services.syncing import blaming
from jobs import services as jobs
from jobs.models import State
from people import services as people
from tests import given
from workspaces.models import User, Workspace

pytestmark = pytest.mark.django_db

KINDS = Connection.Authorisation
WORDS = "Xero no longer accepts the authorisation. Choose “Reconnect”."
MANY = [given.row("Owner", subscriber=True), *(given.row(f"Person {n}") for n in range(8))]


@pytest.fixture
def troubled(workspace: Workspace, by: Actor) -> Connection:
    """Read once; then its authorisation was refused."""
    books = given.connection(workspace)
    given.read(books, MANY)
    with audit.act(workspace, by=by) as act:
        books.trouble = WORDS
        books.save(update_fields=["trouble"])
        syncing.mark_needs_reconnect(books, now=act.now)
    return books


def failing(of: Connection, error: ProviderError) -> None:
    """A run as `reactivated` asks for it, which ends in this error."""
    job = jobs.claim(SyncRun, given.request(of).pk)
    assert job is not None
    blaming.failed(job, error)
    of.refresh_from_db()


def test_proof_that_could_not_be_read_is_asked_for_again(troubled: Connection) -> None:
    failing(troubled, TryLater(None, "Truto has trouble answering"))
    assert (troubled.authorisation, troubled.trouble) == (KINDS.NEEDS_RECONNECT, WORDS)
    assert troubled.next_sync_at is not None
    Connection.objects.update(next_sync_at=clock.now() - timedelta(seconds=1))
    tasks.look()
    again = troubled.runs.get(state=State.PENDING)
    assert again.trigger == SyncRun.Trigger.SCHEDULE


def test_proof_that_is_refused_again_waits_for_a_person(troubled: Connection) -> None:
    failing(troubled, TryLater(None, "Truto has trouble answering"))
    failing(troubled, NeedsReconnect("Refused"))
    assert (troubled.authorisation, troubled.next_sync_at) == (KINDS.NEEDS_RECONNECT, None)
    assert troubled.trouble == NeedsReconnect("Refused").words
    assert Event.objects.filter(kind="connection.needs_reconnect").count() == 1


def test_run_that_is_parked_keeps_the_words_of_what_a_person_has_to_do(
    troubled: Connection,
) -> None:
    run = given.request(troubled)
    SyncRun.objects.filter(pk=run.pk).update(attempt=jobs.MAX_ATTEMPTS)
    syncing.run(run.pk)
    troubled.refresh_from_db()
    assert (troubled.trouble, troubled.failures) == (WORDS, 1)


def test_run_asked_for_while_somebody_disconnected_is_refused(
    troubled: Connection, admin: User, by: Actor
) -> None:
    shown = Connection.objects.get()
    integrations.disconnect(troubled, user=admin, by=by)
    with pytest.raises(people.Problem):
        given.request(shown, admin)
    troubled.refresh_from_db()
    assert (troubled.failures, troubled.trouble, troubled.next_sync_at) == (0, "", None)
    assert not troubled.runs.filter(state=State.PENDING).exists()


def test_list_that_is_held_proves_the_authorisation_all_the_same(
    troubled: Connection, admin: User, by: Actor
) -> None:
    run = given.read(troubled, MANY[:4])
    assert run.state == State.HELD
    assert (troubled.authorisation, troubled.trouble) == (KINDS.CONNECTED, "")
    assert selectors.connection_state(troubled, clock.now()).code == "held"
    integrations.accept_held(run, user=admin, reason="They left", by=by)
    troubled.refresh_from_db()
    state = selectors.connection_state(troubled, clock.now())
    assert (state.code, state.stale) == ("connected", False)
