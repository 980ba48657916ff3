"""Projects a run's complete list onto accounts and their spans; the cost follows what changed."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from access.models import Account, AccountSpan
from integrations import selectors as integrations
from integrations.catalog import CATALOG
from integrations.guard import Row
from integrations.models import Connection
from people.addresses import normalise

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
    listed = integrations.snapshot_rows(connection.snapshot)
    known = {
        each.external_id: each
        for each in Account.objects.filter(connection=connection).select_related("connection")
    }
    previous = integrations.previous_read_at(run_id, connection)
    result = Projection()
    for row in listed:
        _place(row, known.pop(row.id, None), connection, read_at, result)
    for account in known.values():
        if account.present:
            account.present, account.gone_at = False, read_at
            account.last_seen_at = previous or account.appeared_at
            result.removed.append(account)
    _write(result, uuid.UUID(run_id), read_at)
    return result


def _place(
    row: Row, account: Account | None, connection: Connection, read_at: datetime, result: Projection
) -> None:
    if account is None:
        result.added.append(_new(row, connection, read_at))
        return
    same = (row.name, row.email, row.level, row.is_subscriber)
    if account.present and same == (
        account.name,
        account.email,
        account.level,
        account.is_subscriber,
    ):
        return
    if account.email != row.email:
        result.readdressed.append(account)
    if not account.present:
        account.present, account.appeared_at = True, read_at
        account.last_seen_at = account.gone_at = None
        account.level_since = read_at
    elif account.level != row.level:
        if _gives_no_access(account.level, account.connection):
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


def _write(result: Projection, run_id: uuid.UUID, read_at: datetime) -> None:
    Account.objects.bulk_create(result.added, batch_size=500)
    touched = result.changed + result.removed
    Account.objects.bulk_create(
        touched,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=list(ACCOUNT_FIELDS),
    )
    for start in range(0, len(touched), 500):
        AccountSpan.objects.filter(
            account__in=touched[start : start + 500], ended_at__isnull=True
        ).update(ended_at=read_at, closed_by_id=run_id)
    AccountSpan.objects.bulk_create(
        _spans(result.added + result.changed, run_id, read_at), batch_size=500
    )


def _spans(
    accounts: Iterable[Account], run_id: uuid.UUID, read_at: datetime
) -> Iterable[AccountSpan]:
    return (
        AccountSpan(
            workspace_id=each.workspace_id,
            account=each,
            connection_id=each.connection_id,
            name=each.name,
            email=each.email,
            level=each.level,
            is_subscriber=each.is_subscriber,
            began_at=read_at,
            opened_by_id=run_id,
        )
        for each in accounts
    )
