"""Asking for a run of a connection; two who ask at once get the same one."""

import uuid

from audit import services as audit
from integrations.models import Connection, SyncRun
from integrations.services.syncing import marking
from jobs import services as jobs
from jobs.models import State
from people.services import Problem
from workspaces.models import User


def request_sync(
    connection: Connection,
    *,
    trigger: SyncRun.Trigger,
    user: User | None = None,
    slot: str = "",
    by: audit.Actor,
) -> SyncRun:
    """A run of this connection: the one that waits or reads already, else a new one, rung.

    Raises Problem for a connection that was disconnected: nothing can be read with it.
    """
    with audit.act(connection.workspace, by=by) as act:
        # The lock makes two clicks one run.
        connection = Connection.objects.select_for_update(of=("self",), no_key=True).get(
            pk=connection.pk
        )
        if connection.ref is None:
            raise Problem("", "This connection was disconnected. Reconnect it first.")
        live = [State.PENDING, State.RUNNING]
        waiting = connection.runs.filter(state__in=live, generation=connection.generation)
        run = waiting.first() or connection.runs.filter(slot=slot).exclude(slot="").first()
        if run is None:
            run = SyncRun.objects.create(
                workspace=connection.workspace,
                connection=connection,
                generation=connection.generation,
                slot=slot or uuid.uuid4().hex,
                trigger=trigger,
                requested_by=user,
                asked_by=[str(user.pk)] if user else [],
                created_at=act.now,
                step="Waiting for its turn",
            )
            if trigger != SyncRun.Trigger.SCHEDULE:
                marking.record("sync.requested", connection, run=str(run.id), trigger=str(trigger))
            jobs.ring(run)
        elif user is not None and str(user.pk) not in run.asked_by:
            run.asked_by = [*run.asked_by, str(user.pk)]
            run.save(update_fields=["asked_by"])
    return run
