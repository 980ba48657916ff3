"""Tests of access: listing one more Org role in a rule."""

import pytest

from access import services as access
from access.models import AccessRule
from people import services as people

pytestmark = pytest.mark.django_db


@pytest.fixture
def role(workspace, by):
    return people.create_org_role(workspace, name="Clerk", by=by)


@pytest.fixture
def system(workspace, role, admin, by):
    made = access.add_system(workspace, integration="xero", connection=None, user=admin, by=by)
    narrow = access.RoleLevels(role, frozenset({"READONLY"}))
    access.save_rule(made, mode="role_based", roles=[narrow], user=admin, by=by)
    return made


def listed():
    return {each.org_role.name: each.levels for each in AccessRule.objects.get().entries.all()}


def test_one_more_org_role_leaves_the_others_as_they_are(system, workspace, admin, by):
    lead = people.create_org_role(workspace, name="Lead", by=by)
    access.add_org_role(system, org_role=lead, user=admin, by=by)
    assert listed() == {"Clerk": ["READONLY"], "Lead": None}


def test_org_role_that_is_listed_keeps_its_levels_and_says_so(system, role, admin, by):
    with pytest.raises(people.Problem, match="listed already"):
        access.add_org_role(system, org_role=role, user=admin, by=by)
    assert listed() == {"Clerk": ["READONLY"]}
