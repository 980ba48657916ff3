"""Two people who change the same thing at once: the second is told, and decides again; pure."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from workspaces.problems import Problem


def version_of(content: Mapping[str, Any] | None) -> str:
    """A short name of a state; the same content has the same name."""
    text = json.dumps(content, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def refuse_overlap(seen: str | None, version: str, *, who: str) -> None:
    """Stop a save of somebody who saw an earlier state. Raises Problem that names who changed it.

    `seen` is the version on the page they chose from; None: they did not choose from any.
    """
    if seen is not None and seen != version:
        raise Problem(
            "seen",
            f"Changed since you opened it, by {who or 'somebody else'}. Nothing was saved, and what"
            " you chose is still here. Look at theirs first; saving again replaces it.",
        )
