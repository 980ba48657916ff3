"""The machine's run: 500 steps on each database, more by STEPS in the environment; and its eyes."""

import os
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from access.facts import gathering
from access.services import judging
from access.services.identifying import deciding
from integrations import guard
from integrations import selectors as integrations
from integrations.services.syncing import reading
from tests.properties.faults import ignoring_the_partial_flag
from tests.properties.machine import Machine

pytestmark = pytest.mark.django_db
STEPS = int(os.environ.get("STEPS", "500"))
SAME_EACH_TIME = "STEPS" not in os.environ  # a run of CI repeats; a long one explores
LENGTH = 50
LATER = datetime(2099, 1, 1, tzinfo=UTC)

# Where each planted fault goes: a module, a name in it, and what stands there instead.
PLANTED: dict[str, tuple[Any, str, Any]] = {
    "partial flag ignored": (reading, "read_all", ignoring_the_partial_flag),
    "vanishing guard off": (guard, "hold_reason", lambda *_, **__: None),
    "organisation not pinned": (reading, "_check_organisation", lambda *_: None),
    "age of the list ignored": (integrations, "stale_at", lambda _: LATER),
    "facts change, nobody judges": (judging, "judge_systems", lambda *_, **__: None),
    "accounts taken from leavers are not held": (deciding, "_leaving", lambda *_: set()),
    "re-identified leaver's account let go": (gathering, "_held", lambda _: {}),
}


def how(steps: int) -> settings:
    return settings(
        max_examples=max(1, steps // LENGTH),
        stateful_step_count=LENGTH,
        derandomize=SAME_EACH_TIME,
        deadline=None,
        database=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )


def test_machine_keeps_every_invariant() -> None:
    run_state_machine_as_test(Machine, settings=how(STEPS))


@pytest.mark.long
@pytest.mark.parametrize("fault", PLANTED)
def test_machine_notices_a_planted_fault(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*PLANTED[fault])
    with pytest.raises(AssertionError), transaction.atomic():
        run_state_machine_as_test(Machine, settings=how(max(STEPS, 4000)))
