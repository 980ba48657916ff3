"""The directory as matching sees it: all of it, or those who are asked for."""

from collections import defaultdict
from collections.abc import Collection, Iterator

from django.db.models import Q

from access.matching import Candidate
from people import selectors as people
from workspaces.models import Workspace

AT_ONCE = 500  # ids in one question


def candidates(workspace: Workspace, only: Collection[str] | None = None) -> list[Candidate]:
    """Everybody who is or was in the directory, with present and earlier addresses.

    `only` leaves out everybody but these people: nothing is read of the others.
    """
    if only is None:
        return list(_read(workspace, Q(), Q()))
    ids = sorted(only)
    return [
        each
        for start in range(0, len(ids), AT_ONCE)
        for each in _read(
            workspace,
            Q(pk__in=ids[start : start + AT_ONCE]),
            Q(staff__in=ids[start : start + AT_ONCE]),
        )
    ]


def _read(workspace: Workspace, of_people: Q, of_addresses: Q) -> Iterator[Candidate]:
    present: defaultdict[str, list[str]] = defaultdict(list)
    earlier: defaultdict[str, list[str]] = defaultdict(list)
    rows = people.addresses(workspace).filter(of_addresses)
    for staff_id, address, until in rows.values_list("staff_id", "address", "until"):
        (present if until is None else earlier)[str(staff_id)].append(address)
    found = people.for_workspace(workspace).filter(of_people)
    for pk, name in found.values_list("id", "name"):
        yield Candidate(str(pk), name, tuple(present[str(pk)]), tuple(earlier[str(pk)]))
