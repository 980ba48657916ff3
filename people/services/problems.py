"""What stops an act on the directory, in words for people."""

from collections.abc import Iterable

from django.db import IntegrityError

from audit import services as audit
from audit.contention import code_of
from people.models import Source, StaffMember
from workspaces.problems import Problem

__all__ = ["Problem", "is_taken", "owned_words", "refuse_owned"]


def refuse_owned(staff: StaffMember, fields: Iterable[str], by: audit.Actor) -> None:
    """Fields that a source keeps change only there: the next delivery would undo anything else.

    A token is the REST API itself. Raises Problem.
    """
    if by.kind == "token" and staff.source == Source.API:
        return
    for field in fields:
        if field in staff.owned_fields:
            raise Problem(field, owned_words(staff))


def owned_words(staff: StaffMember) -> str:
    """Where a field that a source keeps can be changed."""
    source = Source(staff.source).label
    return f"This comes from the source “{source}” and is read-only here. Change it there."


def is_taken(error: IntegrityError) -> bool:
    """Whether something that may be there once only is there already; not any other broken rule."""
    return code_of(error) == "23505" or str(error).startswith("UNIQUE constraint failed")
