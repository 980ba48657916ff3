"""Saving the access rule ("Access monitoring") of a critical system."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from access import selectors
from access.facts import product_of
from access.models import AccessRule, CriticalSystem, RuleEntry
from audit import services as audit
from checks.facts import RuleMode
from people.models import OrgRole
from people.services import Problem
from workspaces.models import User
from workspaces.overlapping import refuse_overlap, version_of


@dataclass(frozen=True)
class RoleLevels:
    """One Org role and the levels it may have; None is any documented one."""

    org_role: OrgRole
    levels: frozenset[str] | None = None


def save_rule(
    system: CriticalSystem,
    *,
    mode: str,
    levels: Iterable[str] | None = None,
    roles: Sequence[RoleLevels] = (),
    seen: str | None = None,
    user: User | None,
    by: audit.Actor,
) -> AccessRule:
    """Replace the rule whole; `seen` is the `rule_version` that was chosen from.

    Raises Problem for one that could allow nobody, for a removed system, and where somebody else
    saved another one meanwhile.
    """
    chosen = None if levels is None else frozenset(levels)
    refuse(system, mode, chosen, roles)
    allowed = None if chosen is None else sorted(chosen)
    with audit.act(system.workspace, by=by) as act:
        saved = _held(system)
        before = describe(saved)
        refuse_overlap(seen, version_of(before), who=_saver(saved))
        rule, _ = AccessRule.objects.update_or_create(
            system=system,
            defaults={
                "workspace": system.workspace,
                "mode": mode,
                "levels": allowed if mode == RuleMode.ALL_STAFF else None,
                "saved_at": act.now,
                "saved_by": user,
            },
        )
        rule.entries.all().delete()
        if mode == RuleMode.ROLE_BASED:
            RuleEntry.objects.bulk_create(
                RuleEntry(
                    rule=rule,
                    org_role=each.org_role,
                    levels=None if each.levels is None else sorted(each.levels),
                )
                for each in roles
            )
        key = f"system:{system.id}"
        audit.record("rule.saved", subject=key, touched={key}, before=before, after=describe(rule))
    return rule


def _held(system: CriticalSystem) -> AccessRule | None:
    """The rule, while nobody else can save one; only of a system that is under control."""
    rows = CriticalSystem.objects.select_for_update(of=("self",), no_key=True)
    if rows.get(pk=system.pk).removed_at is not None:
        raise Problem(
            "",
            "This system is removed, so no rule judges it. Add it again first; nothing was saved.",
        )
    return AccessRule.objects.filter(system=system).select_related("saved_by").first()


def _saver(rule: AccessRule | None) -> str:
    return rule.saved_by.label if rule is not None and rule.saved_by is not None else ""


def rule_version(system: CriticalSystem) -> str:
    """Names the rule that stands, or that there is none."""
    return version_of(describe(AccessRule.objects.filter(system=system).first()))


def add_org_role(
    system: CriticalSystem, *, org_role: OrgRole, user: User | None, by: audit.Actor
) -> AccessRule:
    """List one more Org role, with every documented level until somebody narrows it.

    Raises Problem for one that is listed already, and for a rule that allows all staff.
    """
    with audit.act(system.workspace, by=by):
        rule = _held(system)
        if rule is not None and rule.mode == RuleMode.ALL_STAFF:
            raise Problem("org_role", "The rule allows all staff, so that no Org role is needed.")
        entries = rule.entries.select_related("org_role") if rule else []
        kept = [
            RoleLevels(each.org_role, None if each.levels is None else frozenset(each.levels))
            for each in entries
        ]
        if org_role in [each.org_role for each in kept]:
            words = f"{org_role.name} is listed already. Edit the rule to change what it allows."
            raise Problem("org_role", f"{words} Nothing was changed.")
        roles = [*kept, RoleLevels(org_role)]
        return save_rule(system, mode=RuleMode.ROLE_BASED, roles=roles, user=user, by=by)


def refuse(
    system: CriticalSystem,
    mode: str,
    allowed: frozenset[str] | None,
    roles: Sequence[RoleLevels],
) -> None:
    """Raise Problem for a rule that could allow nobody, or that names what is not there."""
    if mode not in {each.value for each in RuleMode}:
        raise Problem("mode", "Choose “All staff” or “Role based”.")
    sets = [allowed] if mode == RuleMode.ALL_STAFF else [each.levels for each in roles]
    if not sets:
        raise Problem("roles", "Add at least one Org role, or choose “All staff”.")
    if frozenset() in sets:
        raise Problem("levels", "Tick at least one Xero role, or choose “Any documented role”.")
    _refuse_roles(system, [each.org_role for each in roles])
    _refuse_levels(system, frozenset().union(*(each for each in sets if each is not None)))


def _refuse_roles(system: CriticalSystem, roles: list[OrgRole]) -> None:
    if any(role.workspace_id != system.workspace_id for role in roles):
        raise Problem("roles", "Choose Org roles of this workspace.")
    if len({role.pk for role in roles}) != len(roles):
        raise Problem("roles", "Name each Org role once.")


def _refuse_levels(system: CriticalSystem, chosen: frozenset[str]) -> None:
    """A level must be documented, or be in the current list or the saved rule as it is written."""
    scheme = product_of(system).scheme
    if nothing := sorted(chosen & scheme.no_access):
        words = f"“{scheme.name(nothing[0])}” means no access, so that no rule can allow it."
        raise Problem("levels", words)
    strange = chosen - frozenset(scheme.labels)
    if strange and (strange := strange - selectors.levels_known(system)):
        words = f"“{min(strange)[:100]}” is neither a documented role nor one of the current list."
        raise Problem("levels", words)


def describe(rule: AccessRule | None) -> dict[str, object] | None:
    """The rule as plain data, for the record."""
    if rule is None:
        return None
    entries = rule.entries.select_related("org_role").order_by("org_role__name")
    return {
        "mode": rule.mode,
        "levels": _told(rule.levels) if rule.mode == RuleMode.ALL_STAFF else None,
        "roles": {each.org_role.name: _told(each.levels) for each in entries},
    }


def _told(levels: list[str] | None) -> list[str]:
    """None would read as "nothing" in the record, and means the opposite."""
    return ["any documented role"] if levels is None else levels
