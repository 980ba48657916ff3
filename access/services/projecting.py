"""Projects a run's complete list onto accounts and their spans; the cost follows what changed."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple

from django.db.models import QuerySet

from access.models import Account, AccountSpan
from integrations import selectors as integrations
from integrations.catalog import CATALOG
from integrations.guard import Row
from integrations.models import Connection
from people.addresses import normalise
from workspaces import bulk

ACCOUNT_FIELDS = (
    "name",
    "email",
    "normalised_email",
    "level",
    "is_subscriber",
    "present",
    "appeared_at",
    "level_since",
    "last_seen_at",
    "gone_at",
)


SPAN_FIELDS = ("name", "email", "level", "is_subscriber")


class _Shown(NamedTuple):
    """What the last list showed of an account."""

    id: str
    external_id: str
    name: str
    email: str
    level: str
    is_subscriber: bool
    present: bool


@dataclass
class Projection:
    """Accounts by what the list did to them; `readdressed` kept their id under another address."""

    added: list[Account] = field(default_factory=list)
    changed: list[Account] = field(default_factory=list)
    removed: list[Account] = field(default_factory=list)
    readdressed: list[Account] = field(default_factory=list)
    raised: list[tuple[Account, str]] = field(default_factory=list)

    @property
    def any(self) -> bool:
        return bool(self.added or self.changed or self.removed)


def project(connection: Connection, *, run_id: str, read_at: datetime) -> Projection:
    """Within an act: make the accounts of a connection what its current snapshot shows."""
    listed = {row.id: row for row in integrations.snapshot_rows(connection.snapshot)}
    known = {
        shown.external_id: shown
        for shown in map(_Shown._make, bulk.read(_accounts(connection), *_Shown._fields))
    }
    other = [each for each in known.values() if _differs(each, listed.get(each.external_id))]
    previous = integrations.previous_read_at(run_id, connection)
    result = Projection(
        added=[_new(row, connection, read_at) for key, row in listed.items() if key not in known]
    )
    for account in _loaded(connection, other):
        row = listed.get(account.external_id)
        if row is not None:
            _change(row, account, connection, read_at, result)
        else:
            account.present, account.gone_at = False, read_at
            account.last_seen_at = previous or account.appeared_at
            result.removed.append(account)
    _write(result, uuid.UUID(run_id), read_at)
    return result


def _accounts(connection: Connection) -> QuerySet[Account]:
    return Account.objects.filter(connection=connection)


def _differs(shown: _Shown, row: Row | None) -> bool:
    if row is None or not shown.present:
        return shown.present or row is not None
    its = (shown.name, shown.email, shown.level, shown.is_subscriber)
    return its != (row.name, row.email, row.level, row.is_subscriber)


def _loaded(connection: Connection, shown: Sequence[_Shown]) -> Iterator[Account]:
    """In the order of ids, as deciding locks them: whoever comes second waits, nobody deadlocks."""
    wanted = sorted(each.id for each in shown)
    for start in range(0, len(wanted), 500):
        ids = wanted[start : start + 500]
        yield from _accounts(connection).filter(pk__in=ids).order_by("pk")


def _change(
    row: Row, account: Account, connection: Connection, read_at: datetime, result: Projection
) -> None:
    if account.email != row.email:
        result.readdressed.append(account)
    if not account.present:
        account.present, account.appeared_at = True, read_at
        account.last_seen_at = account.gone_at = None
        account.level_since = read_at
    elif account.level != row.level:
        if _gives_no_access(account.level, connection):
            account.appeared_at = read_at  # a stretch at such a level is an absence
        account.level_since = read_at
        result.raised.append((account, account.level))
    _copy(row, account)
    result.changed.append(account)


def _gives_no_access(level: str, connection: Connection) -> bool:
    return level in CATALOG[connection.integration].scheme.no_access


def _new(row: Row, connection: Connection, read_at: datetime) -> Account:
    account = Account(
        workspace_id=connection.workspace_id,
        connection=connection,
        external_id=row.id,
        first_seen_at=read_at,
        appeared_at=read_at,
        level_since=read_at,
    )
    _copy(row, account)
    return account


def _copy(row: Row, account: Account) -> None:
    account.name, account.email = row.name[:300], row.email[:320]
    account.normalised_email = normalise(row.email)[:320] if row.email else ""
    account.level, account.is_subscriber = row.level[:100], row.is_subscriber


def _lock(accounts: Sequence[Account]) -> None:
    """Take the rows in the order of ids: one UPDATE of many rows would take them in any order."""
    rows = Account.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
    for start in range(0, len(accounts), 500):
        ids = [each.pk for each in accounts[start : start + 500]]
        list(rows.filter(pk__in=ids).values_list("pk"))


def _write(result: Projection, run_id: uuid.UUID, read_at: datetime) -> None:
    touched = sorted(result.changed + result.removed, key=attrgetter("pk"))
    _lock(touched)
    now = attrgetter(*ACCOUNT_FIELDS)
    bulk.create(result.added)
    bulk.update(Account, ACCOUNT_FIELDS, [(*now(each), each.pk) for each in touched])
    for start in range(0, len(touched), 500):
        AccountSpan.objects.filter(
            account__in=touched[start : start + 500], ended_at__isnull=True
        ).update(ended_at=read_at, closed_by_id=run_id)
    shown = attrgetter("workspace_id", "pk", "connection_id", *SPAN_FIELDS)
    bulk.insert(
        AccountSpan,
        (
            "id",
            "began_at",
            "opened_by_id",
            "workspace_id",
            "account_id",
            "connection_id",
            *SPAN_FIELDS,
        ),
        [(uuid.uuid4(), read_at, run_id, *shown(each)) for each in result.added + result.changed],
    )
