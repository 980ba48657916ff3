"""Return, webhooks and polling, in every order, repeated or lost: always the provider's truth."""

import uuid
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction

from audit import clock
from audit.services import Actor
from integrations.models import ConnectAttempt, Connection, ProviderEvent
from integrations.providers.base import ProviderSignal
from integrations.services import attempts, connecting, events
from tests.integrations.conftest import RETURN, SECOND, Person

# One database is enough for orders of events; on PostgreSQL the locks are real.
pytestmark = [pytest.mark.django_db, pytest.mark.postgres_only]

STEPS = ("return", "poll", "created", "active", "updated")
ALL_ORDERS = 325  # 5 + 20 + 60 + 120 + 120: of one step up to all five
SYSTEM = Actor(kind="system", label="test")


class Undone(Exception):
    """Ends a story, so that the next one starts from the same rows."""


def signal(what: str, ref: str, tenant_id: str) -> ProviderSignal:
    told = None if what == "deleted" else tenant_id
    return ProviderSignal(
        str(uuid.uuid4()), f"integrated_account:{what}", ref, told, None, clock.now()
    )


def happen(step: str, attempt: ConnectAttempt, ref: str) -> None:
    """One thing that makes us look, and once more; the return and polling are the same question."""
    cache.clear()  # hundreds of stories in seconds are not what the pace is for
    if step in ("return", "poll"):
        for _ in range(2):
            connecting.look_at(attempt, by=SYSTEM)
        return
    told = signal(step, ref, str(attempt.workspace_id))
    kept = events.receive(told, provider="truto")
    assert kept is not None
    for _ in range(2):
        events.handle(kept.pk, by=SYSTEM)
    assert events.receive(told, provider="truto") is None


def walk(
    attempt: ConnectAttempt,
    ref: str,
    visit: Callable[[tuple[str, ...]], None],
    *,
    steps: Sequence[str] = STEPS,
    story: tuple[str, ...] = (),
) -> None:
    """Visit the end of every order of the steps and of each of its beginnings, then undo it.

    A beginning is an order in which the rest was lost.
    """
    for step in sorted(set(steps) - set(story)):
        try:
            with transaction.atomic():
                happen(step, attempt, ref)
                visit((*story, step))
                walk(attempt, ref, visit, steps=steps, story=(*story, step))
                raise Undone
        except Undone:
            attempt.refresh_from_db()


def ended(attempt: ConnectAttempt) -> tuple[Any, ...]:
    attempt.refresh_from_db()
    rows = Connection.objects.values_list("authorisation", "ref", "wrong_organisation")
    waiting = ProviderEvent.objects.filter(handled_at__isnull=True, parked_why="").count()
    return (attempt.state, attempt.outcome, tuple(rows), waiting)


def check(truth: tuple[Any, ...], attempt: ConnectAttempt, ref: str) -> int:
    """Every story must end in the truth; how many were told."""
    told: list[tuple[str, ...]] = []

    def visit(story: tuple[str, ...]) -> None:
        told.append(story)
        assert ended(attempt) == truth, story

    walk(attempt, ref, visit)
    return len(told)


def test_every_order_leads_to_the_connection(person: Person) -> None:
    attempt = person.start()
    ref = person.allow(attempt)["integrated_account_id"]
    truth = ("adopted", "connected", (("connected", ref, ""),), 0)
    assert check(truth, attempt, ref) == ALL_ORDERS


def test_every_order_leads_to_the_failure(person: Person) -> None:
    attempt = person.start()
    ref = person.allow(attempt)["integrated_account_id"]
    person.sandbox.control("POST", f"accounts/{ref}/faults", forbidden=True)
    assert check(("failed", "not_accepted", (), 0), attempt, ref) == ALL_ORDERS


def test_every_order_keeps_the_pinned_organisation(
    person: Person, connected: ConnectAttempt, by: Actor
) -> None:
    connection = Connection.objects.get()
    attempt = attempts.start_reconnect(connection, user=person.user, by=by)
    person.allow(attempt, SECOND)
    ref = str(connection.ref)
    truth = ("failed", "wrong_organisation", (("needs_reconnect", ref, SECOND),), 0)
    assert check(truth, attempt, ref) == ALL_ORDERS


@pytest.mark.parametrize("adopted", [True, False])
def test_every_order_around_a_deletion_ends_without_access(person: Person, adopted: bool) -> None:
    attempt = person.start()
    ref = person.allow(attempt)["integrated_account_id"]
    if adopted:
        happen("poll", attempt, ref)
    person.sandbox.api("DELETE", f"/integrated-account/{ref}")

    def visit(story: tuple[str, ...]) -> None:
        heard = bool({"active", "deleted"} & set(story))
        state = "needs_reconnect" if heard else "connected"  # until a webhook or the next run
        known = ("adopted", "connected", ((state, ref, ""),), 0)
        assert ended(attempt) == (known if adopted else ("open", "", (), 0)), story

    walk(attempt, ref, visit, steps=("return", "poll", "active", "deleted"))


def test_polling_alone_finds_everything(person: Person) -> None:
    attempt = person.start()
    seen: list[str] = []
    looks: list[Callable[[], Any]] = [
        lambda: attempts.link(attempt, return_url=RETURN),
        lambda: person.allow(attempt, outcome="connecting", seconds=0.2),
        lambda: wait_until_active(person),
    ]
    for look in looks:
        look()
        happen("poll", attempt, "")
        seen.append(str(attempt.state))
    assert seen == ["open", "waiting", "adopted"]


def wait_until_active(person: Person) -> None:
    while person.remote()[0]["status"] != "active":
        pass
