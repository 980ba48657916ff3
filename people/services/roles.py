"""Acts on Org roles: creating and renaming them, and who has which."""

from collections.abc import Iterable

from django.db import IntegrityError, transaction

from audit import services as audit
from people.models import OrgRole, StaffMember, StaffOrgRole
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


def set_org_roles(
    staff: StaffMember, *, org_roles: Iterable[OrgRole], by: audit.Actor
) -> StaffMember:
    """Let `org_roles` be all that the person has. Raises Problem for a role of another workspace."""
    wanted = {role.id: role for role in org_roles}
    if any(role.workspace_id != staff.workspace_id for role in wanted.values()):
        raise Problem("org_roles", "This Org role does not exist here. Choose one of the list.")
    with audit.act(staff.workspace, by=by) as act:
        links = StaffOrgRole.objects.filter(staff=staff).select_related("org_role")
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
        raise Problem(
            "name",
            f"There is an Org role named {role.name} already. Use it, or choose another name.",
        ) from error


def _record(kind: str, role: OrgRole, **body: str) -> None:
    audit.record(kind, subject=f"org_role:{role.id}", touched={f"org_role:{role.id}"}, **body)
