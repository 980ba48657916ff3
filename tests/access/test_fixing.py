"""How a task is fixed: its very case, with the account and the organisation named."""

import pytest
from django.urls import reverse

from access import services as access
from checks.models import Task
from people import services as people
from tests import given
from tests.access import worlds

pytestmark = pytest.mark.django_db
VALID = "user_access_valid"


@pytest.fixture
def sales(workspace, by):
    return people.create_org_role(workspace, name="Sales", by=by)


@pytest.fixture
def system(workspace, admin, sales, by):
    """One who may not be there by their Org role, one with too high a role, one who left."""
    other = people.create_org_role(workspace, name="Bookkeeper", by=by)
    for name, role in (("Present Seller", sales), ("Present Bookkeeper", other)):
        people.change(worlds.person(workspace, name), org_roles=[role], by=by)
    worlds.person(workspace, "Without Role")
    rows = [
        given.row("Present Seller"),
        given.row("Present Bookkeeper", level="FINANCIALADVISER"),
        given.row("Without Role", subscriber=True),
        given.row("Somebody Unknown"),
    ]
    found = worlds.system(workspace, admin, rows)
    up_to = access.RoleLevels(other, frozenset({"READONLY", "STANDARD"}))
    access.save_rule(found, mode="role_based", roles=[up_to], user=admin, by=by)
    return found


def task(name: str, check_id: str = VALID) -> Task:
    return Task.objects.get(check_id=check_id, subject_label=name)


def shown(client, name: str, check_id: str = VALID) -> str:
    page = client.get(reverse("access:task", args=[task(name, check_id).pk]))
    return page.content.decode()


def test_revoke_gives_the_click_path_for_this_account_and_the_rule_only_in_words(
    system, admin_client
):
    page = shown(admin_client, "Present Seller")
    for words in (
        "How to fix it in Xero",
        "Open Example Books in Xero",
        "beside Present Seller (present.seller@example.test) and choose “Remove access”",
        "If Sales may have Standard in Xero,",
        "Open invitations are not visible to us",
    ):
        assert words in page
    assert "Fix it</a>" not in page
    assert "If the person has no Org role" not in page


def test_downgrade_names_both_roles(system, admin_client):
    page = shown(admin_client, "Present Bookkeeper")
    assert "role from Adviser to Standard" in page
    assert "If Bookkeeper may have Adviser in Xero," in page


def test_missing_org_role_is_fixed_at_the_person(system, admin_client):
    page = shown(admin_client, "Without Role")
    assert "give Without Role the Org role that fits their work" in page
    assert "Fix it</a>" in page
    assert "Remove access" not in page


def test_list_leads_to_the_steps_where_the_product_has_to_be_changed(system, admin_client):
    page = admin_client.get(reverse("access:tasks", args=[VALID])).content.decode()
    assert f"{reverse('access:task', args=[task('Present Seller').pk])}#how-to-fix" in page
    assert reverse("access:rule", args=[system.pk]) not in page


def test_nobody_is_offered_a_fix_that_is_not_theirs(system, auditor, auditor_client):
    for name, check_id in (("Without Role", VALID), ("Somebody Unknown", "user_identified")):
        page = shown(auditor_client, name, check_id)
        assert "Fix it</a>" not in page
    assert "change the rule" not in shown(auditor_client, "Present Seller")


def test_account_of_a_leaver_is_named_with_what_stands_in_the_way(
    system, workspace, admin_client, by
):
    leaver = workspace.staffmember_set.get(name="Without Role")
    people.offboard(leaver, last_day=None, access_ends="now", by=by)
    page = shown(admin_client, "Without Role", "offboarded_access_removed")
    assert "beside Without Role (without.role@example.test)" in page
    assert "The subscriber cannot be removed." in page
    assert "change the rule" not in page
