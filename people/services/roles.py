"""Acts on Org roles: creating, renaming, merging and deleting them, and who has which."""

import uuid
from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, QuerySet

from audit import services as audit
from people.models import OrgRole, StaffMember, StaffOrgRole
from people.services.locks import held_period, hold
from people.services.problems import Problem
from workspaces.models import Workspace


def create_org_role(workspace: Workspace, *, name: str, by: audit.Actor) -> OrgRole:
    """A new Org role. Raises Problem where the name is empty, too long or taken."""
    with audit.act(workspace, by=by) as act:
        role = OrgRole(workspace=workspace, name=_name(name), created_at=act.now)
        _save(role)
        _record("org_role.created", role, name=role.name)
    return role


def rename_org_role(org_role: OrgRole, *, name: str, by: audit.Actor) -> OrgRole:
    """Another name for the same role: who has it and what it allows stay. Raises Problem."""
    with audit.act(org_role.workspace, by=by):
        before, org_role.name = org_role.name, _name(name)
        if org_role.name != before:
            _save(org_role, update_fields=["name"])
            _record("org_role.renamed", org_role, before=before, after=org_role.name)
    return org_role


def delete_org_role(org_role: OrgRole, *, by: audit.Actor) -> None:
    """Delete an Org role that nobody has and no rule lists. Raises Problem, which says who does."""
    with audit.act(org_role.workspace, by=by):
        role = OrgRole.objects.select_for_update().get(pk=org_role.pk)
        links = StaffOrgRole.objects.filter(org_role=role)
        if number := links.count():
            names = links.order_by("staff__name").values_list("staff__name", flat=True)[:3]
            raise Problem("", _in_use(role, names, number, "have", "Merge it into another one"))
        key, name = role.pk, role.name
        try:
            with transaction.atomic():
                OrgRole.objects.filter(merged_into=role).delete()
                role.delete()
        except ProtectedError as error:
            users = sorted(map(str, error.protected_objects))
            words = _in_use(role, users, len(users), "use", "Take it out of those rules")
            raise Problem("", words) from error
        org_role.pk = key
        _record("org_role.deleted", org_role, name=name)


def merge_org_roles(org_role: OrgRole, *, into: OrgRole, by: audit.Actor) -> OrgRole:
    """Let everybody with `org_role` have `into`; rules follow. Final; the old name still leads on.

    Returns the role that remains. Raises Problem.
    """
    if org_role.pk == into.pk or org_role.workspace_id != into.workspace_id:
        raise Problem("into", "Choose another Org role of this company.")
    with audit.act(into.workspace, by=by) as act:
        roles = OrgRole.objects.filter(pk__in=[org_role.pk, into.pk]).order_by("pk")
        links = StaffOrgRole.objects.filter(org_role=org_role)
        hold(links.values_list("staff_id", flat=True))
        if any(role.merged_into_id for role in roles.select_for_update(no_key=True)):
            raise Problem("into", "One of the two was merged already. Look at the list again.")
        everybody = list(links.values_list("staff_id", flat=True))
        links.filter(staff__in=StaffOrgRole.objects.filter(org_role=into).values("staff")).delete()
        links.update(org_role=into)
        _roles_changed(into.workspace, everybody, act.now)
        OrgRole.objects.filter(merged_into=org_role).update(merged_into=into)
        org_role.merged_into = into
        org_role.save(update_fields=["merged_into"])
        audit.record(
            "org_role.merged",
            subject=f"org_role:{into.id}",
            touched={f"org_role:{each}" for each in (org_role.pk, into.pk)}
            | {f"staff:{each}" for each in everybody},
            merged=org_role.name,
            merged_id=str(org_role.pk),
            into=into.name,
            into_id=str(into.pk),
            people=len(everybody),
        )
    return into


