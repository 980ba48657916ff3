"""Tests of people: what stops an act, told from other broken rules on either database."""

import pytest
from django.db import IntegrityError, transaction

from people.services.problems import is_taken
from workspaces.models import User


@pytest.mark.django_db
def test_only_a_second_of_its_kind_is_taken():
    User.objects.create(email="once@example.test")
    with pytest.raises(IntegrityError) as again, transaction.atomic():
        User.objects.create(email="once@example.test")
    with pytest.raises(IntegrityError) as other, transaction.atomic():
        User.objects.filter(email="once@example.test").update(name=None)
    assert is_taken(again.value)
    assert not is_taken(other.value)
