"""How often a token may ask: counted per minute in the cache that all web processes share."""

import time
from typing import Any

import structlog
from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError
from rest_framework.permissions import SAFE_METHODS
from rest_framework.throttling import BaseThrottle

WINDOW = 60  # seconds
log = structlog.get_logger(__name__)


class PerToken(BaseThrottle):
    """Reads and writes are counted apart; the answer's headers say how many are left."""

    def allow_request(self, request: Any, view: Any) -> bool:
        if request.auth is None:
            return True
        kind = "read" if request.method in SAFE_METHODS else "write"
        limit = settings.API_REQUESTS_A_MINUTE[kind]
        window, self.reset = divmod(int(time.time()), WINDOW)
        self.reset = WINDOW - self.reset
        used = _count(f"api-requests:{request.auth.id}:{kind}:{window}")
        request._request.rate = {
            "RateLimit-Limit": str(limit),
            "RateLimit-Remaining": str(max(0, limit - used)),
            "RateLimit-Reset": str(self.reset),
        }
        return bool(used <= limit)

    def wait(self) -> float:
        return self.reset


def _count(key: str) -> int:
    """How many requests this is by now; 1 where the cache cannot say: it must not close the door."""
    try:
        cache.add(key, 0, timeout=2 * WINDOW)
        return cache.incr(key)
    except (ValueError, OSError, RedisError) as error:
        log.warning("request not counted", error=type(error).__name__)
        return 1
