"""Tests of audit: a transaction that the database ended for another one's sake is done once more."""

import threading

import pytest
from django.db import OperationalError, connection, transaction

from audit import contention
from tests.committing import admins_of_their_own, together
from workspaces.models import Workspace


def failing(times, code="40P01"):
    """An act that ends so for the first `times`; then it returns how often it was done."""
    done = []

    def act():
        done.append(1)
        if len(done) <= times:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"DO $$ BEGIN RAISE SQLSTATE '{code}'; END $$")
        return len(done)

    return act


@pytest.mark.postgres_only
@pytest.mark.django_db
@pytest.mark.parametrize("code", sorted(contention.AGAIN))
def test_act_that_lost_is_done_once_more(code):
    assert contention.repeated(failing(1, code)) == 2


@pytest.mark.postgres_only
@pytest.mark.django_db
@pytest.mark.parametrize(("times", "code"), [(2, "40P01"), (1, "53100")])
def test_act_that_loses_again_or_for_another_reason_fails(times, code):
    with pytest.raises(OperationalError):
        contention.repeated(failing(times, code))


@pytest.mark.postgres_only
def test_two_acts_that_wait_for_each_other_both_succeed_in_the_end(committing, by):
    keys = [admins_of_their_own(0, by)[0].pk for _ in range(2)]
    both = threading.Barrier(2)

    def act(first, second, tries):
        def once():
            tries.append(1)
            with transaction.atomic():
                Workspace.objects.select_for_update().get(pk=first)
                if len(tries) == 1:
                    both.wait(10)
                Workspace.objects.select_for_update().get(pk=second)

        return lambda: contention.repeated(once)

    tries = [[], []]
    found = together([act(*keys, tries[0]), act(*reversed(keys), tries[1])])
    assert found == [None, None]
    assert sorted(map(len, tries)) == [1, 2]
