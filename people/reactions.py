"""What follows in people from acts on the directory: the search finds people by what is new."""

import uuid
from collections.abc import Sequence

from audit.services import Act, Reaction, Recorded
from people.services import searching

KNOWN_BY = ("staff.added", "staff.changed", "staff.address_changed", "staff.merged")


def index_people(act: Act, events: Sequence[Recorded]) -> None:
    """Write the search words of everybody whose name, addresses or external id may be others."""
    keys = {key for event in events for key in event.touched if key.startswith("staff:")}
    searching.index_people({uuid.UUID(key.partition(":")[2]) for key in keys})


REACTIONS: Sequence[tuple[Sequence[str], Reaction]] = [(KNOWN_BY, index_people)]
