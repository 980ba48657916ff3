"""How an account's access stands, as the pages show it: leavers, accounts of nobody on the staff."""

import pytest
from django.urls import reverse

from access import selectors
from access import services as access
from access.models import Account
from audit import clock
from checks.status import Status
from people import services as people
from tests import given
from tests.access.worlds import person, system

pytestmark = pytest.mark.django_db


@pytest.fixture
def leaver(workspace, by):
    found = person(workspace, "Former Bookkeeper")
    today = clock.now().date()
    people.offboard(found, last_day=today, access_ends="now", by=by)
    return found


@pytest.fixture
def books(workspace, admin, leaver):
    rows = [given.row("Former Bookkeeper"), given.row("Outside Adviser")]
    return system(workspace, admin, rows)


def row_of(page: str, name: str) -> str:
    return next(each for each in page.split("<tr>")[1:] if name in each)


def test_leaver_with_access_shows_the_task_of_their_removal(books, leaver, admin_client):
    page = admin_client.get(reverse("access:users", args=[books.pk])).content.decode()
    shown = row_of(page, "Former Bookkeeper")
    account = Account.objects.get(name="Former Bookkeeper")
    task = selectors.access_tasks(books.workspace, [account], clock.now())[account.pk]
    assert task.check_id == "offboarded_access_removed"
    assert reverse("access:task", args=[task.pk]) in shown
    assert "Due" in shown or "Critical" in shown


def test_leaver_with_access_is_found_among_those_not_valid(books, leaver):
    found = selectors.users(books, clock.now(), validity="invalid")
    assert [each.name for each in found] == ["Former Bookkeeper"]


def test_account_of_nobody_on_the_staff_is_not_judged_and_not_closed(
    books, workspace, admin, by, admin_client
):
    account = Account.objects.get(name="Outside Adviser")
    access.identify_as_not_staff(
        [account],
        workspace=workspace,
        kind="external",
        owner=admin,
        reason="Practice",
        ends_on=clock.now().date().replace(year=clock.now().year + 1),
        user=admin,
        by=by,
    )
    page = admin_client.get(reverse("access:users", args=[books.pk])).content.decode()
    assert "Not judged" in row_of(page, "Outside Adviser")
    about = admin_client.get(reverse("access:account", args=[account.pk])).content.decode()
    assert "Not judged" in about
    assert Status.CLOSED.value not in row_of(page, "Outside Adviser")


def test_staff_page_lists_the_tasks_about_that_persons_accounts(workspace, admin, by, admin_client):
    holder = person(workspace, "Sales Person")
    made = system(workspace, admin, [given.row("Sales Person")])
    access.save_rule(made, mode="all_staff", levels={"READONLY"}, user=admin, by=by)
    page = admin_client.get(reverse("access:staff", args=[holder.pk])).content.decode()
    assert "No tasks." not in page
    assert "User access to Critical System should be valid" in page
