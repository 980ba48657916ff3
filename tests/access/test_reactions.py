"""What is judged after an act on the staff directory: every system whose facts are others, and no more."""

from datetime import date

import pytest

from access import facts
from audit import clock
from checks.models import JudgedSystem, Task
from people import services as people
from tests import given
from tests.access import worlds

pytestmark = pytest.mark.django_db
AS_IS = {"external_id": "", "employment_type": "employee", "org_roles": (), "manager": None}


@pytest.fixture
def books(workspace, admin):
    """Two systems; nobody has said whose account "Alexa Onward" in the second one is."""
    rows = [given.row("Owner Person", level="FINANCIALADVISER", subscriber=True)]
    one = worlds.system(workspace, admin, rows, name="One")
    other = worlds.system(
        workspace, admin, [*rows, given.row("Alexa Onward", "a.o@partner.example")], name="Other"
    )
    return one, other


def judged(act):
    """Names of the systems that `act` had judged."""

    def versions():
        rows = JudgedSystem.objects.values_list("pk", "facts_version")
        return dict(rows)

    before = versions()
    act()
    after = versions()
    return {pk for pk in after if after[pk] != before[pk]}


def test_new_person_changes_no_facts_and_nothing_is_judged(workspace, books):
    now = clock.now()
    before = [facts.system_facts(each, now=now) for each in books]
    assert judged(lambda: worlds.person(workspace, "Alexa Onward", "new@example.test")) == set()
    assert [facts.system_facts(each, now=now) for each in books] == before


def test_new_person_with_an_account_has_its_system_judged(workspace, books):
    added = judged(lambda: worlds.person(workspace, "Alexa Onward", "a.o@partner.example"))
    assert added == {books[1].pk}
    assert worlds.decision("Alexa Onward").automatic


def test_new_person_who_left_is_compared_everywhere(workspace, books, by):
    added = judged(
        lambda: people.add(
            workspace, name="Former", email="f@example.test", last_day=date(2024, 1, 31), by=by
        )
    )
    assert added == {each.pk for each in books}


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Alexa Onward", "email": "f@example.test"},
        {"name": "Former", "email": "ao@partner.example"},
    ],
    ids=["name", "address"],
)
def test_leaver_who_comes_to_resemble_an_account_is_seen_at_once(workspace, books, by, change):
    leaver = people.add(
        workspace, name="Former", email="f@example.test", last_day=date(2024, 1, 31), by=by
    )
    assert not Task.objects.filter(subject_id=leaver.pk).exists()
    changed = judged(lambda: people.edit(leaver, **AS_IS, starts_on=None, **change, by=by))
    assert changed == {each.pk for each in books}
    assert Task.objects.get(subject_id=leaver.pk, waiting=True).system_id == books[1].pk
