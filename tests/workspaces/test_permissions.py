"""What each role, area and scope may do."""

import itertools

import pytest

from workspaces import permissions
from workspaces.models import Membership
from workspaces.permissions import Area, Role, Scope, allows


def held(role, areas=(), scopes=None):
    holder = Membership(role=role, areas=list(areas))
    holder.scopes = scopes
    return permissions.held(holder)


def test_auditor_holds_no_permission_to_change_anything():
    assert (
        held(Role.AUDITOR) & (permissions.EDIT | permissions.WORK | permissions.ADMINISTER)
        == frozenset()
    )


def test_collaborator_sees_the_workspace_and_their_own_tasks_only():
    assert held(Role.COLLABORATOR) == {"workspace.view", "tasks.own", "tasks.work"}


def test_editor_without_areas_edits_in_all_of_them():
    assert held(Role.EDITOR) >= permissions.EDIT


@pytest.mark.parametrize("area", Area)
def test_editor_of_one_area_reads_all_and_edits_only_there(area):
    rights = held(Role.EDITOR, [area])
    assert rights & permissions.EDIT == permissions.AREAS[area]
    assert rights >= permissions.READ


def test_editor_whose_areas_are_unknown_edits_nothing():
    assert held(Role.EDITOR, ["moon"]) & permissions.EDIT == frozenset()


def test_areas_confine_nobody_but_editors():
    assert held(Role.ADMIN, [Area.PEOPLE]) == held(Role.ADMIN)


@pytest.mark.parametrize(("role", "scope"), list(itertools.product(Role, Scope)))
def test_token_holds_what_both_its_scope_and_its_maker_hold(role, scope):
    assert held(role, scopes=[scope]) == held(role) & permissions.SCOPES[scope]


@pytest.mark.parametrize("scopes", [[], ["everything"]])
def test_token_without_a_known_scope_holds_nothing(scopes):
    assert held(Role.ADMIN, scopes=scopes) == frozenset()


def test_scopes_together_reach_all_that_an_admin_may():
    every = held(Role.ADMIN, scopes=list(Scope))
    assert held(Role.ADMIN) == every


def test_asking_for_an_unknown_permission_is_an_error():
    with pytest.raises(ValueError, match="Unknown permission"):
        allows(Membership(role=Role.ADMIN), "people.everything")
