"""Acts on connections: connecting, disconnecting, reading, deciding on held lists."""

from integrations.services.holding import accept_held, discard_held, expect_removals
from integrations.services.syncing import check_authorisation, request_sync, run

__all__ = [
    "accept_held",
    "check_authorisation",
    "discard_held",
    "expect_removals",
    "request_sync",
    "run",
]
