"""The days of a check as the database groups them: nothing done to a task rewrites its past."""

import random
import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from access import selectors, tasks
from access import services as access
from access.models import Account, CriticalSystem, Identification
from access.selectors.tracks import tracks_of
from access.services import judging
from audit import clock
from audit import services as audit
from checks import selectors as check_selectors
from checks import services as checks
from checks.models import CheckLine, JudgedSystem, SpecialCase, Task, TaskEvent
from checks.status import Status
from checks.timeline import Point, Track, Watch, day_of
from integrations.models import Connection, SyncRun
from people import services as people
from tests import given
from tests.access.worlds import system as a_system

pytestmark = pytest.mark.django_db
IDENTIFIED, OFFBOARDED = "user_identified", "offboarded_access_removed"
DAY = timedelta(days=1)


@pytest.fixture
def system(workspace, admin, by):
    return a_system(workspace, admin, [given.row("First Unknown"), given.row("Second Unknown")])


def aged(system, days=40):
    """As if the system had been under control, unread since, for so many days."""
    then = clock.now() - days * DAY
    CriticalSystem.objects.filter(pk=system.pk).update(added_at=then)
    Task.objects.filter(system_id=system.pk).update(
        created_at=then,
        updated_at=then,
        began_at=then,
        critical_at=then + 5 * DAY,
        due_at=then + 7 * DAY,
    )
    system.refresh_from_db()


def words(system, check_id=IDENTIFIED):
    now = clock.now()
    judged = check_selectors.summaries(JudgedSystem.objects.filter(pk=system.pk), now)
    present = [each for each in judged[str(system.pk)] if each.check_id == check_id]
    days = selectors.check_days(
        system.workspace, [system], check_id=check_id, now=now, present=present
    )
    assert len(days) == 90
    return [each.word for each in days]


def task(label="First Unknown", check_id=IDENTIFIED):
    return Task.objects.select_related("workspace").get(check_id=check_id, subject_label=label)


def test_assigning_a_task_leaves_the_days_as_they_were(system, workspace, by):
    aged(system)
    before = words(system)
    checks.assign(workspace, tasks=[each.pk for each in Task.objects.all()], owner=None, by=by)
    assert before.count("Failing") in (33, 34)
    assert words(system) == before


def test_accepting_a_task_leaves_the_days_as_they_were(system, admin, make_member, by):
    aged(system)
    before = words(system)
    for each in Task.objects.filter(check_id=IDENTIFIED):
        asked = checks.request_special_case(
            each, reason="other", note="For now", ends_on=None, user=None, by=by
        )
        checks.approve_special_case(asked, user=admin, by=by)
    assert SpecialCase.objects.filter(state="approved").count() == 2
    assert words(system) == [*before[:-1], "Special case"]


def test_change_of_words_alone_does_not_lose_how_a_task_began(system, by):
    started = clock.now() - 40 * DAY
    aged(system)
    rows = [given.row("First Unknown", level="READONLY"), given.row("Second Unknown")]
    given.read(system.connection, rows)
    assert task().updated_at > started
    assert not task().events.exists()
    given.read(system.connection, rows[1:])
    lines = list(task().events.order_by("at"))
    assert [each.kind for each in lines] == ["opened", "closed"]
    assert lines[0].at == task().created_at


def test_today_stands_as_the_card_does(system, workspace, by):
    person = people.add(workspace, name="Leaver", email="first.unknown@example.test", by=by)
    people.offboard(person, last_day=clock.now().date(), access_ends="now", by=by)
    given.read(system.connection, [given.row("Second Unknown")])
    shown = check_selectors.summaries(JudgedSystem.objects.all(), clock.now())
    (card,) = [each for each in shown[str(system.pk)] if each.check_id == OFFBOARDED]
    assert words(system, OFFBOARDED)[-1] == card.status.value


def test_check_that_waits_as_a_whole_waits_in_the_chart(system, workspace, by):
    judged = JudgedSystem.objects.get(pk=system.pk)
    judged.checkresult_set.filter(check_id=OFFBOARDED).update(
        waiting_for="No list has been read since the last person left.", judged=1
    )
    assert words(system, OFFBOARDED)[-1] == "Waiting"


