"""Judging one system: its facts in, what changed written, and when to look again."""

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Case, F, Min, Q, Value, When

from checks import rules
from checks.facts import SystemFacts
from checks.models import CheckResult, JudgedSystem
from checks.services import comparing, evaluating
from checks.services.writing import Fix, Writer


def touch(system_ids: Iterable[uuid.UUID], *, now: datetime) -> None:
    """Say that facts of these systems changed: until they are judged nothing there is green."""
    first = When(judged_version=F("facts_version"), then=Value(now))
    JudgedSystem.objects.filter(id__in=list(system_ids)).update(
        facts_version=F("facts_version") + 1,
        unjudged_since=Case(first, default=F("unjudged_since")),
    )


def judge(
    system: JudgedSystem,
    facts: SystemFacts,
    *,
    now: datetime,
    stale_at: datetime | None,
    fix: Fix,
    owner_id: uuid.UUID | None,
) -> dict[str, int]:
    """Judge one locked system and write what changed; returns how many tasks changed, by kind.

    The caller holds the row lock of `system`, taken before it read the facts.
    """
    judgements = rules.judge(facts, now)
    prints = rules.fingerprints(judgements)
    known = comparing.stored(system)
    changed, gone = comparing.compare(judgements, prints, known, now)
    kinds: dict[str, int] = {}
    if changed or gone or system.judged_at is None:
        verdicts = rules.verdicts_digest(judgements, prints)
        evaluation = evaluating.keep(system, facts, verdicts, now)
        writer = Writer(system, facts, evaluation, now, fix, owner_id)
        kinds = writer.write(changed, gone, known)
    evaluating.write_results(system, judgements, now)
    mark_judged(system, facts, now=now, stale_at=stale_at)
    return kinds


def mark_judged(
    system: JudgedSystem, facts: SystemFacts, *, now: datetime, stale_at: datetime | None
) -> None:
    """Note what was judged, and when the clock alone changes something next."""
    system.name = facts.system_name
    system.judged_version = system.facts_version
    system.judged_at, system.unjudged_since = now, None
    refresh(
        system,
        read_at=facts.user_list.read_at if facts.user_list else None,
        stale_at=stale_at,
        now=now,
        also=("name", "judged_version", "judged_at", "unjudged_since"),
    )


def refresh(
    system: JudgedSystem,
    *,
    read_at: datetime | None,
    stale_at: datetime | None,
    now: datetime,
    also: tuple[str, ...] = (),
) -> None:
    """The same list was read again: verdicts stand, their ground is younger."""
    system.read_at, system.stale_at = read_at, stale_at
    system.next_change_at = _next_change(system, now)
    system.save(update_fields=["read_at", "stale_at", "next_change_at", *also])


def _next_change(system: JudgedSystem, now: datetime) -> datetime | None:
    live = Q(closed_at__isnull=True) | Q(closed_at__gt=now)
    names = ("opens_at", "critical_at", "due_at", "lapses_at", "accepted_until", "closed_at")
    ahead = {name: Min(name, filter=Q(**{f"{name}__gt": now})) for name in names}
    found = system.tasks.filter(live).aggregate(**ahead)
    stale_at = system.stale_at if system.stale_at and system.stale_at > now else None
    return min((at for at in (*found.values(), stale_at) if at is not None), default=None)


def waits(system: JudgedSystem, check_id: str) -> bool:
    """Whether the check as a whole had subjects last time that only a later list can judge."""
    rows = CheckResult.objects.filter(system=system, check_id=check_id, judged__gt=0)
    return rows.exclude(waiting_for="").exists()


def pause(system: JudgedSystem, *, now: datetime) -> None:
    """A removed system is judged no more; its open tasks stay as they are, nothing is green."""
    system.judged_version, system.judged_at = system.facts_version, now
    system.unjudged_since = system.next_change_at = None
    system.save(update_fields=["judged_version", "judged_at", "unjudged_since", "next_change_at"])
