"""What workers do for integrations: runs, the minute's look, and signals from providers."""

from celery import shared_task

from audit import clock
from audit import services as audit
from integrations import services as integrations
from integrations.models import Connection, SyncRun
from integrations.services import syncing
from jobs import looks
from jobs import services as jobs

PROVIDER = audit.Actor(kind="system", label="notice from the provider")


@shared_task
def run_sync(run_id: str) -> None:
    syncing.run(run_id)


@shared_task
def look() -> None:
    """Each minute: runs for due connections. The sweep also stands in for workers that sleep."""
    now = clock.now()
    due = Connection.objects.filter(next_sync_at__lte=now)
    looks.each(due.select_related("workspace").order_by("next_sync_at")[:1000], _ask_for_run)
    jobs.sweep(SyncRun)
    _reconcile()


def _ask_for_run(connection: Connection) -> None:
    slot = f"due:{connection.next_sync_at}"
    syncing.request_sync(connection, trigger=SyncRun.Trigger.SCHEDULE, slot=slot, by=syncing.SYSTEM)


def _reconcile() -> None:
    """What a lost webhook, a closed browser or an unreachable provider left undone."""
    integrations.handle_waiting(by=PROVIDER)
    integrations.look_at_live(by=PROVIDER)
    integrations.look_at_troubled(by=PROVIDER)
    integrations.look_for_unclaimed(by=PROVIDER)
    integrations.revoke_pending()


@shared_task
def revoke(revocation_id: str) -> None:
    integrations.revoke(revocation_id)


@shared_task
def handle_event(event_id: str) -> None:
    integrations.handle(event_id, by=PROVIDER)


@shared_task
def forget_spent() -> None:
    """Each hour."""
    integrations.forget_spent(clock.now())
