"""The pace of requests: shared, bounded, patient only as long as it was told."""

import time

import pytest
from django.core.cache import cache

from integrations.pacing import WINDOW, Bucket, pace, truto_buckets
from integrations.providers.base import TryLater


@pytest.fixture(autouse=True)
def empty_buckets() -> None:
    """Start with nothing counted, and not where one stretch of counting turns into the next."""
    left = WINDOW - time.time() % WINDOW
    if left < 2:
        time.sleep(left)
    cache.clear()


def test_pace_lets_as_many_through_as_the_limit_says() -> None:
    wait = pace([Bucket("test", 5)], patience=0)
    for _ in range(5):
        wait()
    with pytest.raises(TryLater) as refused:
        wait()
    assert refused.value.after_seconds == 10


def test_pace_is_shared_by_everybody_with_the_same_bucket() -> None:
    pace([Bucket("test", 1)], patience=0)()
    with pytest.raises(TryLater):
        pace([Bucket("test", 1)], patience=0)()
    pace([Bucket("other", 1)], patience=0)()


def test_pace_waits_no_longer_than_its_patience() -> None:
    wait = pace([Bucket("test", 1)], patience=0.3)
    wait()
    began = time.monotonic()
    with pytest.raises(TryLater):
        wait()
    assert 0.3 <= time.monotonic() - began < 2


def test_buckets_of_truto_are_its_published_limits() -> None:
    assert [bucket.most for bucket in truto_buckets("token", None)] == [500]
    assert [bucket.most for bucket in truto_buckets("token", "ref")] == [500, 50]
