"""The arithmetic of a chain: canonical bodies, hashes and seals; pure, so anybody can repeat it."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

GENESIS = "0" * 64


def canonical(body: dict[str, Any]) -> str:
    """`body` as JSON text that is the same for the same content: sorted keys, no spaces."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def digest(text: str) -> str:
    """SHA-256 of `text` in UTF-8, as 64 hex digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def link(prev: str, seq: int, at: datetime, kind: str, body_digest: str) -> str:
    """The hash of one event. The instant counts in UTC with microseconds; fields are joined by LF."""
    instant = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return digest("\n".join((prev, str(seq), instant, kind, body_digest)))


def seal(key: str, chain: str, hash_: str) -> str:
    """HMAC-SHA256 over the chain's id and the hash, with a key that the database does not hold."""
    return hmac.new(key.encode(), f"{chain}\n{hash_}".encode(), hashlib.sha256).hexdigest()
