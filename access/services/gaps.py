"""Stretches in which a critical system is not monitored: noted as they begin and as they end."""

import uuid
from collections.abc import Iterable
from datetime import datetime

from access.models import CriticalSystem, SystemGap


def begin(
    system: CriticalSystem, cause: SystemGap.Cause, *, at: datetime, reason: str = ""
) -> None:
    """Within an act: monitoring stops. A gap that is open already goes on."""
    SystemGap.objects.get_or_create(
        system=system,
        cause=cause,
        ended_at=None,
        defaults={"workspace_id": system.workspace_id, "began_at": at, "reason": reason},
    )


def end(system_ids: Iterable[uuid.UUID], cause: SystemGap.Cause, *, at: datetime) -> int:
    """Within an act: monitoring goes on; how many gaps ended."""
    rows = SystemGap.objects.filter(system__in=list(system_ids), cause=cause, ended_at=None)
    return rows.filter(began_at__lte=at).update(ended_at=at)
