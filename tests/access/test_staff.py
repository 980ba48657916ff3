"""Tests of access: the page of one person, merging, aliases."""

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse

from access import services as access
from access.models import Identification
from audit import clock
from checks.models import Task
from people import services as people
from tests import given
from tests.access import worlds

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(workspace, by):
    return people.add(workspace, name="Alex One", email="alex@example.test", by=by)


@pytest.fixture
def duplicate(workspace, by):
    return people.add(workspace, name="A. One", email="a.one@example.test", by=by)


def path(name, staff):
    return reverse(f"access:{name}", args=[staff.pk])


def page(client, staff):
    return client.get(path("staff", staff)).content.decode()


def test_staff_page_shows_accounts_addresses_and_history(admin_client, workspace, staff, admin, by):
    made = given.connection(workspace)
    access.add_system(workspace, integration="xero", connection=made, user=admin, by=by)
    given.read(made, [given.row("A One", "alex@example.test", subscriber=True)])
    people.add_alias(staff, address="alias@example.test", by=by)
    people.withdraw_alias(staff, address="alias@example.test", by=by)
    text = page(admin_client, staff)
    for words in (
        "Has access",
        "Xero · Example Books",
        "Standard",
        "alias@example.test",
        "Ended",
        "Added to the directory",
        "Address changed",
        "By hand",
    ):
        assert words in text, words


def test_whoever_has_not_started_is_nowhere_called_current(
    admin_client, workspace, staff, admin, by
):
    made = given.connection(workspace)
    system = access.add_system(workspace, integration="xero", connection=made, user=admin, by=by)
    given.read(made, [given.row("A One", "alex@example.test", subscriber=True)])
    access.save_rule(system, mode="all_staff", user=admin, by=by)
    pages = [
        path("staff", staff),
        reverse("people:directory"),
        reverse("access:staff_access"),
    ]
    task = Task.objects.get(check_id="user_access_valid")

    def states():
        shown = "".join(admin_client.get(each).content.decode() for each in pages)
        return re.findall(r"<span>(Current|Starts [^<]+?) *</span>", shown)

    def known():
        task.refresh_from_db()
        return dict(task.used).get("Employed from")

    def start(day):
        people.edit(
            staff,
            name=staff.name,
            email="alex@example.test",
            external_id="",
            employment_type="employee",
            org_roles=[],
            manager=None,
            starts_on=day,
            by=by,
        )

    assert (states(), known()) == (["Current"] * 3, None)
    start(date(2060, 4, 1))
    assert (states(), known()) == (["Starts 1 Apr 2060"] * 3, "1 April 2060")
    start(date(2020, 4, 1))
    assert (states(), known()) == (["Current"] * 3, "1 April 2020")


def test_staff_page_takes_as_many_queries_for_many_accounts(
    admin_client, workspace, staff, admin, by, django_assert_max_num_queries
):
    admin_client.get("/people/")  # the first visit of a session is noted
    counts = []
    for number in (1, 3):
        for n in range(number):
            made = given.connection(workspace, f"Books {number}.{n}")
            access.add_system(workspace, integration="xero", connection=made, user=admin, by=by)
            given.read(made, [given.row("A One", "alex@example.test", subscriber=True)])
        with django_assert_max_num_queries(30) as queries:
            page(admin_client, staff)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_offboarding_shows_what_to_remove_before_anything_is_recorded(
    admin_client, workspace, staff, admin, by
):
    made = given.connection(workspace)
    access.add_system(workspace, integration="xero", connection=made, user=admin, by=by)
    given.read(made, [given.row("A One", "alex@example.test", subscriber=True)])
    text = admin_client.get(path("offboard", staff)).content.decode()
    assert "To remove" in text
    assert "Xero · Example Books" in text
    assert "Access ends" in text


