"""The main line without network: connect, read, add system, rule, identify, offboard, remove."""

from datetime import timedelta

import pytest

from access import services as access
from access.models import Account
from audit import clock
from audit import selectors as audit
from checks import selectors as checks
from checks.models import JudgedSystem, Task
from checks.rules import CHECKS
from checks.status import Status
from people import services as people
from tests import given

pytestmark = pytest.mark.django_db


@pytest.fixture
def books(workspace):
    return given.connection(workspace)


@pytest.fixture
def accountant_role(workspace, by):
    return people.create_org_role(workspace, name="Accountant", by=by)


@pytest.fixture
def accountant(workspace, accountant_role, by):
    return people.add(
        workspace,
        name="Example Accountant",
        email="example.accountant@example.test",
        org_roles=[accountant_role],
        by=by,
    )


def statuses(system, check_id, later=timedelta()):
    now = clock.now() + later
    rows = checks.tasks(system.workspace, now).filter(system_id=system.id, check_id=check_id)
    return {task.subject_label: checks.RANKED[task.code] for task in rows}


def summary(system, check_id, later=timedelta()):
    judged = JudgedSystem.objects.get(pk=system.pk)
    found = checks.summaries([judged], clock.now() + later)[str(system.pk)]
    return next(each for each in found if each.check_id == check_id)


LIST = [
    given.row("Example Accountant"),
    given.row("Owner Person", level="FINANCIALADVISER", subscriber=True),
]


@pytest.fixture
def system(workspace, books, accountant, admin, by):
    given.read(books, LIST)
    return access.add_system(workspace, integration="xero", connection=books, user=admin, by=by)


def test_exact_address_identifies_at_the_first_reading(system):
    assert statuses(system, "user_identified") == {
        "Example Accountant": Status.PASSING,
        "Owner Person": Status.DUE,
    }


def test_adding_the_org_role_makes_the_access_valid_at_once(
    system, accountant_role, workspace, by, admin
):
    other = people.create_org_role(workspace, name="Sales", by=by)
    access.save_rule(system, mode="role_based", roles=[access.RoleLevels(other)], user=admin, by=by)
    assert statuses(system, "user_access_valid")["Example Accountant"] is Status.DUE
    access.save_rule(
        system, mode="role_based", roles=[access.RoleLevels(accountant_role)], user=admin, by=by
    )
    assert statuses(system, "user_access_valid")["Example Accountant"] is Status.PASSING


def test_offboarding_now_opens_the_task_and_a_list_without_the_account_closes_it(
    system, books, accountant, by
):
    people.offboard(accountant, last_day=None, access_ends="now", by=by)
    check = "offboarded_access_removed"
    assert statuses(system, check)["Example Accountant"] in {Status.DUE, Status.CRITICAL}
    assert "Example Accountant" not in {
        label
        for label, status in statuses(system, "user_access_valid").items()
        if status is not Status.CLOSED
    }
    given.read(books, LIST[1:])
    assert statuses(system, check)["Example Accountant"] is Status.PASSING


def test_nothing_stays_green_when_nobody_reads_any_more(system, books):
    assert statuses(system, "user_identified")["Example Accountant"] is Status.PASSING
    much_later = timedelta(days=30)
    assert statuses(system, "user_identified", much_later) == {
        "Example Accountant": Status.STALE,
        "Owner Person": Status.FAILING,
    }
    assert summary(system, "user_identified", much_later).status is Status.FAILING


def test_no_check_that_rests_on_a_list_stays_green_when_nobody_reads_any_more(
    workspace, system, books, accountant, admin, by
):
    people.add(workspace, name="Owner Person", email="owner.person@example.test", by=by)
    access.save_rule(system, mode="all_staff", user=admin, by=by)
    people.offboard(accountant, last_day=None, access_ends="now", by=by)
    given.read(books, LIST[1:])
    found = {each.id: summary(system, each.id).status for each in CHECKS}
    assert set(found.values()) == {Status.PASSING}
    later = {each.id: summary(system, each.id, timedelta(days=30)).status for each in CHECKS}
    assert later == {
        each.id: Status.STALE if each.needs_list else Status.PASSING for each in CHECKS
    }


