"""Readings of accounts: those of a system, one, those of a person."""

import uuid

from django.db.models import Exists, OuterRef, Q, QuerySet

from access.models import AccessRule, Account, CriticalSystem, Identification
from access.selectors.systems import for_workspace
from people.models import StaffMember
from workspaces.models import Workspace

IDENTIFIED = ("existing_staff", "new_staff", "not_staff")


def decided() -> Exists:
    """Whether somebody, or the exact address, has said whose an account is."""
    return Exists(
        Identification.objects.filter(
            account=OuterRef("pk"), withdrawn_at__isnull=True, kind__in=IDENTIFIED
        )
    )


def never_decided(workspace: Workspace) -> QuerySet[Account]:
    """Present accounts that nobody has decided about: those that an address may match by itself."""
    standing = Identification.objects.filter(account=OuterRef("pk"), withdrawn_at__isnull=True)
    return Account.objects.filter(~Exists(standing), workspace=workspace, present=True)


def held_from(account: Account) -> list[StaffMember]:
    """Leavers whose account this was and whose release nobody has approved yet, by name."""
    rows = Identification.objects.filter(
        account=account, held_for__isnull=False, approved_at__isnull=True
    )
    return sorted(
        {each.held_for for each in rows.select_related("held_for") if each.held_for},
        key=lambda each: each.name,
    )


def levels_known(system: CriticalSystem) -> frozenset[str]:
    """Levels of the current list and of the saved rule, as the product writes them."""
    rows = Account.objects.filter(connection=system.connection, present=True)
    seen = frozenset(rows.values_list("level", flat=True).distinct())
    rule = AccessRule.objects.filter(system=system).prefetch_related("entries").first()
    sets = [] if rule is None else [rule.levels, *(each.levels for each in rule.entries.all())]
    return seen.union(*(levels for levels in sets if levels))


def account(workspace: Workspace, pk: uuid.UUID) -> Account:
    """One account of the workspace. Raises Account.DoesNotExist."""
    return Account.objects.select_related("connection", "workspace").get(workspace=workspace, pk=pk)


def system_of(account: Account) -> CriticalSystem | None:
    return for_workspace(account.workspace).filter(connection=account.connection_id).first()


def decision(account: Account) -> Identification | None:
    """The current decision about an account."""
    rows = account.identifications.filter(withdrawn_at__isnull=True)
    return rows.select_related("staff", "decided_by", "owner_staff", "owner_user").first()


def accounts_of(staff: StaffMember) -> QuerySet[Account]:
    """Accounts in every system that are this person's, or held for them until approved."""
    mine = Q(identifications__staff=staff, identifications__withdrawn_at__isnull=True)
    held = Q(identifications__held_for=staff, identifications__approved_at__isnull=True)
    rows = Account.objects.filter(mine | held, workspace=staff.workspace).distinct()
    return rows.select_related("connection__criticalsystem").order_by("connection_id", "name")
