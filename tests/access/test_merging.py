"""Tests of access: what merged people and merged Org roles leave behind."""

import pytest

from access import services as access
from access.models import AccessRule, Identification, RuleEntry
from audit import clock
from people import services as people
from tests import given

pytestmark = pytest.mark.django_db


def test_merged_persons_accounts_are_the_survivors(workspace, admin, by):
    survivor = people.add(workspace, name="Alex One", email="alex@example.test", by=by)
    duplicate = people.add(workspace, name="A. One", email="a.one@example.test", by=by)
    made = given.connection(workspace)
    access.add_system(workspace, integration="xero", connection=made, user=admin, by=by)
    given.read(made, [given.row("A One", "a.one@example.test", subscriber=True)])
    assert Identification.objects.get(withdrawn_at__isnull=True).staff == duplicate
    people.merge(survivor, duplicate=duplicate, by=by)
    assert Identification.objects.get(withdrawn_at__isnull=True).staff == survivor


@pytest.mark.parametrize(("both", "levels"), [(False, ["READONLY"]), (True, ["A", "READONLY"])])
def test_merged_org_role_is_replaced_in_rules(workspace, admin, by, both, levels):
    merged, kept = (people.create_org_role(workspace, name=each, by=by) for each in ("One", "Two"))
    system = access.add_system(workspace, integration="xero", connection=None, user=admin, by=by)
    rule = AccessRule.objects.create(
        system=system, workspace=workspace, mode="role_based", saved_at=clock.now()
    )
    RuleEntry.objects.create(rule=rule, org_role=merged, levels=["READONLY"])
    if both:
        RuleEntry.objects.create(rule=rule, org_role=kept, levels=["A"])
    with pytest.raises(people.Problem, match="uses the Org role One"):
        people.delete_org_role(merged, by=by)
    people.merge_org_roles(merged, into=kept, by=by)
    [entry] = RuleEntry.objects.filter(rule=rule)
    assert (entry.org_role, entry.levels) == (kept, levels)
