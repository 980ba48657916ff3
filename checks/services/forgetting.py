"""Files without a special case: a request that failed at the last moment leaves one behind."""

from datetime import datetime, timedelta

from checks import attachments
from checks.models import SpecialCase

KEPT = timedelta(days=30)  # far longer than a request takes, so that none is on its way


def forget_attachments(now: datetime) -> int:
    """Remove files that nobody sent for 30 days and no special case names; returns how many."""
    before = now - KEPT
    old = set(attachments.older(before))
    named = SpecialCase.objects.exclude(file_digest="").values_list("file_digest", flat=True)
    orphans = old.difference(named.iterator(2000)) if old else old
    return sum(attachments.discard(name, before) for name in orphans)
