"""The whole directory as matching sees it."""

from collections import defaultdict

from access.matching import Candidate
from people import selectors as people
from workspaces.models import Workspace


def candidates(workspace: Workspace) -> list[Candidate]:
    """Everybody who is or was in the directory, with present and earlier addresses."""
    present: defaultdict[str, list[str]] = defaultdict(list)
    earlier: defaultdict[str, list[str]] = defaultdict(list)
    for staff_id, address, until in people.addresses(workspace).values_list(
        "staff_id", "address", "until"
    ):
        (present if until is None else earlier)[str(staff_id)].append(address)
    return [
        Candidate(str(pk), name, tuple(present[str(pk)]), tuple(earlier[str(pk)]))
        for pk, name in people.for_workspace(workspace).values_list("id", "name")
    ]
