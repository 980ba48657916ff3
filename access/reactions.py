"""What follows in access from the acts of the apps below: a table of event kinds and functions."""

from collections.abc import Sequence

from audit.services import Reaction

REACTIONS: Sequence[tuple[Sequence[str], Reaction]] = []
