"""The directory as suggestions see it: kept between requests, brought up to date person by person."""

from threading import Lock
from uuid import UUID

from access.facts import candidates
from access.matching import PeopleIndex
from audit import selectors as audit
from workspaces.models import Workspace

KEPT = 2  # indexes that a process holds at once
FEW = 200  # changes that are followed one by one; more of them are read as a whole
ABOUT_ONE = frozenset({"staff.added", "staff.changed", "staff.address_changed"})
NOTHING_NEW = frozenset(
    {
        "staff.roles_changed",
        "staff.offboarded",
        "staff.offboarding_moved",
        "staff.reinstated",
        "staff.confirmed_complete",
    }
)

_kept: dict[UUID, tuple[int, PeopleIndex]] = {}
_lock = Lock()


def people_index(workspace: Workspace) -> PeopleIndex:
    """Everybody, by address and by name. No change goes unrecorded: the record is its version.

    Kept because somebody who works through many accounts asks for it at every step, and each step
    may teach an alias.
    """
    version = audit.last_seq(workspace.pk, "staff.")
    known = _kept.get(workspace.pk)
    if known is not None and known[0] == version:
        return known[1]
    index = _followed(workspace, *known) if known is not None and known[0] < version else None
    index = index or PeopleIndex(candidates(workspace))
    with _lock:
        _kept.pop(workspace.pk, None)
        _kept[workspace.pk] = (version, index)
        while len(_kept) > KEPT:
            del _kept[next(iter(_kept))]
    return index


def _followed(workspace: Workspace, version: int, index: PeopleIndex) -> PeopleIndex | None:
    """The index with what happened after `version`; None where that was too much, or of all."""
    events = audit.happened_since(workspace.pk, "staff.", version, FEW + 1)
    changed = {subject for kind, subject in events if kind not in NOTHING_NEW}
    known = all(kind in ABOUT_ONE | NOTHING_NEW for kind, _ in events)
    ids = {each.removeprefix("staff:") for each in changed if each.startswith("staff:")}
    if len(events) > FEW or not known or len(ids) != len(changed):
        return None
    return index.with_people(candidates(workspace, ids), gone=ids) if ids else index
