"""Worlds for tests: a connection whose lists are read through the real services, without network."""

import uuid
from collections.abc import Iterable

from audit import clock
from audit.services import Actor
from integrations.guard import Row
from integrations.models import Connection, SyncRun
from integrations.providers.base import Organisation, RemoteAccount
from integrations.providers.listing import CompleteList
from integrations.services import syncing
from jobs import services as jobs
from workspaces.models import User, Workspace

BY = Actor(kind="command", label="test")


def connection(workspace: Workspace, name: str = "Example Books", **fields: object) -> Connection:
    """An authorised connection that has not been read yet."""
    return Connection.objects.create(
        workspace=workspace,
        integration="xero",
        provider="truto",
        authorisation=Connection.Authorisation.CONNECTED,
        ref=str(uuid.uuid4()),
        organisation_id=str(uuid.uuid4()),
        organisation_name=name,
        created_at=clock.now(),
        connected_at=clock.now(),
        **fields,
    )


def row(
    name: str, email: str | None = None, level: str = "STANDARD", *, subscriber: bool = False
) -> Row:
    """A user of the product whose id follows from the name."""
    key = str(uuid.uuid5(uuid.NAMESPACE_DNS, name))
    address = email if email is not None else f"{name.lower().replace(' ', '.')}@example.test"
    return Row(key, name, address, level, subscriber)


def request(of: Connection, user: User | None = None) -> SyncRun:
    """A run that waits."""
    return syncing.request_sync(of, trigger=SyncRun.Trigger.BUTTON, user=user, by=BY)


def read(of: Connection, rows: Iterable[Row], user: User | None = None) -> SyncRun:
    """Claim a run and finish it with this complete list, as the worker does after the network."""
    run = request(of, user)
    job = jobs.claim(SyncRun, run.pk)
    assert job is not None
    jobs.extend(job, read_at=clock.now())
    accounts = tuple(
        RemoteAccount(r.id, r.name, r.email or None, r.level, r.is_subscriber) for r in rows
    )
    complete = CompleteList(accounts, ("0" * 64,))
    organisation = Organisation(of.organisation_id, of.organisation_name, None)
    syncing.finish(job, syncing.rows(complete), organisation, complete)
    of.refresh_from_db()
    job.refresh_from_db()
    return job
