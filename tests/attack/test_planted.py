"""Whether the matrix would see a hole: each of these is planted, tried, and must be caught."""

from dataclasses import dataclass

import pytest
from django.shortcuts import get_object_or_404

from access import selectors as access
from access.api import decisions as api_decisions
from access.models import Account, CriticalSystem, Identification
from access.views import decisions, systems
from checks.models import Task
from integrations import selectors as integrations
from integrations.models import Connection
from people import selectors as people
from people.api import org_roles
from people.models import OrgRole, StaffMember
from people.views import directory, staff
from tests.attack import matrix, routes
from workspaces import edge, permissions
from workspaces import selectors as workspaces
from workspaces.models import ApiToken, Membership
from workspaces.rest import authentication
from workspaces.rest import permissions as rest
from workspaces.rest.fields import Refs

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Fault:
    """A hole: what is put in place of what, and the requests in which it must be seen."""

    name: str
    where: object
    attribute: str
    instead: object
    route: str
    method: str = "GET"
    swapped: bool = False


def everything(model):
    return lambda *_, **__: model.objects.all()


def any_membership(user, wanted):
    return Membership.objects.filter(user=user, workspace_id=wanted).first()


def all_memberships(user, *, now=None):
    rows = Membership.objects.filter(user=user).select_related("workspace", "user")
    return rows.order_by("workspace__name", "id")


def whosever(field, ids):
    return list(field.rows(field.context["workspace"]).model.objects.filter(pk__in=ids))


FAULTS = [
    Fault("systems unscoped", access, "for_workspace", everything(CriticalSystem), "access:system"),
    Fault("owner unscoped", access, "for_workspace", everything(CriticalSystem), "access:owner", "POST"),
    Fault("connections unscoped", integrations, "for_workspace", everything(Connection), "integrations:connection"),
    Fault("API connections unscoped", integrations, "for_workspace", everything(Connection), "api_connection"),
    Fault("staff unscoped", people, "for_workspace", everything(StaffMember), "people:edit", "POST"),
    Fault("accounts unscoped", decisions, "account_or_404", lambda _, pk: get_object_or_404(Account, pk=pk), "access:account"),
    Fault("tokens unscoped", workspaces, "tokens", everything(ApiToken), "workspaces:revoke_token", "POST"),
    Fault("API tokens unscoped", workspaces, "tokens", everything(ApiToken), "api_token", "DELETE"),
    Fault("API decisions unscoped", api_decisions, "_rows", everything(Identification), "api_decision"),
    Fault("ids in lists unscoped", Refs, "to_internal_value", whosever, "api_change_roles", "POST", True),
    Fault("tasks unscoped", access, "visible_tasks", everything(Task), "access:task"),
    Fault("Org roles of forms unscoped", people, "org_roles", everything(OrgRole), "people:edit", "POST", True),
    Fault("filter unscoped", people, "org_roles", everything(OrgRole), "people:directory", "GET", True),
    Fault("@needs weakened", systems.remove, "needs", "workspace.view", "access:remove", "POST"),
    Fault("@needs made public", directory.directory, "needs", "public", "people:directory"),
    Fault("@needs of a page swapped", staff.add, "needs", "people.view", "people:add", "POST"),
    Fault("needs_to_write weakened", org_roles.OneOrgRole, "needs_to_write", "people.view", "api_org_role", "DELETE"),
    Fault("nothing enforced", permissions, "allows", lambda *_: True, "access:policies"),
    Fault("API enforces nothing", rest.Needs, "has_permission", lambda *_: True, "api_org_roles", "POST"),
    Fault("headers left out", edge, "HEADERS", {}, "people:export"),
    Fault("ended membership counts", workspaces, "memberships", all_memberships, "access:systems"),
    Fault("token outlives its maker's membership", authentication.selectors, "membership", any_membership, "api_staff"),
    Fault("token's scopes ignored", permissions, "SCOPES", dict.fromkeys(permissions.SCOPES, permissions.READ), "api_staff"),
]  # fmt: skip


def caught(fault, companies, actors):
    """What the matrix says about the requests of one route and method by every actor."""
    tried = matrix.Matrix(*companies)
    (route,) = [each for each in routes.routes() if each.name == fault.route]
    for actor in actors:
        if fault.swapped and actor.name == matrix.MIGHTIEST[route.is_api]:
            matrix.swap(tried, actor, {route.name})
        elif not fault.swapped:
            tried.triple(route, fault.method, actor)
    return tried.report.faults


def test_matrix_catches_every_planted_fault(companies, actors, monkeypatch):
    missed, shown = [], {}
    for fault in FAULTS:
        with monkeypatch.context() as planted:
            planted.setattr(fault.where, fault.attribute, fault.instead)
            found = caught(fault, companies, actors)
        shown[fault.name] = found[:1]
        if not found:
            missed.append(fault.name)
    print(f"caught {len(FAULTS) - len(missed)} of {len(FAULTS)}")
    for name, found in shown.items():
        print(f"  {name}: {str(found)[:200]}")
    assert missed == []
