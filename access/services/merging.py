"""What merged people and merged Org roles leave behind in access: accounts and rules move on."""

import uuid
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.db.models import Q

from access.facts import product_of
from access.models import AccessRule, Account, CriticalSystem, Identification
from access.services.rules import describe
from audit import services as audit
from checks import selectors as checks
from checks.models import Task
from integrations.catalog import CATALOG
from people import selectors as people
from people.models import StaffMember
from people.services import Problem


def refuse_freeing(
    staff_ids: Iterable[uuid.UUID], *, ended: Mapping[str, datetime | None], to: uuid.UUID
) -> None:
    """Within an act: a merge must not end what is still to be done about somebody who left.

    `ended` are the ends of access before the merge, by person; `to` is who remains. Raises Problem
    unless they keep the leaver's end, so that the task goes on as theirs.
    """
    survivor = StaffMember.objects.select_related("workspace").get(pk=to)
    (row,) = people.person_rows(survivor.workspace, [to])
    for leaver in StaffMember.objects.filter(pk__in=staff_ids).order_by("pk"):
        end = ended[str(leaver.pk)]
        if end is not None and end != row.access_ends_at and (where := _open_for(leaver)):
            raise Problem(
                "duplicate",
                f"{leaver.name} is recorded as leaving, and {where} is still to be removed, or not"
                " proved to be gone. This merge would end that without anybody having looked."
                f" Remove the access first, or reinstate {leaver.name} if they work here;"
                " nothing was changed.",
            )


def _open_for(leaver: StaffMember) -> str:
    """What a leaver may still open, in words; empty where nothing is open."""
    tasks = Task.objects.filter(
        checks.unsolved(audit.current().now),
        workspace=leaver.workspace_id,
        check_id="offboarded_access_removed",
        subject_id=leaver.pk,
    )
    if task := tasks.select_related("system").order_by("system__name").first():
        return f"their access to {task.system.name}"
    mine = Q(identifications__staff=leaver, identifications__withdrawn_at__isnull=True)
    held = Q(identifications__held_for=leaver, identifications__approved_at__isnull=True)
    no_access = {level for each in CATALOG.values() for level in each.scheme.no_access}
    accounts = Account.objects.filter(mine | held, workspace=leaver.workspace_id, present=True)
    account = accounts.exclude(level__in=no_access).order_by("id").first()
    return f"their account {account.label}" if account else ""


def hand_over_accounts(duplicate: uuid.UUID, *, to: uuid.UUID) -> None:
    """Within an act: every decision that names the duplicate names the survivor, history too.

    An address seen on two ids of one person would otherwise keep its accounts from matching.
    """
    for field in ("staff", "owner_staff", "held_for"):
        Identification.objects.filter(**{field: duplicate}).update(**{f"{field}_id": to})
    links = Identification.users.through.objects.filter(staffmember=duplicate)
    already = Identification.users.through.objects.filter(staffmember=to)
    links.filter(identification__in=list(already.values_list("identification", flat=True))).delete()
    links.update(staffmember_id=to)


def hand_over_rules(merged: uuid.UUID, *, to: uuid.UUID) -> None:
    """Within an act: rules that list the merged Org role list the other; their levels add up.

    That changes the rule, so it counts as saved now: who was too wide before was so until now.
    """
    now = audit.current().now
    systems = CriticalSystem.objects.select_for_update(of=("self",), no_key=True)
    list(systems.filter(rule__entries__org_role=merged).order_by("pk"))  # as saving a rule does
    for rule in AccessRule.objects.filter(entries__org_role=merged).order_by("pk"):
        before = describe(rule)
        _hand_over(rule, merged, to)
        rule.saved_at, rule.saved_by = now, None
        rule.save(update_fields=["saved_at", "saved_by"])
        key = f"system:{rule.pk}"
        audit.record("rule.saved", subject=key, touched={key}, before=before, after=describe(rule))


def _hand_over(rule: AccessRule, merged: uuid.UUID, to: uuid.UUID) -> None:
    entry = rule.entries.get(org_role=merged)
    kept = rule.entries.filter(org_role=to).first()
    if kept is None:
        entry.org_role_id = to
        entry.save(update_fields=["org_role"])
        return
    kept.levels = _union(kept.levels, entry.levels, product_of(rule.system).scheme.grantable)
    kept.save(update_fields=["levels"])
    entry.delete()


def _union(
    one: list[str] | None, other: list[str] | None, documented: Collection[str]
) -> list[str] | None:
    """None allows every documented level, and says so of later ones; a text ticked beside stays."""
    if one is None or other is None:
        beside = {*(one or ()), *(other or ())} - {*documented}
        return sorted({*documented, *beside}) if beside else None
    return sorted({*one, *other})