def test_what_a_check_waits_for_is_noted_when_it_changes(system, workspace, by):
    first, second = (
        people.add(workspace, name=f"{n} Leaver", email=f"{n}.unknown@example.test", by=by)
        for n in ("first", "second")
    )
    people.offboard(first, last_day=None, access_ends="now", by=by)
    given.read(system.connection, [given.row("Second Unknown")])
    people.offboard(second, last_day=None, access_ends="now", by=by)
    nobody, unread = "Nobody has left yet", "No list has been read since the last person left."
    lines = CheckLine.objects.filter(system=system.pk, check_id=OFFBOARDED).order_by("at")
    assert [each.waiting_for for each in lines] == [nobody, unread, "", unread]


def test_days_before_anything_was_noted_are_not_green(system, admin, by):
    access.save_rule(system, mode="all_staff", user=admin, by=by)
    CriticalSystem.objects.filter(pk=system.pk).update(added_at=clock.now() - 9 * DAY)
    system.refresh_from_db()
    Task.objects.update(created_at=system.added_at, resolved_at=system.added_at)
    TaskEvent.objects.all().delete()
    CheckLine.objects.update(at=clock.now() - 5 * DAY)
    found = words(system, "access_control_configured")[-9:]
    assert found == ["Waiting"] * 3 + ["Passing"] * 6


def test_changed_facts_that_nobody_judged_take_the_green(system, workspace, admin, by):
    access.save_rule(system, mode="all_staff", user=admin, by=by)
    assert words(system, "access_control_configured")[-1] == "Passing"
    checks.touch([system.pk], now=clock.now())
    assert words(system, "access_control_configured")[-1] == "Stale"


def test_days_on_which_facts_were_not_judged_stay_without_green(system, admin, by):
    access.save_rule(system, mode="all_staff", user=admin, by=by)
    CriticalSystem.objects.filter(pk=system.pk).update(added_at=clock.now() - 9 * DAY)
    system.refresh_from_db()
    begun = system.added_at
    Task.objects.update(created_at=begun, updated_at=begun, resolved_at=begun)
    TaskEvent.objects.all().delete()
    CheckLine.objects.update(at=begun)
    checks.touch([system.pk], now=clock.now() - 4 * DAY)
    tasks.look()
    found = words(system, "access_control_configured")[-9:]
    assert found == ["Passing"] * 4 + ["Waiting"] * 4 + ["Passing"]
    assert JudgedSystem.objects.get(pk=system.pk).unjudged_since is None


def test_status_and_days_are_of_all_systems_and_the_rows_of_the_worst(
    system, workspace, admin_client
):
    aged(system)
    for number in range(51):
        key = uuid.uuid4()
        CriticalSystem.objects.create(
            id=key,
            workspace=workspace,
            integration="xero",
            connection=given.connection(workspace, name=f"Books {number}"),
            added_at=system.added_at - DAY,
        )
        JudgedSystem.objects.create(id=key, workspace=workspace, name=f"Books {number}")
    response = admin_client.get(reverse("access:check", args=[IDENTIFIED]))
    assert response.context["status"] is Status.FAILING
    assert response.context["chart"]["bars"][-1]["day"].status is Status.FAILING
    assert len(response.context["systems"]) == 50
    assert response.context["systems"][0]["system"] == system
    assert "The 50 of 52 systems that stand worst." in response.content.decode()


def random_tasks(system, chance, now):
    """Tasks with lines at few instants, so that many stand alike; what each should look like."""
    tracks, tasks, events = [], [], []
    workspace_id = system.workspace_id
    for _ in range(120):
        instants = sorted(chance.sample(range(0, 100, 7), chance.randint(1, 4)))
        points = [Point(now - 100 * DAY, *state(chance, now))]
        points += [Point(now - (100 - n) * DAY, *state(chance, now)) for n in instants if n]
        last = points[-1]
        each = Task(
            workspace_id=workspace_id,
            system_id=system.pk,
            check_id=IDENTIFIED,
            subject_kind="account",
            subject_id=uuid.uuid4(),
            created_at=points[0].at,
            updated_at=last.at,
            began_at=last.began_at,
            critical_at=last.critical_at,
            due_at=last.due_at,
            waiting=last.word == "waiting",
            resolved_at=last.at if last.word == "passed" else None,
        )
        tasks.append(each)
        tracks.append(Track(points))
        events += [line(each, point) for point in points if len(points) > 1]
    Task.objects.bulk_create(tasks)
    TaskEvent.objects.bulk_create(events)
    return tracks


def state(chance, now):
    began = now - chance.choice([90, 60, 30]) * DAY
    return chance.choice(["open", "passed", "waiting"]), began, began + 5 * DAY, began + 7 * DAY


def line(each, point):
    return TaskEvent(
        workspace_id=each.workspace_id,
        task=each,
        at=point.at,
        kind="opened",
        status=point.word,
        began_at=point.began_at,
        critical_at=point.critical_at,
        due_at=point.due_at,
    )


