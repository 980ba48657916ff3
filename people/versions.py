"""Short names of states, by which an overlap of two people's changes is noticed; pure."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def version_of(content: Mapping[str, Any] | None) -> str:
    """A short name of a state; the same content has the same name."""
    text = json.dumps(content, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:24]
