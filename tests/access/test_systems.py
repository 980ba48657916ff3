"""Systems that are removed, added again, disconnected and reconnected keep one record with its gaps."""

from datetime import timedelta

import pytest

from access import services as access
from access.models import CriticalSystem, SystemGap
from access.services import gaps
from audit import clock
from audit import services as audit
from checks.models import Task
from integrations import services as integrations
from integrations.models import Connection
from people import services as people
from people.services import Problem
from tests import given

pytestmark = pytest.mark.django_db
USERS = [given.row("Example Accountant"), given.row("Owner Person", subscriber=True)]


@pytest.fixture
def books(workspace, admin):
    found = given.connection(workspace, connected_by=admin)
    given.read(found, USERS)
    return found


@pytest.fixture
def system(workspace, books, admin, by):
    role = people.create_org_role(workspace, name="Accountant", by=by)
    made = access.add_system(workspace, integration="xero", connection=books, user=admin, by=by)
    access.save_rule(made, mode="role_based", roles=[access.RoleLevels(role)], user=admin, by=by)
    return made


def add_again(system, admin, by):
    return access.add_system(
        system.workspace, integration="xero", connection=system.connection, user=admin, by=by
    )


def reconnect(books, by):
    """As an adopted attempt leaves it, without the network."""
    books.authorisation, books.disconnected_at = Connection.Authorisation.CONNECTED, None
    books.generation, books.ref = books.generation + 1, "again"
    with audit.act(books.workspace, by=by):
        books.save()
        key = f"connection:{books.id}"
        audit.record("connection.reconnected", subject=key, touched={key})


def test_added_again_it_goes_on_with_its_rule_and_the_start_of_its_problems(system, admin, by):
    task = Task.objects.get(check_id="user_identified", subject_label="Owner Person")
    access.remove_system(system, reason="Sold the company", by=by)
    again = add_again(system, admin, by)
    assert (again.pk, again.added_at, again.removed_at) == (system.pk, system.added_at, None)
    assert again.rule.mode == "role_based"
    assert Task.objects.get(pk=task.pk).began_at == task.began_at
    assert CriticalSystem.objects.count() == 1


def test_gap_of_a_removal_is_kept_and_told_beside_every_verdict(system, admin, by):
    access.remove_system(system, reason="Sold the company", by=by)
    (gap,) = SystemGap.objects.all()
    assert (gap.cause, gap.reason, gap.ended_at) == ("removed", "Sold the company", None)
    add_again(system, admin, by)
    gap.refresh_from_db()
    assert gap.began_at < gap.ended_at <= clock.now()
    for task in Task.objects.filter(closed_at=None):
        told = dict(task.used)["Not monitored"]
        assert "the system was removed: Sold the company" in told, task.check_id


def test_removal_without_a_reason_changes_nothing(system, by):
    with pytest.raises(Problem):
        access.remove_system(system, reason="  ", by=by)
    system.refresh_from_db()
    assert system.removed_at is None
    assert not SystemGap.objects.exists()


def test_gap_of_a_disconnect_ends_with_the_first_list_and_not_with_the_click(
    system, books, admin, by
):
    integrations.disconnect(books, user=admin, by=by)
    gap = SystemGap.objects.get()
    reconnect(books, by)
    gap.refresh_from_db()
    assert (gap.cause, gap.ended_at) == ("disconnected", None)
    given.read(books, USERS)
    gap.refresh_from_db()
    assert gap.ended_at == books.read_at


def test_gap_that_began_at_the_very_instant_of_the_reading_ends_with_it(system, books, admin, by):
    integrations.disconnect(books, user=admin, by=by)
    gap = SystemGap.objects.get()
    assert gaps.end([system.pk], SystemGap.Cause.DISCONNECTED, at=gap.began_at) == 1
    gap.refresh_from_db()
    assert gap.ended_at == gap.began_at


def test_disconnecting_leaves_nothing_green_that_rests_on_the_list(system, books, admin, by):
    from checks import selectors as checks
    from checks.status import Status

    integrations.disconnect(books, user=admin, by=by)
    now = clock.now() + timedelta(seconds=1)
    rows = checks.tasks(system.workspace, now)
    passing = {row.check_id for row in rows if checks.RANKED[row.code] is Status.PASSING}
    assert passing <= {"access_control_configured"}


def test_organisation_of_a_removed_system_continues_it_instead_of_a_waiting_card(
    system, books, workspace, admin, by
):
    integrations.disconnect(books, user=admin, by=by)
    access.remove_system(system, reason="Pause", by=by)
    waiting = access.add_system(workspace, integration="xero", user=admin, by=by)
    reconnect(books, by)
    system.refresh_from_db()
    waiting.refresh_from_db()
    assert system.removed_at is None
    assert "whose record goes on" in waiting.removed_reason


def test_owner_can_only_be_a_member(system, make_member, other_workspace, workspace, by):
    colleague = make_member(workspace, "editor")
    assert access.change_owner(system, owner=colleague, by=by).owner == colleague
    with pytest.raises(Problem):
        access.change_owner(system, owner=make_member(other_workspace), by=by)
    system.refresh_from_db()
    assert system.owner == colleague
