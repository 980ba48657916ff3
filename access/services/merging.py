"""What merged people and merged Org roles leave behind in access: accounts and rules move on."""

import uuid

from access.models import Identification, RuleEntry


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
    """Within an act: rules that list the merged Org role list the other; their levels add up."""
    for entry in RuleEntry.objects.filter(org_role=merged):
        kept = RuleEntry.objects.filter(rule=entry.rule_id, org_role=to).first()
        if kept is None:
            entry.org_role_id = to
            entry.save(update_fields=["org_role"])
            continue
        kept.levels = _union(kept.levels, entry.levels)
        kept.save(update_fields=["levels"])
        entry.delete()


def _union(one: list[str] | None, other: list[str] | None) -> list[str] | None:
    """None allows every documented level."""
    return None if one is None or other is None else sorted({*one, *other})
