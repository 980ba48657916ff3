"""Which of the accounts at the provider an attempt led to."""

from django.conf import settings

from integrations.models import ConnectAttempt, Connection, Revocation
from integrations.providers.base import RemoteConnection
from integrations.services import attempts


def account(attempt: ConnectAttempt, found: list[RemoteConnection]) -> RemoteConnection | None:
    """The one account that this attempt led to: by its nonce, else the only one it can be."""
    free = [one for one in found if _may_be(attempt, one)]
    named = [one for one in free if one.nonce == attempt.nonce]
    fitting = named or [one for one in free if one.nonce is None and _only(attempt, one)]
    return fitting[0] if len(fitting) == 1 else None


def _may_be(attempt: ConnectAttempt, one: RemoteConnection) -> bool:
    """Tenant and product fit, and the account is neither another connection's nor given up."""
    if one.tenant_id != str(attempt.workspace_id) or one.integration != attempt.integration:
        return False
    if one.is_sandbox and not settings.SANDBOX:
        return False
    holder = Connection.objects.filter(ref=one.ref).values_list("pk", flat=True).first()
    if holder not in (None, attempt.connection_id):
        return False
    return not Revocation.objects.filter(ref=one.ref).exists()


def _only(attempt: ConnectAttempt, one: RemoteConnection) -> bool:
    """Where the provider echoes no nonce: the attempt's own account, or new while no other waits.

    The own one counts once it changed during the attempt, and not for a refusal: before anybody
    has allowed access it stands there as it did, and only its nonce could tell whose doing it is.
    """
    if attempt.connection and attempt.connection.ref:
        changed = one.updated_at is not None and one.updated_at > attempt.created_at
        return one.ref == attempt.connection.ref and changed and one.status != "needs_reauth"
    rivals = attempts.live(attempt.workspace).filter(integration=attempt.integration)
    return one.ref not in attempt.known_refs and not rivals.exclude(pk=attempt.pk).exists()
