"""The machine's run, longer by STEPS and from another SEED of the environment; and its eyes."""

import os
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis.errors import Flaky

from access.facts import gathering
from access.services import judging, merging
from checks.services import lapsing
from integrations import guard
from integrations import selectors as integrations
from integrations.services.syncing import reading
from people import selectors as people
from people.models import EmailAddress
from people.services.importing import planning
from tests.properties.faults import ignoring_the_partial_flag
from tests.properties.machine.playing import play

pytestmark = pytest.mark.django_db
# On PostgreSQL a step takes three times as long, and a run of all tests has its budget.
STEPS = int(os.environ.get("STEPS", "5000" if connection.vendor == "sqlite" else "300"))
SEEN_WITHIN = 20_000  # steps: some faults show seldom
SEED = int(os.environ.get("SEED", "20261124"))
LATER = datetime(2099, 1, 1, tzinfo=UTC)

# Where each planted fault goes: a module, a name in it, and what stands there instead.
PLANTED: dict[str, tuple[Any, str, Any]] = {
    "partial flag ignored": (reading, "read_all", ignoring_the_partial_flag),
    "vanishing guard off": (guard, "hold_reason", lambda *_, **__: None),
    "organisation not pinned": (reading, "_check_organisation", lambda *_: None),
    "age of the list ignored": (integrations, "stale_at", lambda _: LATER),
    "silence of the staff list's tool ignored": (people, "list_stale_at", lambda _: None),
    "facts change, nobody judges": (judging, "judge_systems", lambda *_, **__: None),
    "accounts taken from leavers are not held": (people, "ever_leaving", lambda *_: set()),
    "re-identified leaver's account let go": (gathering, "_held", lambda _: {}),
    "scope removed": (people, "addresses", lambda _: EmailAddress.objects.all()),
    "accounts of a merged record stay behind": (
        merging,
        "hand_over_accounts",
        lambda *_, **__: None,
    ),
    "a merged record's leaving is forgotten": (merging, "refuse_freeing", lambda *_, **__: None),
    "rules keep a merged Org role": (merging, "hand_over_rules", lambda *_, **__: None),
    "special cases never end": (lapsing, "review", lambda *_, **__: []),
    "a shrinking staff list is believed": (planning, "shrinks", lambda *_: ""),
}


def test_machine_keeps_every_invariant() -> None:
    done = play(STEPS, SEED)
    print(f"{done['steps']:,} steps of {STEPS:,}, seed {SEED}: {dict(sorted(done.items()))}")
    assert done["steps"] >= STEPS


@pytest.mark.long
@pytest.mark.parametrize("fault", PLANTED)
def test_machine_notices_a_planted_fault(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*PLANTED[fault])
    # What failed is played once more to be told; a fault that then shows elsewhere is Flaky.
    with pytest.raises((AssertionError, Flaky)), transaction.atomic():
        play(max(STEPS, SEEN_WITHIN), SEED)
