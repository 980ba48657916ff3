"""A look at the record in steps says at its end what a look in one go says, and nothing before."""

import random
from datetime import timedelta

import pytest
import time_machine
from django.core import signing
from django.db import transaction
from django.utils import timezone

from audit import keeping, selectors
from tests.audit.test_tampering import KINDS, LENGTH, fill, folder, unguarded

__all__ = ["folder"]  # a fixture of these tests too


def in_steps(chain, most):
    """The verification, with the walk put into words and taken up again at each step."""
    walk, steps = selectors.begun(chain), 0
    while selectors.went_on(walk, most=most):
        walk, steps = selectors.resumed(chain, walk.text()), steps + 1
    return walk.ended(), steps


@pytest.mark.parametrize("most", [1, 5, LENGTH, LENGTH + 1, 1000])
def test_steps_find_what_one_look_finds(workspace, other_workspace, by, most):
    for each in (workspace, other_workspace):
        fill(each, by)
    keeping.keep_all()
    whole, steps = in_steps(workspace.id, most)
    assert whole == selectors.verification(workspace.id)
    assert whole.whole
    assert steps == whole.events // most
    unguarded()
    for kind in KINDS:
        with transaction.atomic():
            kind(random.Random(20), workspace.id, other_workspace.id)
            found, _ = in_steps(workspace.id, most)
            assert found == selectors.verification(workspace.id)
            assert not found.whole, kind.__name__
            transaction.set_rollback(True)


def test_writers_between_the_steps_are_no_fault(workspace, by):
    fill(workspace, by, 9)
    walk = selectors.begun(workspace.id)
    while selectors.went_on(walk, most=4) and walk.events < 30:
        fill(workspace, by, 3)
    selectors.went_on(walk)
    assert walk.ended().whole


def test_tail_that_is_cut_between_the_steps_is_found(workspace, by):
    fill(workspace, by, 9)
    walk = selectors.begun(workspace.id)
    selectors.went_on(walk, most=4)
    unguarded()
    KINDS[[kind.__name__ for kind in KINDS].index("cut_tail")](random.Random(1), workspace.id, None)
    selectors.went_on(walk)
    assert not walk.ended().whole


def test_walk_that_is_not_this_chains_is_lost(workspace, other_workspace):
    text = selectors.begun(workspace.id).text()
    assert selectors.resumed(workspace.id, text) == selectors.begun(workspace.id)
    made_up = signing.dumps({"chain": str(workspace.id), "events": 10**6}, salt="other")
    for chain, wrong in (
        (other_workspace.id, text), (workspace.id, text[:-1]), (workspace.id, made_up),
        (workspace.id, "x"), (workspace.id, text.swapcase()),
    ):  # fmt: skip
        with pytest.raises(selectors.Lost):
            selectors.resumed(chain, wrong)
    with time_machine.travel(timezone.now() + timedelta(hours=1, seconds=5)):  # noqa: SIM117
        with pytest.raises(selectors.Lost):
            selectors.resumed(workspace.id, text)
