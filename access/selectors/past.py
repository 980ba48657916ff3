"""Readings of the past: who had access to a system at an instant, and whose accounts these were."""

from datetime import datetime

from django.db.models import Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce

from access.models import AccountSpan, CriticalSystem, Identification


def spans_at(system: CriticalSystem, at: datetime, *, search: str = "") -> QuerySet[AccountSpan]:
    """The accounts that were there at `at`, as they were; each account with `current`, what had
    been decided about it by then (in a list)."""
    if system.connection_id is None:
        return AccountSpan.objects.none()
    lasting = Q(ended_at__isnull=True) | Q(ended_at__gt=at)
    rows = AccountSpan.objects.filter(lasting, connection_id=system.connection_id)
    # Wrapped, so that no index of beginnings is chosen over the one that gives a page its order.
    rows = rows.alias(start=Coalesce("began_at", "began_at")).filter(start__lte=at)
    if search := search.strip():
        rows = rows.filter(Q(name__icontains=search) | Q(email__icontains=search))
    known = Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=at)
    decided = Identification.objects.filter(known, decided_at__lte=at)
    decisions = decided.select_related("staff").order_by("-decided_at")
    return rows.select_related("account").prefetch_related(
        Prefetch("account__identifications", queryset=decisions, to_attr="current")
    )
