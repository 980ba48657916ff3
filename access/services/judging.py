"""Judges critical systems when their facts changed, each behind its own savepoint."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import F

from access import facts
from access.models import Account, CriticalSystem
from audit import services as audit
from checks import selectors as checks_selectors
from checks import services as checks
from checks.facts import SystemFacts
from checks.models import JudgedSystem
from checks.rules import Remedy, Verdict
from checks.rules.user_identified import holder_id
from integrations import selectors as integrations
from integrations import services as integration_services
from people import selectors as people
from workspaces.models import Workspace

log = structlog.get_logger(__name__)

TO_REMOVE = frozenset({Remedy.REMOVE_ACCESS, Remedy.REVOKE, Remedy.CONFIRM_OR_REMOVE})


def judge_systems(system_ids: Iterable[uuid.UUID], *, now: datetime) -> None:
    """Within an act: say that facts changed, then judge. A failure leaves *not judged*, never green."""
    ids = sorted(set(system_ids))
    checks.touch(ids, now=now)
    for system_id in ids:
        try:
            with transaction.atomic():
                _judge(system_id, now)
        except Exception:
            # A fault in judging must not undo the fact that was just recorded.
            log.exception("judging failed, to be tried again", system=str(system_id))


def _judge(system_id: uuid.UUID, now: datetime) -> None:
    judged = JudgedSystem.objects.select_for_update(no_key=True).get(pk=system_id)
    system = CriticalSystem.objects.select_related("connection", "workspace").get(pk=system_id)
    if system.removed_at is not None:
        checks.pause(judged, now=now)
        if system.connection is not None:  # nobody is asked for anything here any more
            integration_services.expect_removals(system.connection, external_ids=[])
        return
    stated = facts.system_facts(system, now=now)
    connection = system.connection
    holders = {account.id: holder_id(account) for account in stated.accounts}
    kinds = checks.judge(
        judged,
        stated,
        now=now,
        stale_at=_stale_at(system),
        fix=lambda verdict: fix(verdict, system, holders),
        owner_id=system.owner_id,
    )
    if connection is not None:
        integration_services.expect_removals(
            connection, external_ids=_asked_to_remove(judged, system, stated, now)
        )
    if kinds:
        audit.record("system.judged", subject=f"system:{system_id}", changes=kinds)


def _asked_to_remove(
    judged: JudgedSystem, system: CriticalSystem, stated: SystemFacts, now: datetime
) -> list[str]:
    """External ids of accounts that an open task asks to remove."""
    accepted = judged.tasks.filter(accepted_until__gt=now).values_list("subject_id", flat=True)
    gone = {person.id for person in stated.people if person.has_left(now)}
    gone -= {str(pk) for pk in accepted}  # their access may stay for a while
    leaving = {
        account.id
        for account in stated.accounts
        if (account.decision and account.decision.person_id in gone)
        or account.still_held_for & gone
    }
    asked = judged.tasks.filter(
        checks_selectors.unsolved(now), remedy__in=TO_REMOVE, subject_kind="account"
    ).exclude(accepted_until__gt=now)
    ids = leaving | {str(pk) for pk in asked.values_list("subject_id", flat=True)}
    rows = Account.objects.filter(connection=system.connection, pk__in=ids, present=True)
    return list(rows.values_list("external_id", flat=True))


def read_again(system: CriticalSystem, *, now: datetime) -> None:
    """Within an act: the same list was read once more. Verdicts stand, their ground is younger."""
    judged = JudgedSystem.objects.select_for_update(no_key=True).get(pk=system.pk)
    connection = system.connection
    waits_for_list = judged.tasks.filter(
        checks_selectors.unsolved(now), check_id="offboarded_access_removed"
    )
    if (
        connection is None
        or judged.judged_version < judged.facts_version
        or waits_for_list.exists()
        or checks.waits(judged, "offboarded_access_removed")
        or (judged.next_change_at is not None and judged.next_change_at <= now)
    ):
        judge_systems([system.pk], now=now)
        return
    checks.refresh(judged, read_at=connection.read_at, stale_at=_stale_at(system), now=now)


def renew(workspace: Workspace, *, now: datetime) -> None:
    """Within an act: the staff list was confirmed. What rests on it does so for longer."""
    systems = CriticalSystem.objects.filter(workspace=workspace, removed_at__isnull=True)
    for system in systems.select_related("connection", "workspace").order_by("pk"):
        read_again(system, now=now)


def _stale_at(system: CriticalSystem) -> datetime | None:
    """When the older of the two lists, of users and of staff, is too old; None without the first."""
    if system.connection is None:
        return None
    ends = (integrations.stale_at(system.connection), people.list_stale_at(system.workspace))
    return None if ends[0] is None else min(each for each in ends if each is not None)


def due_systems(now: datetime) -> list[CriticalSystem]:
    """Systems that the clock alone changes, or whose judging failed: for the minute's look."""
    changed = JudgedSystem.objects.filter(next_change_at__lte=now, removed_at__isnull=True)
    failed = JudgedSystem.objects.filter(
        judged_version__lt=F("facts_version"), removed_at__isnull=True
    )
    ids = changed.values("pk").union(failed.values("pk"))
    rows = CriticalSystem.objects.filter(pk__in=ids).select_related("workspace", "connection")
    return list(rows.order_by("pk")[:500])


IDENTIFY = frozenset({Remedy.IDENTIFY, Remedy.CONFIRM_OR_REMOVE, Remedy.CHANGE_PASSWORD})
BY_RULE = frozenset({Remedy.CONFIGURE_RULE, Remedy.REVOKE, Remedy.DOWNGRADE, Remedy.CHANGE})


def fix(
    verdict: Verdict, system: CriticalSystem, holders: Mapping[str, str | None]
) -> tuple[str, dict[str, str]]:
    """Where "Fix it" leads: the very place that solves it. `holders`: accounts to their people."""
    whole = str(system.pk)
    person = holders.get(verdict.subject_id)
    if verdict.remedy is Remedy.GIVE_ORG_ROLE and person is not None:
        return "people:edit", {"pk": person}
    if verdict.remedy in BY_RULE:
        return "access:rule", {"pk": whole}
    if verdict.remedy is Remedy.WAIT_FOR_LIST and system.connection_id is not None:
        return "integrations:connection", {"connection_id": str(system.connection_id)}
    identify = verdict.remedy in IDENTIFY
    if verdict.subject_kind == "account":
        return f"access:{'identify' if identify else 'account'}", {"pk": verdict.subject_id}
    if verdict.subject_kind == "person" and not identify:
        return "access:staff", {"pk": verdict.subject_id}
    return f"access:{'users' if identify else 'system'}", {"pk": whole}
