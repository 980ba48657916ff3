"""What the tables say of one system's accounts, as plain rows; ids are text."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.db.models import Max, Q

from access.models import Account, CriticalSystem, Identification
from checks import facts
from people import selectors as people
from people.models import EmploymentPeriod
from workspaces import bulk
from workspaces import selectors as workspaces
from workspaces.models import User, Workspace


class AccountRow(NamedTuple):
    """A present account; the names are those of the table."""

    id: str
    name: str
    email: str
    level: str
    is_subscriber: bool
    first_seen_at: datetime
    appeared_at: datetime
    level_since: datetime


class Made(NamedTuple):
    """The present decision about an account; the names are those of the table."""

    account_id: str
    kind: str
    decided_at: datetime
    automatic: bool
    staff_id: str | None
    decided_by_id: str | None
    not_staff_kind: str
    owner_staff_id: str | None
    owner_user_id: str | None
    level: str
    ends_at: datetime | None
    reason: str


@dataclass
class Gathered:
    """Everything about the accounts of one system, by account or person."""

    accounts: list[AccountRow] = field(default_factory=list)
    decisions: dict[str, Made] = field(default_factory=dict)
    ended: dict[str, datetime] = field(default_factory=dict)  # when the last decision was withdrawn
    held: dict[str, set[str]] = field(default_factory=dict)
    shared_users: dict[str, set[str]] = field(default_factory=dict)
    past: tuple[facts.PastAccount, ...] = ()
    persons: dict[str, people.PersonRow] = field(default_factory=dict)
    users: dict[str, str] = field(default_factory=dict)  # labels
    admins: dict[str, datetime | None] = field(default_factory=dict)  # until when, by user id


def gather(system: CriticalSystem) -> Gathered:
    """Read all of it; nothing for a system that waits for its connection."""
    if system.connection is None:
        return Gathered()
    present = Account.objects.filter(connection=system.connection, present=True).order_by("id")
    every = Identification.objects.filter(account__connection=system.connection)
    current = [Made(*row) for row in bulk.read(every.filter(withdrawn_at=None), *Made._fields)]
    found = Gathered(
        accounts=[AccountRow(*row) for row in bulk.read(present, *AccountRow._fields)],
        decisions={each.account_id: each for each in current},
        ended=_ended(system),
        held=_held(system),
        shared_users=_shared_users(system),
        past=_past(system),
        users=_labels(current),
        admins=_admins(system.workspace),
    )
    wanted = _concerned(found) | _leavers(system.workspace)
    found.persons = {row.id: row for row in people.person_rows(system.workspace, wanted)}
    return found


def _labels(decisions: Iterable[Made]) -> dict[str, str]:
    ids = {key for each in decisions for key in (each.decided_by_id, each.owner_user_id) if key}
    return {str(user.pk): user.label for user in User.objects.filter(pk__in=ids)}


def _admins(workspace: Workspace) -> dict[str, datetime | None]:
    rows = workspaces.admins(workspace).values_list("user_id", "ends_at")
    return {str(user_id): ends_at for user_id, ends_at in rows}


def _concerned(found: Gathered) -> set[str]:
    """Whom decisions name: the person, or whoever answers for an account of nobody."""
    pairs = [(each.staff_id, each.owner_staff_id) for each in found.decisions.values()]
    wanted = {key for pair in pairs for key in pair if key is not None}
    named = (*found.held.values(), *found.shared_users.values())
    return wanted.union(*named, (each.person_id for each in found.past))


def _leavers(workspace: Workspace) -> set[str]:
    """Everybody with a leaving recorded: an unidentified account may be theirs."""
    rows = EmploymentPeriod.objects.filter(
        workspace=workspace, latest=True, access_ends_at__isnull=False
    )
    return {str(pk) for pk in rows.values_list("staff_id", flat=True)}


def _ended(system: CriticalSystem) -> dict[str, datetime]:
    """When the last decision that said whose a present account is was withdrawn."""
    rows = Identification.objects.filter(
        account__connection=system.connection, account__present=True, withdrawn_at__isnull=False
    ).exclude(kind=facts.DecisionKind.NOT_IDENTIFIED)
    last = rows.values("account_id").annotate(last=Max("withdrawn_at"))
    return {str(pk): at for pk, at in last.values_list("account_id", "last")}


def _held(system: CriticalSystem) -> dict[str, set[str]]:
    """Leavers whose account this was and whose release no other admin has approved yet."""
    rows = Identification.objects.filter(
        _waits_for_approval(), account__connection=system.connection
    )
    return _grouped(bulk.read(rows, "account_id", "held_for_id"))


def _waits_for_approval() -> Q:
    return Q(held_for__isnull=False, approved_at__isnull=True)


def _shared_users(system: CriticalSystem) -> dict[str, set[str]]:
    links = Identification.users.through.objects.filter(
        identification__account__connection=system.connection,
        identification__withdrawn_at__isnull=True,
    )
    return _grouped(bulk.read(links, "identification__account_id", "staffmember_id"))


def _grouped(pairs: Iterable[bulk.Row]) -> dict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for key, value in pairs:
        found[key].add(value)
    return dict(found)


def _past(system: CriticalSystem) -> tuple[facts.PastAccount, ...]:
    """Accounts that people had and that the current list no longer shows.

    A decision that was withdrawn still counts where nobody said that the account was not theirs:
    it waits for an approval, or the account's address changed.
    """
    counts = (
        Q(withdrawn_at__isnull=True)
        | _waits_for_approval()
        | Q(withdrawn_why=Identification.Why.ADDRESS, approved_at__isnull=True)
    )
    rows = Identification.objects.filter(
        counts,
        account__connection=system.connection,
        account__present=False,
        staff__isnull=False,
    ).select_related("account")
    found = {(each.account_id, each.staff_id): each.account for each in rows.order_by("decided_at")}
    return tuple(
        facts.PastAccount(
            id=str(account.id),
            name=account.label,
            person_id=str(staff_id),
            last_seen_at=account.last_seen_at or account.first_seen_at,
            gone_at=account.gone_at or account.first_seen_at,
        )
        for (_, staff_id), account in found.items()
    )
