"""What is spent is forgotten after thirty days, and not before; what is live never."""

from datetime import datetime, timedelta

import pytest

from audit import clock
from integrations import services as integrations
from integrations import tasks
from integrations.models import ConnectAttempt, ProviderEvent
from workspaces.models import User, Workspace

pytestmark = pytest.mark.django_db
State = ConnectAttempt.State


def signal(name: str, received_at: datetime, **more: object) -> None:
    ProviderEvent.objects.create(
        provider="truto", event_id=name, kind="any", received_at=received_at, **more
    )


def test_spent_signals_are_forgotten_and_waiting_ones_kept() -> None:
    now = clock.now()
    old, young = now - timedelta(days=31), now - timedelta(days=29)
    signal("spent", old, handled_at=old)
    signal("parked", old, parked_why="older than a day")
    signal("waiting", old)
    signal("young", young, handled_at=young)

    assert integrations.forget_spent(now) == 2

    kept = ProviderEvent.objects.order_by("event_id").values_list("event_id", flat=True)
    assert list(kept) == ["waiting", "young"]


def test_ended_attempts_are_forgotten_and_live_ones_kept(workspace: Workspace, admin: User) -> None:
    now = clock.now()
    old, young = now - timedelta(days=31), now - timedelta(days=29)
    for state, ended_at in (
        (State.FAILED, old),
        (State.ADOPTED, old),
        (State.CANCELLED, young),
        (State.WAITING, None),
    ):
        ConnectAttempt.objects.create(
            workspace=workspace,
            user=admin,
            integration="xero",
            nonce=state.value,
            state=state,
            created_at=old,
            expires_at=old,
            ended_at=ended_at,
        )

    tasks.forget_spent()

    kept = ConnectAttempt.objects.order_by("nonce").values_list("nonce", flat=True)
    assert list(kept) == ["cancelled", "waiting"]
