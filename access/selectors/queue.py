"""Readings for identifying: the accounts that wait, suggestions for them, what an undo takes along."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from access.facts import candidates, name_of
from access.matching import PeopleIndex, Suggestion, is_confusable, suggestions
from access.models import Account, CriticalSystem, Identification
from access.selectors.accounts import decided
from audit import clock
from audit import selectors as audit
from checks import selectors as checks
from checks.models import Task
from checks.rules import Remedy
from integrations.catalog import CATALOG
from people import selectors as people
from workspaces.models import Workspace

ENDED = (Remedy.CONFIRM_OR_REMOVE, Remedy.CHANGE_PASSWORD)


def waiting(
    workspace: Workspace, *, system: UUID | None = None, now: datetime | None = None
) -> QuerySet[Account]:
    """Present accounts under control whose owner nobody has named, or whose decision has ended.

    Sought among the tasks that are open: few, however many accounts there are.
    """
    unsolved = Task.objects.filter(
        checks.unsolved(now or clock.now()), workspace=workspace, check_id="user_identified"
    )
    ended = unsolved.filter(remedy__in=ENDED)
    systems = CriticalSystem.objects.filter(workspace=workspace, removed_at__isnull=True)
    if system is not None:
        systems = systems.filter(pk=system)
    no_access = {level for each in CATALOG.values() for level in each.scheme.no_access}
    rows = Account.objects.filter(
        ~decided() | Q(pk__in=ended.values("subject_id")),
        pk__in=unsolved.values("subject_id"),
        workspace=workspace,
        present=True,
        connection__in=systems.filter(connection__isnull=False).values("connection"),
    )
    return rows.exclude(level__in=no_access).select_related("connection__criticalsystem")


def any_waits(system: CriticalSystem, now: datetime) -> bool:
    """Whether anything is to be identified in this system, as its tasks have it."""
    rows = Task.objects.filter(checks.unsolved(now), workspace=system.workspace_id)
    return rows.filter(check_id="user_identified", system_id=system.pk).exists()


def neighbours(rows: QuerySet[Account], account: Account) -> tuple[Account | None, Account | None]:
    """The accounts of `rows` before and after `account`, by name; it need not be one of them."""
    after = Q(name__gt=account.name) | Q(name=account.name, id__gt=account.pk)
    before = Q(name__lt=account.name) | Q(name=account.name, id__lt=account.pk)
    return (
        rows.filter(before).order_by("-name", "-id").first(),
        rows.filter(after).order_by("name", "id").first(),
    )


@dataclass(frozen=True)
class Likely:
    """Somebody whose account it may be, with what tells them from another of that name."""

    person_id: str
    name: str
    email: str
    status: str
    last_day: date | None
    reason: str


@dataclass(frozen=True)
class Waiting:
    """One account that waits: where it is, who it may be, whether its address imitates another."""

    account: Account
    system: str
    level: str
    privileged: bool
    suggestions: tuple[Likely, ...]
    flagged: bool

    @property
    def best(self) -> Likely | None:
        return self.suggestions[0] if self.suggestions else None


def described(workspace: Workspace, accounts: Iterable[Account]) -> list[Waiting]:
    """These accounts with what suggests whose they are; the directory is read once."""
    rows = list(accounts)
    if not rows:
        return []
    index = _index(workspace.pk, audit.last_seq(workspace.pk, "staff."))
    found = [suggestions(name=each.name, email=each.email, index=index) for each in rows]
    named = {each.person_id for some in found for each in some}
    standing = people.standing(workspace, now=clock.now()).filter(pk__in=named)
    known = {str(each.pk): each for each in standing} if named else {}
    return [
        _described(each, [_likely(s, known[s.person_id]) for s in some if s.person_id in known])
        for each, some in zip(rows, found, strict=True)
    ]


@lru_cache(maxsize=2)
def _index(workspace_id: UUID, version: int) -> PeopleIndex:
    """The directory for suggestions. No change of it goes unrecorded, so the record is its version.

    Kept because somebody who works through many accounts asks for it at every step.
    """
    return PeopleIndex(candidates(Workspace(pk=workspace_id)))


def suggested(
    workspace: Workspace, accounts: Iterable[Account], chosen: Mapping[UUID, UUID]
) -> list[tuple[Waiting, Likely]]:
    """Of the chosen (account, person) those that the matching really suggests, with the reason."""
    rows = described(workspace, [each for each in accounts if each.pk in chosen])
    return [
        (row, each)
        for row in rows
        for each in row.suggestions
        if each.person_id == str(chosen[row.account.pk])
    ]


def _likely(suggestion: Suggestion, person: Any) -> Likely:
    return Likely(
        person_id=suggestion.person_id,
        name=suggestion.name,
        email=person.email or person.external_id,
        status=person.status,
        last_day=person.last_day,
        reason=suggestion.reason,
    )


def _described(account: Account, likely: Iterable[Likely]) -> Waiting:
    scheme = CATALOG[account.connection.integration].scheme
    system = getattr(account.connection, "criticalsystem", None)
    return Waiting(
        account=account,
        system=name_of(system) if system else account.connection.organisation_name,
        level=scheme.name(account.level),
        privileged=account.level in scheme.privileged or account.is_subscriber,
        suggestions=tuple(likely),
        flagged=bool(account.email) and is_confusable(account.email),
    )


@dataclass(frozen=True)
class Resting:
    """What an undo takes along: the alias that the decision brought, the accounts matched by it."""

    alias: str
    accounts: tuple[Account, ...]


def resting_on(decision: Identification) -> Resting:
    alias = decision.brought
    if alias is None or alias.until is not None or decision.staff_id is None:
        return Resting("", ())
    rows = Identification.resting_on(decision.workspace, decision.staff_id, [alias.normalised])
    others = rows.exclude(account=decision.account_id).select_related("account__connection")
    return Resting(alias.address, tuple(each.account for each in others[:200]))


def is_leaver(decision: Identification) -> bool:
    """Whether the decision names somebody who has left or is about to."""
    if decision.staff_id is None:
        return False
    rows = people.person_rows(decision.workspace, [decision.staff_id])
    return any(row.access_ends_at is not None for row in rows)


def history(account: Account) -> QuerySet[Any]:
    """Every decision about an account, the latest first, with all who had a part in it."""
    rows = account.identifications.select_related(
        "staff",
        "decided_by",
        "withdrawn_by",
        "approved_by",
        "owner_staff",
        "owner_user",
        "held_for",
    )
    return rows.prefetch_related("users").order_by("-decided_at", "-id")
