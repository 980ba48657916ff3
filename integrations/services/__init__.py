"""Acts on connections: connecting, disconnecting, reading, deciding on held lists."""

from integrations.services.attempts import link, start_connect, start_reconnect
from integrations.services.connecting import look_at, look_at_live
from integrations.services.disconnecting import disconnect, revoke, revoke_pending
from integrations.services.events import handle, handle_waiting, look_at_troubled, receive
from integrations.services.forgetting import forget_spent
from integrations.services.holding import accept_held, discard_held, expect_removals
from integrations.services.syncing import request_sync, run
from integrations.services.unclaimed import look_for_unclaimed

__all__ = [
    "accept_held",
    "discard_held",
    "disconnect",
    "expect_removals",
    "forget_spent",
    "handle",
    "handle_waiting",
    "link",
    "look_at",
    "look_at_live",
    "look_at_troubled",
    "look_for_unclaimed",
    "receive",
    "request_sync",
    "revoke",
    "revoke_pending",
    "run",
    "start_connect",
    "start_reconnect",
]