def test_merge_page_moves_the_other_record_here(admin_client, workspace, staff, duplicate):
    sent = {"duplicate": "a.one@example.test", "final": "on"}
    assert admin_client.post(path("merge", staff), sent).url == path("staff", staff)
    assert "a.one@example.test" in page(admin_client, staff)
    moved = admin_client.get(path("staff", duplicate), follow=True)
    assert moved.redirect_chain[-1][0] == path("staff", staff)
    assert "was merged into Alex One" in moved.content.decode()


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({}, "Enter the e-mail or external id"),
        ({"duplicate": "nobody"}, "Nobody here has"),
        ({"duplicate": "a.one@example.test"}, "a merge is final"),
        ({"duplicate": "alex@example.test", "final": "on"}, "Choose another person"),
    ],
)
def test_merge_of_bad_input_keeps_what_was_typed(admin_client, staff, duplicate, sent, words):
    response = admin_client.post(path("merge", staff), sent)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert sent.get("duplicate", "") in response.content.decode()
    duplicate.refresh_from_db()
    assert duplicate.merged_into is None


def test_alias_is_added_and_ended_and_matches_at_once(admin_client, workspace, staff, admin, by):
    made = given.connection(workspace)
    access.add_system(workspace, integration="xero", connection=made, user=admin, by=by)
    given.read(made, [given.row("A One", "other@example.test", subscriber=True)])
    add = path("add_alias", staff)
    assert admin_client.post(add, {"address": "nobody"}).status_code == 422
    assert admin_client.post(add, {"address": "other@example.test"}).status_code == 302
    assert Identification.objects.get(withdrawn_at__isnull=True).staff == staff
    end = path("end_alias", staff)
    text = admin_client.post(end, {"address": "no@example.test"}, follow=True).content.decode()
    assert "is not an alias" in text
    admin_client.post(end, {"address": "other@example.test"})
    assert not staff.addresses.filter(until__isnull=True, kind="alias").exists()


def test_changes_of_a_person_are_for_those_who_may(
    admin_client, auditor_client, stranger_client, client, staff
):
    for name in ("merge", "add_alias", "end_alias", "offboard", "reinstate"):
        assert auditor_client.post(path(name, staff)).status_code == 403
        assert stranger_client.post(path(name, staff)).status_code == 404
        assert admin_client.delete(path(name, staff)).status_code == 405
        assert client.post(path(name, staff)).url.startswith("/accounts/login/")
    assert stranger_client.get(path("staff", staff)).status_code == 404


def test_leavers_page_lists_the_shared_accounts_whose_password_they_know(
    workspace, admin, by, admin_client
):
    worlds.system(workspace, admin, [given.row("Shared Mailbox", subscriber=True)])
    leaver = worlds.person(workspace, "Leaving Clerk", "clerk@example.test")
    access.identify_as_not_staff(
        [worlds.account("Shared Mailbox")], workspace=workspace, kind="shared", owner=admin,
        reason="Post", ends_on=clock.now().date() + timedelta(days=90), users=[leaver],
        user=admin, by=by,
    )  # fmt: skip
    for page in ("offboard", "staff"):
        text = admin_client.get(reverse(f"access:{page}", args=[leaver.pk])).content.decode()
        assert "Shared Mailbox" in text
    text = admin_client.get(reverse("access:offboard", args=[leaver.pk])).content.decode()
    assert "Passwords to change" in text


def test_leavers_page_names_what_they_own_where_they_sign_in_with_an_alias(
    workspace, admin, by, admin_client
):
    system = worlds.system(workspace, admin, [given.row("Robot Account", subscriber=True)])
    leaver = worlds.person(workspace, "Leaving Owner", "owner.at.work@example.test")
    access.identify_as_not_staff(
        [worlds.account("Robot Account")], workspace=workspace, kind="service", owner=admin,
        reason="Feed", ends_on=clock.now().date() + timedelta(days=90), user=admin, by=by,
    )  # fmt: skip

    def asked():
        return admin_client.get(path("offboard", leaver)).content.decode()

    assert "To hand on" not in asked()
    people.add_alias(leaver, address=admin.email, by=by)
    text = asked()
    assert system.owner == admin
    assert "To hand on" in text
    assert "Owner of the critical system" in text
    assert "Answers for 1 account that is nobody" in text
    people.withdraw_alias(leaver, address=admin.email, by=by)
    assert "To hand on" not in asked()
