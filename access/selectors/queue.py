"""Readings for identifying: the accounts that wait, suggestions for them, what an undo takes along."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from access.facts import name_of
from access.matching import Suggestion, is_confusable, suggestions
from access.models import Account, CriticalSystem, Identification
from access.selectors.accounts import decided
from access.selectors.likeness import people_index
from audit import clock
from checks import selectors as checks
from checks.facts import NotStaffKind
from checks.models import Task
from checks.rules import Remedy
from integrations.catalog import CATALOG
from people import selectors as people
from workspaces.models import Workspace

MOST_ALIKE = 50  # far below what one request may decide about
ENDED = (Remedy.CONFIRM_OR_REMOVE, Remedy.CHANGE_PASSWORD)


def waiting(
    workspace: Workspace, *, system: UUID | None = None, now: datetime | None = None
) -> QuerySet[Account]:
    """Present accounts under control whose owner nobody has named, or whose decision has ended.

    Sought among the tasks that are open: few, however many accounts there are.
    """
    unsolved = _asked(workspace, now or clock.now())
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
    return _asked(system.workspace, now).filter(system_id=system.pk).exists()


def number_waiting(
    workspace: Workspace, *, system: UUID | None = None, most: int, now: datetime
) -> int:
    """How many accounts are to be identified, as their tasks have it; counted to one past `most`."""
    rows = _asked(workspace, now).filter(system__removed_at__isnull=True)
    if system is not None:
        rows = rows.filter(system_id=system)
    return rows[: most + 1].count()


def _asked(workspace: Workspace, now: datetime) -> QuerySet[Task]:
    """The tasks that ask whose an account is."""
    rows = Task.objects.filter(checks.unsolved(now), workspace=workspace)
    return rows.filter(check_id="user_identified")


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
    """One account that waits: where it is, who it may be, whether its address imitates another.

    `ended` is the open task of an account whose decision has ended: it says why it is asked again.
    """

    account: Account
    system: str
    level: str
    privileged: bool
    suggestions: tuple[Likely, ...]
    flagged: bool
    ended: Task | None = None

    @property
    def best(self) -> Likely | None:
        """Who is suggested first; nobody for an account that was decided about once."""
        return self.suggestions[0] if self.suggestions and self.ended is None else None


def described(
    workspace: Workspace, accounts: Iterable[Account], now: datetime | None = None
) -> list[Waiting]:
    """These accounts with what suggests whose they are; the directory is read once."""
    rows = list(accounts)
    if not rows:
        return []
    now = now or clock.now()
    index = people_index(workspace)
    found = [suggestions(name=each.name, email=each.email, index=index) for each in rows]
    named = {each.person_id for some in found for each in some}
    standing = people.standing(workspace, now=now).filter(pk__in=named)
    known = {str(each.pk): each for each in standing} if named else {}
    again = _ended(workspace, rows, now)
    return [
        _described(
            each,
            [_likely(s, known[s.person_id]) for s in some if s.person_id in known],
            again.get(each.pk),
        )
        for each, some in zip(rows, found, strict=True)
    ]


def _ended(workspace: Workspace, accounts: Iterable[Account], now: datetime) -> dict[UUID, Task]:
    """The open tasks of those accounts whose decision has ended."""
    rows = _asked(workspace, now).filter(
        remedy__in=ENDED, subject_id__in=[each.pk for each in accounts]
    )
    return {each.subject_id: each for each in rows}


def alike(account: Account) -> list[Account]:
    """Other accounts of the same address that wait and that nobody has decided about, by name."""
    if not account.normalised_email:
        return []
    rows = waiting(account.workspace).filter(~decided(), normalised_email=account.normalised_email)
    return list(rows.exclude(pk=account.pk).order_by("name", "id")[:MOST_ALIKE])


def users_who_left(
    workspace: Workspace, accounts: Iterable[Account], now: datetime
) -> dict[UUID, list[str]]:
    """By account that is accepted as shared: who used it and has left since."""
    links = Identification.users.through.objects.filter(
        identification__account__in=[each.pk for each in accounts],
        identification__withdrawn_at__isnull=True,
        identification__not_staff_kind=NotStaffKind.SHARED,
    )
    using = list(links.values_list("identification__account", "staffmember"))
    rows = people.person_rows(workspace, {person for _, person in using}) if using else []
    ends = {UUID(row.id): (row.access_ends_at, row.name) for row in rows}
    left: dict[UUID, list[str]] = {}
    for account, person in using:
        ended, name = ends.get(person, (None, ""))
        if ended is not None and ended <= now:
            left.setdefault(account, []).append(name)
    return left


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


def _described(account: Account, likely: Iterable[Likely], ended: Task | None) -> Waiting:
    scheme = CATALOG[account.connection.integration].scheme
    system = getattr(account.connection, "criticalsystem", None)
    return Waiting(
        account=account,
        system=name_of(system) if system else account.connection.organisation_name,
        level=scheme.name(account.level),
        privileged=account.level in scheme.privileged or account.is_subscriber,
        suggestions=tuple(likely),
        flagged=bool(account.email) and is_confusable(account.email),
        ended=ended,
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