def test_reading_the_same_list_again_writes_no_task(system, books):
    before = list(Task.objects.order_by("id").values_list("id", "updated_at"))
    evaluations = system.workspace.evaluation_set.count()
    given.read(books, LIST)
    assert list(Task.objects.order_by("id").values_list("id", "updated_at")) == before
    assert system.workspace.evaluation_set.count() == evaluations


def test_vanished_account_closes_its_task_and_is_no_pass(system, books):
    given.read(books, [*LIST, given.row("Short Guest")])
    given.read(books, LIST)
    assert statuses(system, "user_identified")["Short Guest"] is Status.CLOSED


def test_many_vanishing_accounts_are_held_and_nothing_closes(system, books):
    many = [*LIST, *(given.row(f"Guest {n}") for n in range(5))]
    given.read(books, many)
    run = given.read(books, LIST)
    assert run.state == "held"
    assert Account.objects.filter(connection=books, present=True).count() == 7


def test_evaluation_replays_to_the_same_digest(system):
    from checks import services

    for evaluation in system.workspace.evaluation_set.all():
        assert services.replay(evaluation) == evaluation.verdicts_digest


def test_chain_is_whole_after_all_of_it(system):
    assert audit.verification(system.workspace_id).whole


def test_leavers_account_under_a_colleagues_address_stays_the_leavers(
    system, books, accountant, workspace, by
):
    people.add(workspace, name="Other Person", email="other.person@example.test", by=by)
    people.offboard(accountant, last_day=None, access_ends="now", by=by)
    given.read(books, [given.row("Example Accountant", "other.person@example.test"), LIST[1]])
    task = Task.objects.get(check_id="offboarded_access_removed")
    assert task.resolved_at is None
    assert task.closed_at is None


def test_nobody_is_green_on_a_list_older_than_the_leaving(system, books, workspace, by):
    stranger = people.add(workspace, name="Never Seen", external_id="77", by=by)
    people.offboard(stranger, last_day=None, access_ends="now", by=by)
    assert summary(system, "offboarded_access_removed").status is Status.WAITING
    given.read(books, LIST)
    assert summary(system, "offboarded_access_removed").status is Status.PASSING


def test_accepting_a_held_list_does_not_heal_the_connection(system, books, admin, by):
    from integrations import services as integrations
    from integrations.models import Connection

    given.read(books, [*LIST, *(given.row(f"Guest {n}") for n in range(5))])
    run = given.read(books, LIST)
    Connection.objects.update(authorisation="needs_reconnect", trouble="Renew it")
    integrations.accept_held(run, user=admin, reason="Looked at it", by=by)
    books.refresh_from_db()
    assert (books.authorisation, books.trouble) == ("needs_reconnect", "Renew it")


def test_removed_level_and_back_is_a_new_appearance(system, books):
    given.read(books, [LIST[1], given.row("Example Accountant", level="REMOVED")])
    given.read(books, LIST)
    account = Account.objects.get(name="Example Accountant")
    assert account.appeared_at == books.read_at


def test_owner_who_leaves_later_ends_the_decision_at_that_instant(
    system, accountant, workspace, by, admin
):
    from datetime import date

    from people import days

    owner = people.add(workspace, name="Answering Owner", external_id="9", by=by)
    today = days.today(clock.now(), workspace.zone)
    access.identify_as_not_staff(
        Account.objects.filter(name="Owner Person"),
        workspace=workspace,
        kind="service",
        owner=owner,
        reason="Robot",
        ends_on=date(today.year + 1, 6, 30),
        user=admin,
        by=by,
    )
    people.offboard(owner, last_day=today + timedelta(days=3), by=by)
    later = timedelta(days=5)
    assert statuses(system, "user_identified", later)["Owner Person"] is not Status.PASSING
    assert (
        Task.objects.get(check_id="user_identified", subject_label="Owner Person").lapses_at
        < clock.now() + later
    )