def change_org_roles(
    people: Collection[StaffMember],
    *,
    add: Iterable[OrgRole] = (),
    remove: Iterable[OrgRole] = (),
    by: audit.Actor,
) -> int:
    """Give and take Org roles for several people of one workspace; how many changed.

    All of them or, where one is refused, nobody. Raises Problem.
    """
    adding, removing = {each.pk: each for each in add}, {each.pk for each in remove}
    everybody, changed = list(people), 0
    if not everybody:
        return 0
    with audit.act(everybody[0].workspace, by=by):
        hold(each.pk for each in everybody)
        for staff in everybody:
            had = {link.org_role_id: link.org_role for link in _links(staff)}
            wanted = {key: role for key, role in (had | adding).items() if key not in removing}
            if wanted.keys() != had.keys():
                set_org_roles(staff, org_roles=wanted.values(), by=by)
                changed += 1
    return changed


def _links(staff: StaffMember) -> QuerySet[StaffOrgRole]:
    return StaffOrgRole.objects.filter(staff=staff).select_related("org_role")


def set_org_roles(
    staff: StaffMember, *, org_roles: Iterable[OrgRole], by: audit.Actor
) -> StaffMember:
    """Let `org_roles` be all that the person has. Raises Problem for a role of another workspace."""
    wanted = {role.id: role for role in org_roles}
    if any(role.workspace_id != staff.workspace_id for role in wanted.values()):
        raise Problem("org_roles", "This Org role does not exist here. Choose one of the list.")
    with audit.act(staff.workspace, by=by) as act:
        held_period(staff)
        links = _links(staff)
        had = {link.org_role_id: link.org_role for link in links}
        if had.keys() == wanted.keys():
            return staff
        links.exclude(org_role__in=wanted).delete()
        StaffOrgRole.objects.bulk_create(
            StaffOrgRole(staff=staff, org_role=wanted[key]) for key in wanted.keys() - had.keys()
        )
        staff.roles_changed_at = act.now
        staff.save(update_fields=["roles_changed_at"])
        audit.record(
            "staff.roles_changed",
            subject=f"staff:{staff.id}",
            touched={f"staff:{staff.id}"},
            before=sorted(role.name for role in had.values()),
            after=sorted(role.name for role in wanted.values()),
        )
    return staff


def _roles_changed(workspace: Workspace, ids: list[uuid.UUID], now: datetime) -> None:
    everybody = StaffMember.objects.filter(workspace=workspace)
    for start in range(0, len(ids), 1000):
        everybody.filter(pk__in=ids[start : start + 1000]).update(roles_changed_at=now)


def _in_use(role: OrgRole, users: Iterable[str], number: int, verb: str, remedy: str) -> str:
    named = list(users)
    rest = f" and {number - len(named)} more" if number > len(named) else ""
    verb = {"have": "has", "use": "uses"}[verb] if number == 1 else verb
    return (
        f"{', '.join(named)}{rest} {verb} the Org role {role.name}. {remedy}; nothing was deleted."
    )


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise Problem("name", "Enter a name, for example Accountant.")
    if len(name) > OrgRole.LONGEST_NAME:
        raise Problem("name", f"Shorten the name to {OrgRole.LONGEST_NAME} characters.")
    return name


def _save(role: OrgRole, **how: list[str]) -> None:
    try:
        with transaction.atomic():
            role.save(**how)  # type: ignore[arg-type]
    except IntegrityError as error:
        raise Problem("name", _taken(role)) from error


def _taken(role: OrgRole) -> str:
    holder = OrgRole.objects.filter(workspace=role.workspace, name__iexact=role.name).first()
    if holder is not None and holder.merged_into is not None:
        return f"{role.name} was merged into {holder.merged_into.name}. Choose another name."
    return f"There is an Org role named {role.name} already. Use it, or choose another name."


def _record(kind: str, role: OrgRole, **body: str) -> None:
    audit.record(kind, subject=f"org_role:{role.id}", touched={f"org_role:{role.id}"}, **body)
