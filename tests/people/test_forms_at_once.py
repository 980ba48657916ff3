"""Forms of people mark all that is wrong at once, and say of each field when it is needed."""

import pytest
from django.urls import reverse

from people import services as people
from tests.conftest import TEST_ACTOR

pytestmark = pytest.mark.django_db


def test_empty_form_of_a_person_marks_name_and_address(workspace, admin_client):
    response = admin_client.post(reverse("people:add"), {"employment_type": "employee"})
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"name", "email"}
    assert "or external id" in response.content.decode()


def test_taken_address_is_marked_beside_an_unknown_manager(workspace, admin_client):
    people.add(workspace, name="First Holder", email="holder@example.test", by=TEST_ACTOR)
    typed = {
        "name": "Second Holder",
        "email": "Holder@Example.test",
        "manager": "nobody@example.test",
        "employment_type": "employee",
    }
    response = admin_client.post(reverse("people:add"), typed)
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"email", "manager"}
    assert "belongs to First Holder" in response.content.decode()
