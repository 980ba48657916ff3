"""Fixtures of people's tests: adding a person or an Org role in one short call."""

import itertools

import pytest

from people import services as people

TELL_APART = itertools.count(1)


@pytest.fixture
def add(workspace, by):
    """add("Former Bookkeeper", email=...) -> a staff member of `workspace`."""

    def add(name="Example Person", **fields):
        number = next(TELL_APART)
        fields = {"email": f"person.{number}@example.test"} | fields
        return people.add(fields.pop("workspace", workspace), name=name, by=by, **fields)

    return add


@pytest.fixture
def role(workspace, by):
    """role("Accountant") -> an Org role of `workspace`."""
    return lambda name="Accountant": people.create_org_role(workspace, name=name, by=by)
