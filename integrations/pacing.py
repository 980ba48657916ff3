"""The pace of requests to a provider: buckets in the cache that all processes share."""

import time
from collections.abc import Iterable
from dataclasses import dataclass

import structlog
from django.core.cache import cache

from integrations.providers.base import NotOurTurn, Pace

WINDOW = 10  # seconds; Truto counts its limits over this stretch
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Bucket:
    """At most `most` requests under one name in any stretch of WINDOW seconds."""

    name: str
    most: int


def truto_buckets(token_name: str, ref: str | None) -> tuple[Bucket, ...]:
    """Truto's published limits: 500 for an API token, 50 for one connected account."""
    whole = Bucket(f"pace:truto:{token_name}", 500)
    return (whole,) if ref is None else (whole, Bucket(f"pace:truto:{token_name}:{ref}", 50))


def pace(buckets: Iterable[Bucket], *, patience: float) -> Pace:
    """Waits for room in every bucket, at most `patience` seconds in all, else raises NotOurTurn."""
    wanted = tuple(buckets)

    def wait() -> None:
        started = time.monotonic()
        for bucket in wanted:
            while not _room(bucket):
                if time.monotonic() - started >= patience:
                    raise NotOurTurn(WINDOW, "Too many requests at once for the provider's limit")
                time.sleep(0.2)

    return wait


def _room(bucket: Bucket) -> bool:
    """Count one request; a cache out of reach must not stop the work, so it counts nothing."""
    try:
        return _taken(bucket)
    except Exception as error:
        log.warning("pace not kept", error=type(error).__name__)
        return True


def _taken(bucket: Bucket) -> bool:
    """A sliding window: what is left of the last stretch's count still weighs on this one."""
    now = time.time()
    stretch, gone = divmod(now, WINDOW)
    before: int = cache.get(f"{bucket.name}:{int(stretch) - 1}", 0)
    here = f"{bucket.name}:{int(stretch)}"
    cache.add(here, 0, timeout=3 * WINDOW)
    if cache.get(here, 0) + before * (1 - gone / WINDOW) >= bucket.most:
        return False
    cache.incr(here)
    return True
