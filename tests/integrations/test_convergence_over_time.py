"""The account at Truto changes between events, an ask fails, a webhook is lost: the truth all the same."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction

from audit import clock
from integrations import services as integrations
from integrations.models import ConnectAttempt, Connection, ProviderEvent, SyncRun
from integrations.services import attempts, connecting, events, syncing
from jobs.models import State
from tests.integrations.conftest import RETURN, Person
from tests.integrations.test_convergence import SYSTEM, Undone, signal
from workspaces.models import Workspace

# One database is enough for orders of events; on PostgreSQL the locks are real.
pytestmark = [pytest.mark.django_db, pytest.mark.postgres_only]

KINDS = Connection.Authorisation
CHANGES = {"breaks": "authentication_error", "works": "reactivated"}  # and the webhook of each
NOWHERE = "http://127.0.0.1:9"


def told(kind: str, ref: str, workspace: Workspace) -> None:
    """A webhook arrives, and a worker follows it at once."""
    kept = events.receive(signal(kind, ref, str(workspace.pk)), provider="truto")
    assert kept is not None
    events.handle(kept.pk, by=SYSTEM)


def a_minute_later() -> None:
    """The looks of a minute, and the runs that they ask for."""
    cache.clear()
    minute = clock.now() - timedelta(minutes=1)
    ProviderEvent.objects.update(received_at=minute, tried_at=None)
    integrations.handle_waiting(by=SYSTEM)
    integrations.look_at_live(by=SYSTEM)
    integrations.look_at_troubled(by=SYSTEM)
    integrations.look_for_unclaimed(by=SYSTEM)
    integrations.revoke_pending()
    for run_id in list(SyncRun.objects.filter(state=State.PENDING).values_list("pk", flat=True)):
        syncing.run(run_id)


def a_day_later() -> None:
    """Whatever waits for its time is due: attempts, readings, daily looks."""
    long_ago = clock.now() - timedelta(days=2)
    Connection.objects.filter(authorisation=KINDS.NEEDS_RECONNECT).update(
        trouble_since=long_ago, checked_at=None
    )
    ConnectAttempt.objects.update(expires_at=long_ago, looked_at=None)
    for connection in Connection.objects.filter(authorisation=KINDS.CONNECTED):
        syncing.request_sync(connection, trigger=SyncRun.Trigger.SCHEDULE, by=SYSTEM)
    a_minute_later()


@contextmanager
def told_apart() -> Iterator[None]:
    """A story of its own: the next one starts from the same rows."""
    cache.clear()
    try:
        with transaction.atomic():
            yield
            raise Undone
    except Undone:
        pass


def orders(*steps: str) -> list[tuple[str, ...]]:
    """Every order of them and of each part of them: what is left out was lost."""
    return [each for n in range(1, len(steps) + 1) for each in permutations(steps, n)]


def possible(story: tuple[str, ...]) -> bool:
    """Nothing works again before it broke, and no webhook comes before what it tells."""
    at = {step: place for place, step in enumerate(story)}
    return all(
        at.get(before, 9) < at[after]
        for before, after in (("breaks", "works"), *CHANGES.items())
        if after in at
    )


STORIES = [each for each in orders(*CHANGES, *CHANGES.values()) if possible(each)]


@pytest.mark.parametrize("fails", [False, True], ids=["asked", "last ask fails"])
def test_every_order_of_losing_and_getting_back_the_authorisation_ends_in_the_truth(
    person: Person, connected: ConnectAttempt, settings: Any, fails: bool
) -> None:
    there, (run,) = settings.TRUTO_API_BASE_URL, SyncRun.objects.all()
    syncing.run(run.pk)
    ref = str(Connection.objects.get().ref)
    assert len(STORIES) == 9
    for story in STORIES:
        with told_apart():
            settings.TRUTO_API_BASE_URL = there
            for place, step in enumerate(story, start=1):
                if fails and place == len(story):
                    settings.TRUTO_API_BASE_URL = NOWHERE
                if step in CHANGES:
                    person.sandbox.control(
                        "POST", f"accounts/{ref}/faults", needs_reauth=step == "breaks"
                    )
                else:
                    told(step, ref, person.workspace)
            settings.TRUTO_API_BASE_URL = there
            truth = KINDS.CONNECTED if "works" in story else KINDS.NEEDS_RECONNECT
            a_minute_later()
            if story[-1] not in CHANGES and story[-1] == CHANGES[last_change(story)]:
                assert Connection.objects.get().authorisation == truth, story  # it was told
            a_day_later()
            assert Connection.objects.get().authorisation == truth, story
            assert not ProviderEvent.objects.filter(handled_at=None, parked_why="").exists()
        person.sandbox.control("POST", f"accounts/{ref}/faults", needs_reauth=False)


def last_change(story: tuple[str, ...]) -> str:
    return [step for step in story if step in CHANGES][-1]


def test_every_order_of_allowing_and_ending_leaves_no_authorisation_in_nobodys_list(
    person: Person, settings: Any
) -> None:
    """Allowed before or after the attempt's end, told or not, asked in between or not."""
    there = settings.TRUTO_API_BASE_URL
    stories = [
        *permutations(("allow", "end", "poll", "told")),
        *permutations(("allow", "end", "poll")),  # the webhook was lost
    ]
    for story in stories:
        with told_apart():
            attempt = person.start()
            url, ref = attempts.link(attempt, return_url=RETURN), ""
            for step in story:
                fails = step == "told" == story[-1]
                settings.TRUTO_API_BASE_URL = NOWHERE if fails else there
                if step == "allow":
                    ref = person.answer(url)["integrated_account_id"]
                elif step == "end":
                    ConnectAttempt.objects.update(expires_at=clock.now())
                elif step == "poll":
                    connecting.look_at(attempt, by=SYSTEM)
                elif ref:
                    told("created", ref, person.workspace)
            settings.TRUTO_API_BASE_URL = there
            a_minute_later()
            a_day_later()
            ours = set(Connection.objects.values_list("ref", flat=True))
            assert {each["id"] for each in person.remote()} == ours, story
            attempt.refresh_from_db()
            assert attempt.state == ("adopted" if ours else "failed"), story
            for each in person.remote():
                person.sandbox.api("DELETE", f"/integrated-account/{each['id']}")
