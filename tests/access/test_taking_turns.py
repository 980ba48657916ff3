"""Somebody changes the directory while a list is taken over: both count, whoever comes second."""

import threading

import pytest
from django.db import transaction

from access import services as access
from access.models import Account, Identification
from access.services.rules import RoleLevels
from checks.models import Task
from people import services as people
from tests import given
from tests.committing import admins_of_their_own, together

WAITS = 0.7  # seconds; an act that did not wait for its turn would be over long before
OWNER = given.row("Owner One", level="FINANCIALADVISER", subscriber=True)


class Reading:
    """A list that is taken over, judged, and not committed before the other one had time to act."""

    def __init__(self, books, rows):
        self.books, self.rows = books, [OWNER, *rows]
        self.judged, self.overtaken = threading.Event(), threading.Event()

    def read(self):
        with transaction.atomic():
            given.read(self.books, self.rows)
            self.judged.set()
            self.overtaken.wait(WAITS)

    def meanwhile(self, act):
        def overtake():
            self.judged.wait(20)
            act()
            self.overtaken.set()

        assert together([self.read, overtake]) == [None, None]


@pytest.fixture
def company(committing, by):
    workspace, (member,) = admins_of_their_own(1, by)
    books = given.connection(workspace, connected_by=member.user)
    given.read(books, [OWNER])
    system = access.add_system(
        workspace, integration="xero", connection=books, user=member.user, by=by
    )
    return workspace, member.user, books, system


def test_org_role_taken_away_while_a_list_is_judged_is_judged_again(company, by):
    workspace, user, books, system = company
    role = people.create_org_role(workspace, name="Accountant", by=by)
    person = people.add(
        workspace, name="Some Person", email="some.person@example.test", org_roles=[role], by=by
    )
    access.save_rule(system, mode="role_based", roles=[RoleLevels(role)], user=user, by=by)
    reading = Reading(books, [given.row("Some Person")])
    reading.meanwhile(lambda: people.set_org_roles(person, org_roles=[], by=by))
    account = Account.objects.get(name="Some Person")
    task = Task.objects.get(check_id="user_access_valid", subject_id=account.pk)
    assert task.resolved_at is None
    assert "no Org role" in task.why


def test_duplicate_merged_while_a_list_is_judged_hands_its_account_over(company, by):
    workspace, _, books, _ = company
    stays, goes = (
        people.add(workspace, name=f"{name} Person", email=f"{name}@example.test", by=by)
        for name in ("stays", "goes")
    )
    reading = Reading(books, [given.row("Some Account", "goes@example.test")])
    reading.meanwhile(lambda: people.merge(stays, duplicate=goes, by=by))
    assert Identification.objects.get(account__name="Some Account").staff == stays


def test_person_added_while_a_list_is_read_gets_their_account(company, by):
    workspace, _, books, _ = company
    reading = Reading(books, [given.row("New Person")])
    reading.meanwhile(
        lambda: people.add(workspace, name="New Person", email="new.person@example.test", by=by)
    )
    assert Identification.objects.get(account__name="New Person").staff.name == "New Person"
