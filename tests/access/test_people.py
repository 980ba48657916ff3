""" "Staff access" and "Offboarded staff": people × systems, what leavers can open, as files too."""

import csv
from datetime import timedelta
from io import StringIO

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from access import selectors
from access import services as access
from access.selectors import Found, Show
from audit import clock
from people import services as people
from tests import given
from tests.access import worlds

pytestmark = pytest.mark.django_db


@pytest.fixture
def both(workspace):
    return worlds.person(workspace, "Both Books", "both@example.test")


@pytest.fixture
def single(workspace):
    return worlds.person(workspace, "Single Book", "single@example.test")


FIRST = [
    given.row("Both", "both@example.test", subscriber=True),
    given.row("Single", "single@example.test", "FINANCIALADVISER"),
]
SECOND = [given.row("B. Books", "both@example.test", subscriber=True)]


@pytest.fixture
def systems(workspace, both, single, admin, by):
    worlds.person(workspace, "No Account", "none@example.test")
    return [
        worlds.system(workspace, admin, FIRST, "First Org"),
        worlds.system(workspace, admin, SECOND, "Second Org"),
    ]


def names(workspace, **filters):
    rows = selectors.staff_access(workspace, **filters, now=clock.now())
    return [row.name for row in rows.order_by("name")]


def leavers(workspace, **filters):
    now = clock.now()
    rows = selectors.offboarded(workspace, **filters, now=now)
    return {each.staff.name: each for each in selectors.leavers(workspace, rows, now)}


def leave(person, by):
    people.offboard(person, last_day=None, access_ends="now", by=by)


def test_person_shows_the_accounts_of_every_organisation_in_one_line(systems, both, workspace):
    held = selectors.accounts_of_people(workspace, [both.pk], clock.now())[both.pk]
    assert [each.system_name for each in held] == ["Xero · First Org", "Xero · Second Org"]


@pytest.mark.parametrize(
    ("show", "expected"),
    [
        (Show.MAPPED, ["Both Books", "Single Book"]),
        (Show.UNMAPPED, ["No Account"]),
        (Show.EVERYBODY, ["Both Books", "No Account", "Single Book"]),
    ],
)
def test_people_are_listed_mapped_or_not(show, expected, systems, workspace):
    assert names(workspace, show=show) == expected


def test_one_system_counts_by_itself(systems, workspace):
    assert names(workspace, system=systems[1]) == ["Both Books"]
    assert names(workspace, show=Show.UNMAPPED, system=systems[1]) == ["No Account", "Single Book"]


def test_invalid_access_can_be_listed_alone(systems, single, workspace, admin, by):
    role = people.create_org_role(workspace, name="Accountant", by=by)
    people.set_org_roles(single, org_roles=[role], by=by)
    access.save_rule(
        systems[0], mode="role_based", roles=[access.RoleLevels(role)], user=admin, by=by
    )
    assert names(workspace, show=Show.INVALID) == ["Both Books"]


def test_upcoming_leaver_is_listed_with_access_that_is_not_valid(
    systems, both, workspace, admin, by
):
    role = people.create_org_role(workspace, name="Accountant", by=by)
    access.save_rule(
        systems[1], mode="role_based", roles=[access.RoleLevels(role)], user=admin, by=by
    )
    people.offboard(both, last_day=clock.now().date() + timedelta(days=9), by=by)
    assert names(workspace, show=Show.INVALID) == ["Both Books"]


def test_leaver_with_accounts_in_two_organisations_shows_which_are_open(
    systems, both, workspace, by
):
    leave(both, by)
    found = leavers(workspace)["Both Books"]
    assert (found.found, found.open_systems) == (
        Found.ACTIVE,
        ["Xero · First Org", "Xero · Second Org"],
    )
    given.read(systems[1].connection, [given.row("Else", subscriber=True)])
    found = leavers(workspace)["Both Books"]
    assert (found.found, found.open_systems) == (Found.ACTIVE, ["Xero · First Org"])
    stays = given.row("Single", "single@example.test", "FINANCIALADVISER", subscriber=True)
    given.read(systems[0].connection, [stays])
    found = leavers(workspace)["Both Books"]
    assert (found.found, found.open_systems, found.days) == (Found.REVOKED, [], 0)


def test_leaver_who_never_had_an_account_is_not_found_and_unproven_until_lists_are_read(
    systems, workspace, by
):
    nobody = worlds.person(workspace, "Never Seen")
    leave(nobody, by)
    found = leavers(workspace)["Never Seen"]
    assert (found.found, found.days, found.unproven) == (Found.NOT_FOUND, None, True)


def read_again(systems, *more):
    given.read(systems[0].connection, [*FIRST, *more])
    given.read(systems[1].connection, SECOND)