def test_days_before_a_held_list_was_accepted_stay_without_it(system, admin, by):
    now = clock.now()
    CriticalSystem.objects.filter(pk=system.pk).update(added_at=now - 9 * DAY)
    system.refresh_from_db()
    Task.objects.update(created_at=system.added_at, resolved_at=system.added_at)
    TaskEvent.objects.all().delete()
    CheckLine.objects.update(at=now - 9 * DAY)
    Connection.objects.update(stale_after=5 * 24 * 60)
    SyncRun.objects.update(read_at=now - 6 * DAY, finished_at=now - 6 * DAY)
    assert words(system)[-7:-1] == ["Passing"] * 5 + ["Stale"]
    SyncRun.objects.update(finished_at=now - 3 * DAY, decision="accepted")
    assert words(system)[-7:-1] == ["Stale"] * 3 + ["Passing"] * 2 + ["Stale"]


@pytest.fixture
def lapsed(workspace, admin, by):
    """A decision that ended three days ago, while nobody looked; the list is fresh all along."""
    system = a_system(workspace, admin, [given.row("First Unknown")])
    decide(workspace, admin, by)
    then, end = clock.now() - 9 * DAY, clock.now() - 3 * DAY
    CriticalSystem.objects.filter(pk=system.pk).update(added_at=then)
    Task.objects.update(created_at=then, updated_at=then, resolved_at=then, lapses_at=end)
    TaskEvent.objects.all().delete()
    CheckLine.objects.update(at=then)
    Identification.objects.update(ends_at=end)
    Connection.objects.update(stale_after=20 * 24 * 60)
    SyncRun.objects.update(read_at=then, finished_at=then)
    system.refresh_from_db()
    assert words(system)[-7:-1] == ["Passing"] * 3 + ["Stale"] * 3
    return system


def decide(workspace, admin, by):
    access.identify_as_not_staff(
        Account.objects.all(), workspace=workspace, kind="service", owner=admin, reason="Post",
        ends_on=(clock.now() + 90 * DAY).date(), user=admin, by=by,
    )  # fmt: skip


def test_pass_that_ended_by_the_clock_stays_ended_once_its_fault_is_judged(
    lapsed, workspace, admin, by
):
    before = words(lapsed)[:-1]
    with audit.act(workspace, by=by) as act:
        judging.judge_systems([lapsed.pk], now=act.now)
    assert task().resolved_at is None
    assert words(lapsed)[:-1] == before
    asked = checks.request_special_case(
        task(), reason="other", note="For now", ends_on=None, user=None, by=by
    )
    checks.approve_special_case(asked, user=admin, by=by)
    assert words(lapsed)[:-1] == before


def test_pass_that_ended_by_the_clock_stays_ended_once_it_is_confirmed(
    lapsed, workspace, admin, by
):
    before = words(lapsed)[:-1]
    decide(workspace, admin, by)
    assert task().lapses_at > clock.now()
    assert words(lapsed) == [*before, "Passing"]


@pytest.mark.parametrize("seed", range(5))
def test_grouped_tracks_look_like_those_of_single_tasks(seed, system):
    now = clock.now()
    Task.objects.all().delete()
    tracks = random_tasks(system, random.Random(seed), now)
    ends = [now - number * DAY for number in range(89, 0, -1)]
    found = tracks_of([system.pk], IDENTIFIED, ends)[str(system.pk)]
    watch = Watch(
        [(now - 100 * DAY, None)], reads=[(each, each) for each in ends[::3]], fresh_for=24 * 3600
    )
    for at in ends:
        grouped, single = (day_of(at.date(), at, [(watch, each)]) for each in (found, tracks))
        assert grouped == single


def test_many_tasks_that_stand_alike_are_one_track(system, workspace, django_assert_num_queries):
    now = clock.now()
    Task.objects.all().delete()
    for at in (now - 50 * DAY, now - 20 * DAY):
        Task.objects.bulk_create(
            Task(
                workspace=workspace,
                system_id=system.pk,
                check_id=IDENTIFIED,
                subject_kind="account",
                subject_id=uuid.uuid4(),
                created_at=at,
                updated_at=at,
                resolved_at=at,
            )
            for _ in range(200)
        )
    ends = [now - number * DAY for number in range(89, 0, -1)]
    with django_assert_num_queries(5):
        found = tracks_of([system.pk], IDENTIFIED, ends)[str(system.pk)]
    assert sorted(each.number for each in found) == [200, 200]
