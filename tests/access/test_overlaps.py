"""Two people who open the same form: the second to save is told, and loses nothing."""

import re

import pytest
from django.urls import reverse

from access import services as access
from access.models import AccessRule
from checks import selectors as checks
from checks.models import CheckPolicy
from people import services as people
from tests import given
from tests.access.worlds import person, system

pytestmark = pytest.mark.django_db


def fields(client, address: str) -> dict[str, str]:
    """The hidden mark of the state that an opened form shows."""
    page = client.get(address).content.decode()
    return {"seen": re.search(r'name="seen" value="([^"]+)"', page)[1]}


def test_rule_saved_in_another_tab_is_not_overwritten_unseen(workspace, admin, by, admin_client):
    books = system(workspace, admin, [given.row("Sales Person")])
    sales, office = (
        people.create_org_role(workspace, name=each, by=by) for each in ("Sales", "Office")
    )
    address = reverse("access:rule", args=[books.pk])
    first = fields(admin_client, address) | {"mode": "role_based", f"role_{sales.pk}": "on"}
    second = fields(admin_client, address) | {"mode": "role_based", f"role_{office.pk}": "on"}
    assert admin_client.post(address, first).status_code == 302

    refused = admin_client.post(address, second)
    page = refused.content.decode()
    assert refused.status_code == 422
    assert f"Changed since you opened it, by {admin.label}" in page
    assert re.search(rf'name="role_{office.pk}"[^>]*checked', page)
    names = AccessRule.objects.get().entries.values_list("org_role__name", flat=True)
    assert list(names) == ["Sales"]

    # Saved again from the page that told it: now it is a decision.
    again = second | {"seen": re.search(r'name="seen" value="([^"]+)"', page)[1]}
    assert admin_client.post(address, again).status_code == 302
    assert list(AccessRule.objects.get().entries.values_list("org_role__name", flat=True)) == [
        "Office"
    ]


def test_policy_changed_in_another_tab_is_not_overwritten_unseen(workspace, admin, admin_client):
    address = reverse("access:policy", args=["user_identified"])
    seen = fields(admin_client, address)
    values = {"grace_days": 3, "days": "calendar", "window_days": 1}
    assert admin_client.post(address, seen | values).status_code == 302
    refused = admin_client.post(address, seen | values | {"grace_days": 9})
    assert refused.status_code == 422
    assert f"by {admin.label}" in refused.content.decode()
    assert CheckPolicy.objects.get().grace_days == 3


def test_calendar_changed_in_another_tab_is_not_overwritten_unseen(workspace, admin_client):
    address = reverse("access:calendar")
    seen = fields(admin_client, address)
    assert admin_client.post(address, seen | {"working_days": ["0", "1"]}).status_code == 302
    assert admin_client.post(address, seen | {"working_days": ["4"]}).status_code == 422
    assert checks.calendar(workspace).working_days == {0, 1}


def test_person_changed_in_another_tab_is_not_overwritten_unseen(workspace, admin, admin_client):
    found = person(workspace, "Sales Person")
    address = reverse("people:edit", args=[found.pk])
    seen = fields(admin_client, address)
    values = {"name": "Sales Person", "email": found.addresses.get().address,
              "employment_type": "employee"}  # fmt: skip
    assert admin_client.post(address, seen | values | {"external_id": "S-1"}).status_code == 302
    refused = admin_client.post(address, seen | values | {"external_id": "S-2"})
    assert refused.status_code == 422
    assert f"Changed since you opened it, by {admin.label}" in refused.content.decode()
    found.refresh_from_db()
    assert found.external_id == "S-1"


def test_rule_of_a_removed_system_cannot_be_saved(workspace, admin, by, admin_client):
    books = system(workspace, admin, [given.row("Sales Person")])
    access.remove_system(books, reason="Sold", by=by)
    address = reverse("access:rule", args=[books.pk])
    refused = admin_client.post(address, {"mode": "all_staff", "allow_all": "Any documented role"})
    assert refused.status_code == 422
    assert "This system is removed" in refused.content.decode()
    assert not AccessRule.objects.exists()
