"""A directory that a tool sends whole: when the tool falls silent, nothing that rests on it is green."""

from datetime import timedelta

import pytest

from audit import clock
from checks import selectors as checks
from checks.models import JudgedSystem, Task
from checks.status import Status
from integrations.models import Connection
from people import selectors
from people import services as people
from people.models import Source, StaffList
from tests import given
from tests.access import worlds

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SOMEBODY = [{"name": "Books Keeper", "email": "keeper@example.test"}]
LIST = [given.row("Books Keeper", "keeper@example.test", subscriber=True)]


@pytest.fixture
def system(workspace, admin, by):
    people.upsert(workspace, SOMEBODY, complete=True, by=by)
    made = worlds.system(workspace, admin, LIST)
    # The list of users outlives this test: only the staff list grows old.
    Connection.objects.update(stale_after=90 * 24 * 60)
    given.read(made.connection, LIST)
    return made


def identified(now):
    task = Task.objects.select_related("system").get(check_id="user_identified")
    return checks.task_status(task, now)


def test_list_of_a_silent_tool_makes_what_passed_stale(system):
    now = clock.now()
    assert identified(now) is Status.PASSING
    assert identified(now + 6 * DAY) is Status.PASSING
    assert identified(now + 8 * DAY) is Status.STALE


def test_list_that_came_again_unchanged_renews_what_rests_on_it(system, workspace, by):
    before = JudgedSystem.objects.get().stale_at
    people.upsert(workspace, SOMEBODY, complete=True, by=by)
    assert JudgedSystem.objects.get().stale_at > before


def test_reading_the_users_again_does_not_renew_the_staff_list(system, workspace):
    before = JudgedSystem.objects.get().stale_at
    given.read(system.connection, LIST)
    assert JudgedSystem.objects.get().stale_at == before
    assert before == StaffList.objects.get().confirmed_at + 7 * DAY


def test_person_who_confirms_renews_it_and_the_tool_still_has_to_send(system, workspace, by):
    StaffList.objects.update(confirmed_at=clock.now() - 8 * DAY)
    given.read(system.connection, LIST)
    assert identified(clock.now()) is Status.STALE
    people.confirm_complete(workspace, by=by)
    assert identified(clock.now()) is Status.PASSING
    assert identified(clock.now() + 8 * DAY) is Status.STALE


def test_list_that_people_keep_is_reminded_of_and_never_stale(system, workspace, by):
    people.confirm_complete(workspace, source=Source.CSV, by=by)
    assert identified(clock.now() + 60 * DAY) is Status.PASSING
    known = selectors.list_freshness(workspace, now=clock.now() + 36 * DAY)
    assert (known.remind, known.stale) == (True, False)
    assert selectors.silences(workspace, since=clock.now() - 90 * DAY) == []


def test_people_who_were_only_sent_one_by_one_are_reminded_of_too(workspace, by):
    people.upsert(workspace, SOMEBODY, by=by)
    known = selectors.list_freshness(workspace, now=clock.now() + 36 * DAY)
    assert (known.confirmed_at, known.remind) == (None, True)


def test_home_says_that_the_tool_is_silent(system, admin_client):
    StaffList.objects.update(confirmed_at=clock.now() - 8 * DAY)
    page = admin_client.get("/", follow=True).content.decode()
    assert "The whole staff list last came from your tool on" in page


def test_past_days_know_when_the_tool_was_silent(system, workspace, by):
    since = clock.now() - 90 * DAY
    ends = StaffList.objects.get().confirmed_at + 7 * DAY
    assert selectors.silences(workspace, since=since) == [(ends, None)]
    assert selectors.silences(workspace, since=since + 200 * DAY) == [(ends, None)]
    people.confirm_complete(workspace, by=by)
    later = StaffList.objects.get().confirmed_at + 7 * DAY
    assert selectors.silences(workspace, since=since) == [(later, None)]