def test_leaver_without_an_account_is_proven_by_lists_that_still_count(systems, workspace, by):
    nobody = worlds.person(workspace, "Never Seen")
    leave(nobody, by)
    read_again(systems)
    assert leavers(workspace)["Never Seen"].doubt == ""
    later = clock.now() + timedelta(days=2)
    rows = selectors.offboarded(workspace, now=later)
    (found,) = selectors.leavers(workspace, rows, later)
    assert found.doubt == "Not every organisation was read since"


def test_leaver_is_unproven_beside_a_system_that_nobody_has_read(systems, workspace, admin, by):
    nobody = worlds.person(workspace, "Never Seen")
    leave(nobody, by)
    read_again(systems)
    access.add_system(workspace, integration="xero", user=admin, by=by)
    assert leavers(workspace)["Never Seen"].unproven


def test_leaver_is_unproven_while_an_account_that_may_be_theirs_is_nobodys(systems, workspace, by):
    nobody = worlds.person(workspace, "Never Seen", "never@example.test")
    leave(nobody, by)
    read_again(systems, given.row("Never Seen", "n.seen@elsewhere.test"))
    found = leavers(workspace)["Never Seen"]
    assert (found.found, found.doubt) == (
        Found.NOT_FOUND,
        "An account that may be theirs is not identified",
    )


@pytest.mark.parametrize("kind", list(Found))
def test_leavers_can_be_filtered_by_what_was_found(kind, systems, both, workspace, by):
    nobody = worlds.person(workspace, "Never Seen")
    for person in (both, nobody):
        leave(person, by)
    expected = {Found.ACTIVE: ["Both Books"], Found.NOT_FOUND: ["Never Seen"], Found.REVOKED: []}
    assert list(leavers(workspace, found=kind)) == expected[kind]


def test_account_taken_from_a_leaver_is_still_theirs_here(
    systems, both, single, workspace, admin, by
):
    leave(both, by)
    access.identify_as_staff([worlds.account("B. Books")], staff=single, user=admin, by=by)
    assert "Xero · Second Org" in leavers(workspace)["Both Books"].open_systems


PAGES = ["staff_access", "export_staff_access", "offboarded", "export_offboarded"]


@pytest.mark.parametrize("page", PAGES)
def test_page_works_for_readers_and_refuses_everything_else(
    page, systems, client, admin_client, auditor_client
):
    url = reverse(f"access:{page}")
    rubbish = f"{url}?q=%E2%98%83&show=nonsense&system=nonsense&found=nonsense&page=nonsense"
    assert admin_client.get(url).status_code == 200
    assert admin_client.get(rubbish).status_code == 200
    assert auditor_client.get(url).status_code == 200
    assert admin_client.post(url).status_code == 405
    assert client.get(url).status_code == 302


def test_another_workspace_sees_none_of_it(systems, stranger_client):
    for page in PAGES:
        response = stranger_client.get(reverse(f"access:{page}"))
        body = b"".join(response.streaming_content) if response.streaming else response.content
        assert b"Both Books" not in body


def lines(client, page, query=""):
    response = client.get(reverse(f"access:{page}") + query)
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(StringIO(text)))


def test_files_have_a_line_for_each_account_and_one_for_people_without(
    systems, both, workspace, by, admin_client
):
    found = lines(admin_client, "export_staff_access", "?show=everybody")
    assert [(each["Person"], each["System"]) for each in found] == [
        ("Both Books", "Xero · First Org"),
        ("Both Books", "Xero · Second Org"),
        ("No Account", None),
        ("Single Book", "Xero · First Org"),
    ]
    leave(both, by)
    left = lines(admin_client, "export_offboarded")
    assert [(each["System"], each["Account state"]) for each in left] == [
        ("Xero · First Org", "Active"),
        ("Xero · Second Org", "Active"),
    ]


def test_name_that_is_a_formula_is_text_in_the_file(systems, workspace, by, admin_client):
    worlds.person(workspace, "=HYPERLINK(1)", "formula@example.test")
    found = lines(admin_client, "export_staff_access", "?show=unmapped")
    assert "'=HYPERLINK(1)" in {each["Person"] for each in found}


def queries(client, page):
    url = reverse(f"access:{page}")
    client.get(url)
    with CaptureQueriesContext(database) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def test_lists_ask_the_database_as_often_for_many_people_as_for_few(
    systems, both, workspace, admin, by, admin_client
):
    leave(both, by)
    few = {page: queries(admin_client, page) for page in ("staff_access", "offboarded")}
    crowd = [
        given.row(f"Guest {n:02}", f"guest{n}@example.test", subscriber=n == 0) for n in range(30)
    ]
    for n in range(30):
        guest = worlds.person(workspace, f"Guest {n:02}", f"guest{n}@example.test")
        if n % 2:
            leave(guest, by)
    worlds.system(workspace, admin, crowd, "Crowded Org")
    many = {page: queries(admin_client, page) for page in few}
    assert many == few
    assert max(many.values()) <= 15
