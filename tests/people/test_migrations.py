"""Tests of people: what migrations do to a directory that is filled already."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from audit import clock
from people import selectors
from people.models import SearchWord

pytestmark = pytest.mark.django_db


def test_people_who_were_here_before_the_search_are_found(workspace, add):
    add("Before One", email="one@example.test")
    add("Before Two", external_id="E-2")
    words = set(SearchWord.objects.values_list("staff", "word"))
    SearchWord.objects.filter(staff__name="Before One").delete()
    migration = import_module("people.migrations.0003_words_of_people_already_here")
    migration.find_people(apps, connection.schema_editor())
    assert set(SearchWord.objects.values_list("staff", "word")) == words
    assert SearchWord.objects.count() == len(words)
    found = selectors.directory(workspace, search="one@", now=clock.now())
    assert [row.name for row in found] == ["Before One"]
