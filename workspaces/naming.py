"""What the ids in the record are called today, and where they are shown: each app names its own."""

import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Expression, F, Model, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce, NullIf
from django.urls import reverse

from workspaces.models import User, Workspace


@dataclass(frozen=True)
class Name:
    """Words for a thing, and the address of its page, "" where it has none."""

    words: str
    url: str = ""


@dataclass(frozen=True)
class Kind:
    """Things that ids stand for; `label` is an expression of the database, `route` takes the id."""

    rows: Callable[[Workspace], QuerySet[Any]]
    label: Expression | F
    route: str = ""


KINDS: dict[str, Kind] = {}
# Subjects that are no rows: (words, route, its arguments).
FIXED: dict[str, tuple[str, str, tuple[str, ...]]] = {}


def of(model: type[Model]) -> Callable[[Workspace], QuerySet[Any]]:
    """The rows of a model that hang on a workspace."""
    return lambda workspace: model._default_manager.filter(workspace=workspace)


def first_of(*fields: str) -> Expression:
    """The first of these texts that is not empty."""
    return Coalesce(*(NullIf(F(each), Value("")) for each in fields), Value(""))


def names(workspace: Workspace, ids: Collection[uuid.UUID]) -> dict[str, Name]:
    """What of these ids belongs to the workspace, by id as text; one query for any number."""
    if not ids:
        return {}
    lists = [_labelled(name, kind, workspace, ids) for name, kind in KINDS.items()]
    found = lists[0].union(*lists[1:], all=True)
    return {str(pk): _name(pk, words, KINDS[name]) for pk, words, name in found if words}


def _labelled(
    name: str, kind: Kind, workspace: Workspace, ids: Collection[uuid.UUID]
) -> QuerySet[Any]:
    text = TextField()
    rows = kind.rows(workspace).filter(pk__in=ids).order_by()
    return rows.values_list("pk", Cast(kind.label, text), Cast(Value(name), text))


def _name(pk: uuid.UUID, words: str, kind: Kind) -> Name:
    return Name(words, reverse(kind.route, args=[pk]) if kind.route else "")


def fixed() -> dict[str, Name]:
    """Subjects that are the same in every workspace."""
    return {
        subject: Name(words, reverse(route, args=args))
        for subject, (words, route, args) in FIXED.items()
    }


KINDS["user"] = Kind(
    lambda workspace: User.objects.filter(memberships__workspace=workspace),
    first_of("name", "email"),
)
