"""Tests of audit: a transaction that the database ended for another one's sake is done once more."""

import pytest
from django.db import OperationalError

from audit import contention


class Deadlock(Exception):
    sqlstate = "40P01"


class Full(Exception):
    sqlstate = "53100"


def failing(times, cause=Deadlock):
    """An act that ends so for the first `times`; then it returns how often it was done."""
    done = []

    def act():
        done.append(1)
        if len(done) <= times:
            raise OperationalError("deadlock detected") from cause()
        return len(done)

    return act


def test_act_that_lost_is_done_once_more():
    assert contention.repeated(failing(1)) == 2


@pytest.mark.parametrize(("times", "cause"), [(2, Deadlock), (1, Full)])
def test_act_that_loses_again_or_for_another_reason_fails(times, cause):
    with pytest.raises(OperationalError):
        contention.repeated(failing(times, cause))
