"""Facts that are filled in from tables: what earlier decisions leave behind."""

from dataclasses import replace
from uuid import UUID

import pytest

from access import facts
from access import services as access
from access.facts.directory import AT_ONCE, candidates
from access.models import Identification
from audit import clock
from checks.facts import UserList
from checks.models import Task
from integrations.models import Snapshot
from people import services as people
from tests import given
from tests.access import worlds

pytestmark = pytest.mark.django_db
OWNER = given.row("Owner Person", level="FINANCIALADVISER", subscriber=True)
LIST = [OWNER, given.row("Books Keeper"), given.row("Example Accountant")]


@pytest.fixture
def keeper(workspace):
    return worlds.person(workspace, "Books Keeper")


@pytest.fixture
def system(workspace, keeper, admin):
    return worlds.system(workspace, admin, LIST)


def account(system, name):
    stated = facts.system_facts(system, now=clock.now())
    return next(each for each in stated.accounts if each.name == name)


def test_account_is_unidentified_since_its_decision_ended(system, admin, by):
    access.undo(worlds.decision("Books Keeper"), user=admin, by=by)
    ended = Identification.objects.get(kind="existing_staff")
    assert account(system, "Books Keeper").unidentified_since == ended.withdrawn_at


def test_account_that_nobody_decided_about_was_never_unidentified_anew(system):
    assert account(system, "Example Accountant").unidentified_since is None
    assert account(system, "Books Keeper").unidentified_since is None


def test_clock_starts_anew_when_a_decision_ends(system, admin, by):
    access.undo(worlds.decision("Books Keeper"), user=admin, by=by)
    ended = Identification.objects.get(kind="existing_staff")
    task = Task.objects.get(check_id="user_identified", subject_label="Books Keeper")
    assert task.began_at >= ended.withdrawn_at


def test_leaver_whose_account_was_lost_to_another_address_passes_once_it_is_gone(
    system, keeper, workspace, by
):
    worlds.person(workspace, "Third Person")
    given.read(system.connection, [OWNER, given.row("Books Keeper", "third.person@example.test")])
    people.offboard(keeper, last_day=None, access_ends="now", by=by)
    given.read(system.connection, [OWNER])
    task = Task.objects.get(check_id="offboarded_access_removed", subject_id=keeper.pk)
    assert task.resolved_at is not None
    assert task.closed_at is None


def test_list_is_stated_by_its_digest_and_the_instant_of_its_reading(system):
    stated = facts.system_facts(system, now=clock.now()).user_list
    snapshot = Snapshot.objects.get(pk=system.connection.snapshot_id)
    assert stated == UserList(digest=snapshot.digest, read_at=system.connection.read_at)


def test_account_of_nobody_that_looks_like_a_leavers_is_marked(system, keeper, by):
    people.offboard(keeper, last_day=None, access_ends="now", by=by)
    twin = replace(given.row("Twin"), name="Books Keeper", email="keeper@elsewhere.test")
    given.read(system.connection, [*LIST, twin])
    stated = facts.system_facts(system, now=clock.now()).accounts
    marked = {each.email: each.resembles for each in stated if each.resembles}
    assert marked == {"keeper@elsewhere.test": {str(keeper.pk)}}


def test_system_is_named_after_its_organisation_once_that_is_known(system):
    assert facts.name_of(system) == "Xero · Example Books"
    system.connection.organisation_name = ""
    assert facts.name_of(system) == "Xero"
    system.connection = None
    assert facts.name_of(system) == "Xero"


def test_directory_is_asked_for_many_people_in_parts(workspace):
    person = worlds.person(workspace, "First Person")
    before = {str(UUID(int=number)) for number in range(AT_ONCE)}  # which stand before any other
    (found,) = candidates(workspace, before | {str(person.pk)})
    assert (found.id, found.emails) == (str(person.pk), ("first.person@example.test",))


def test_directory_is_read_whole_or_for_those_asked_for(workspace, other_workspace):
    one, other = (worlds.person(workspace, name) for name in ("First Person", "Second Person"))
    worlds.person(other_workspace, "Third Person")
    assert {each.id for each in candidates(workspace)} == {str(one.pk), str(other.pk)}
    (found,) = candidates(workspace, [str(other.pk)])
    assert (found.name, found.emails) == ("Second Person", ("second.person@example.test",))
    assert candidates(workspace, []) == []


def test_leaver_is_compared_however_many_others_left_under_such_a_name(workspace, system, by):
    rows = [*LIST, given.row("Marla Smyth", "zz@elsewhere.test")]
    left = {"last_working_day": "2026-01-30"}
    leaver = {"name": "Marla Smith", "email": "m.smith@example.test"}
    others = [{"name": f"Mar{n} Other{n}", "email": f"m{n}@example.test"} for n in range(201)]
    people.upsert(workspace, [each | left for each in (leaver, *others)], by=by)
    given.read(system.connection, rows)
    (marla,) = workspace.staffmember_set.filter(name="Marla Smith")
    assert str(marla.pk) in account(system, "Marla Smyth").resembles
