"""How the authorisation of a connection stands, asked of the provider."""

from audit import services as audit
from integrations.models import Connection, SyncRun
from integrations.providers.base import Gone
from integrations.providing import provider
from integrations.services.syncing import marking
from integrations.services.syncing.requesting import request_sync


def check_authorisation(connection: Connection, *, by: audit.Actor = marking.SYSTEM) -> None:
    """Ask the provider how the authorisation stands and note what a person has to know.

    Raises ProviderError when it could not be asked; nothing is noted then.
    """
    if connection.ref is None:
        return
    status, words = _remote_status(connection)
    with audit.act(connection.workspace, by=by) as act:
        row = Connection.objects.select_for_update(of=("self",), no_key=True).get(pk=connection.pk)
        if row.generation != connection.generation:
            return
        kinds = Connection.Authorisation
        if status == "needs_reauth" and row.authorisation == kinds.CONNECTED:
            row.trouble = words
            row.save(update_fields=["trouble"])
            marking.mark_needs_reconnect(row, now=act.now)
        elif status == "active" and row.authorisation == kinds.NEEDS_RECONNECT:
            # The account may call itself active while reading is refused: only a run proves it.
            request_sync(row, trigger=SyncRun.Trigger.WEBHOOK, by=by)


def _remote_status(connection: Connection) -> tuple[str, str]:
    try:
        with provider(connection.integration, ref=connection.ref) as source:
            found = source.connection(str(connection.ref))
    except Gone:
        return "needs_reauth", "Truto no longer knows this connection. Choose “Reconnect”."
    return found.status, "Xero no longer accepts the authorisation. Choose “Reconnect”."
