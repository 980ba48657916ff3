"""Signals that are spent and attempts that ended: rows that nothing asks about any more."""

from datetime import datetime, timedelta

from integrations.models import ConnectAttempt, ProviderEvent

# Far longer than a link lives (seven days) or a signal counts (one): what happened is in the record.
KEPT = timedelta(days=30)


def forget_spent(now: datetime) -> int:
    """Delete signals and ended attempts of more than 30 days ago; returns how many.

    A signal sent once more after that is too old to be acted on.
    """
    before = now - KEPT
    waiting = ProviderEvent.objects.filter(handled_at__isnull=True, parked_why="")
    signals = ProviderEvent.objects.filter(received_at__lt=before).exclude(pk__in=waiting)
    attempts = ConnectAttempt.objects.filter(ended_at__lt=before).exclude(
        state__in=ConnectAttempt.LIVE
    )
    return signals.delete()[0] + attempts.delete()[0]
