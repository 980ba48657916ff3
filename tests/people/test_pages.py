"""Tests of people: pages."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.urls import reverse

from audit import clock
from people import selectors
from people import services as people
from people.models import EmailAddress, EmploymentPeriod, OrgRole, StaffMember
from people.services import searching

pytestmark = pytest.mark.django_db

DIRECTORY = "/people/"
FILLED = {
    "name": "Alex One",
    "email": "alex.one@example.test",
    "external_id": "E-1",
    "employment_type": "contractor",
    "manager": "",
    "starts_on": "2026-04-01",
}


@pytest.fixture
def staff(add):
    return add("Former Bookkeeper", email="books@example.test")


@pytest.fixture
def accountant(role):
    return role("Accountant")


@pytest.fixture
def addresses(staff, accountant):
    """Every page of the directory, and whether it changes something."""
    return {
        reverse("people:directory"): False,
        reverse("access:org_roles"): False,
        reverse("people:add"): True,
        reverse("people:edit", args=[staff.pk]): True,
        reverse("people:create_org_role"): True,
        reverse("people:rename_org_role", args=[accountant.pk]): True,
        reverse("people:merge_org_role", args=[accountant.pk]): True,
    }


def crowd(workspace, number):
    """People with all that a row shows, written in bulk."""
    now = clock.now()
    role = OrgRole.objects.create(workspace=workspace, name=f"Role {number}", created_at=now)
    rows = StaffMember.objects.bulk_create(
        StaffMember(workspace=workspace, name=f"Person {n:05}", created_at=now)
        for n in range(number)
    )
    EmploymentPeriod.objects.bulk_create(
        EmploymentPeriod(workspace=workspace, staff=each, created_at=now) for each in rows
    )
    texts = [f"person.{n}.of.{number}@example.test" for n in range(number)]
    EmailAddress.objects.bulk_create(
        EmailAddress(workspace=workspace, staff=each, address=text, normalised=text, since=now)
        for each, text in zip(rows, texts, strict=True)
    )
    for each in rows[:20]:
        each.org_roles.add(role)
    searching.index_people({each.pk for each in rows})


def test_every_page_opens_for_an_admin(admin_client, addresses):
    assert {admin_client.get(path).status_code for path in addresses} == {200}


def test_every_page_asks_a_visitor_to_sign_in(client, addresses):
    for path in addresses:
        assert client.get(path).url.startswith("/accounts/login/")


def test_pages_that_change_are_refused_to_an_auditor(auditor_client, addresses):
    for path, changes in addresses.items():
        assert auditor_client.get(path).status_code == (403 if changes else 200)
        if changes:
            assert auditor_client.post(path, FILLED).status_code == 403


def test_pages_refuse_a_wrong_method(admin_client, addresses):
    for path, changes in addresses.items():
        assert admin_client.delete(path).status_code == 405
        if not changes:
            assert admin_client.post(path).status_code == 405


def test_pages_of_another_workspaces_rows_do_not_exist(stranger_client, staff, accountant):
    for route, row in (("people:edit", staff), ("people:rename_org_role", accountant)):
        path = reverse(route, args=[row.pk])
        assert stranger_client.get(path).status_code == 404
        assert stranger_client.post(path, FILLED).status_code == 404
    assert "Former Bookkeeper" not in stranger_client.get(DIRECTORY).content.decode()
    staff.refresh_from_db()
    assert staff.name == "Former Bookkeeper"


def test_directory_without_people_says_what_to_do(admin_client, workspace):
    page = admin_client.get(DIRECTORY).content.decode()
    assert "Nobody in the directory yet" in page
    assert reverse("people:add") in page


def test_directory_without_a_match_offers_everybody(admin_client, staff):
    page = admin_client.get(DIRECTORY, {"q": "nobody like this"}).content.decode()
    assert "Nobody fits" in page
    assert "Former Bookkeeper" not in page


def test_directory_with_a_filter_that_does_not_exist_says_so(admin_client, staff):
    for wrong in ({"status": "robot"}, {"org_role": "1"}, {"q": "x" * 300}):
        page = admin_client.get(DIRECTORY, wrong).content.decode()
        assert "does not exist" in page
        assert "Former Bookkeeper" in page


def test_directory_hides_editing_from_an_auditor(auditor_client, staff):
    page = auditor_client.get(DIRECTORY).content.decode()
    assert "Former Bookkeeper" in page
    assert "/edit/" not in page
    assert reverse("people:add") not in page


def test_directory_shows_status_and_days(admin_client, workspace, add):
    add(last_day=date(2024, 1, 31))
    add(starts_on=clock.now().date() + timedelta(days=40))
    page = admin_client.get(DIRECTORY).content.decode()
    for words in ("Offboarded", "31 Jan 2024", "Current", "Starts "):
        assert words in page


def test_directory_escapes_what_people_typed(admin_client, add):
    add("<script>alert(1)</script>")
    page = admin_client.get(DIRECTORY, {"q": '"><script>'}).content.decode()
    page += admin_client.get(DIRECTORY).content.decode()
    assert "<script>alert" not in page
    assert '"><script>' not in page


def test_directory_keeps_its_filters_from_page_to_page(admin_client, workspace):
    crowd(workspace, 120)
    response = admin_client.get(DIRECTORY, {"q": "person"})
    seen = []
    while True:
        page = response.context["page"]
        seen += [row.name for row in page.rows]
        if not page.older:
            break
        response = admin_client.get(DIRECTORY, {"q": "person", "page": page.older})
        assert "q=person" in response.content.decode()
    assert seen == [f"Person {n:05}" for n in range(120)]


def test_directory_takes_as_many_queries_for_ten_as_for_a_thousand(
    admin_client, workspace, django_assert_max_num_queries
):
    admin_client.get(DIRECTORY)  # the first visit of a session is noted
    counts = []
    for number in (10, 1_000):
        crowd(workspace, number)
        with django_assert_max_num_queries(15) as queries:
            admin_client.get(DIRECTORY, {"q": "person", "order": "-name", "status": "current"})
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_org_roles_take_as_many_queries_for_one_as_for_fifty(
    admin_client, workspace, role, django_assert_max_num_queries
):
    admin_client.get(DIRECTORY)  # the first visit of a session is noted
    counts = []
    for number in (1, 50):
        for n in range(number):
            role(f"Role {number}.{n}")
        with django_assert_max_num_queries(15) as queries:
            admin_client.get(reverse("access:org_roles"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_add_creates_the_person(admin_client, workspace, accountant, staff):
    sent = FILLED | {"org_roles": [accountant.pk], "manager": "Books@example.test"}
    response = admin_client.post(reverse("people:add"), sent)
    assert response.url == DIRECTORY
    added = selectors.for_workspace(workspace).get(external_id="E-1")
    found = selectors.staff_member(workspace, added.pk, now=clock.now())
    assert (found.email, found.employment_type) == ("alex.one@example.test", "contractor")
    assert (found.manager, list(found.org_roles.all())) == (staff, [accountant])
    assert found.starts_on == date(2026, 4, 1)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": ""}, "Enter the person&#x27;s name"),
        ({"email": "", "external_id": ""}, "Enter an e-mail address or an external id"),
        ({"email": "nobody"}, "This is no e-mail address"),
        ({"email": "BOOKS@example.test"}, "belongs to Former Bookkeeper"),
        ({"manager": "nobody@example.test"}, "Add the manager first"),
        ({"starts_on": "1 April"}, "Enter a day of the calendar"),
        ({"starts_on": "0001-01-01"}, "Enter a day between"),
        ({"employment_type": "robot"}, "Select a valid choice"),
        ({"org_roles": ["00000000-0000-4000-8000-000000000009"]}, "Select a valid choice"),
        ({"name": "x\x00"}, "Null characters"),
    ],
)
def test_add_of_bad_input_says_what_to_do_and_keeps_what_was_typed(
    admin_client, workspace, staff, wrong, words
):
    sent = FILLED | {"external_id": "typed-before"} | wrong
    response = admin_client.post(reverse("people:add"), sent)
    page = response.content.decode()
    assert response.status_code == 422
    assert words in page
    assert "Nothing was saved yet" in page
    assert "typed-before" in page or "external_id" in wrong
    assert selectors.for_workspace(workspace).count() == 1


def test_add_of_nothing_at_all_is_bad_input(admin_client, workspace):
    assert admin_client.post(reverse("people:add")).status_code == 422


def test_add_does_not_take_an_org_role_of_another_workspace(admin_client, other_workspace, by):
    foreign = people.create_org_role(other_workspace, name="Accountant", by=by)
    sent = FILLED | {"org_roles": [foreign.pk]}
    assert admin_client.post(reverse("people:add"), sent).status_code == 422


def test_edit_shows_what_is_known_and_saves_the_change(admin_client, add, accountant):
    manager = add("Example Manager", email="", external_id="M-1")
    staff = add("Alex One", manager=manager, org_roles=[accountant], starts_on=date(2025, 1, 2))
    path = reverse("people:edit", args=[staff.pk])
    form = admin_client.get(path).context["form"]
    sent = {name: form[name].value() for name in form.fields}
    assert (sent["manager"], sent["starts_on"]) == ("M-1", date(2025, 1, 2))
    sent = sent | {"org_roles": [accountant.pk], "name": "Alex Two"}
    assert admin_client.post(path, sent).url == DIRECTORY
    staff.refresh_from_db()
    assert (staff.name, staff.manager) == ("Alex Two", manager)
    assert list(staff.org_roles.all()) == [accountant]


def test_edit_of_bad_input_changes_nothing(admin_client, add, staff):
    other = add("Alex One")
    path = reverse("people:edit", args=[other.pk])
    response = admin_client.post(path, FILLED | {"name": "X", "email": "books@example.test"})
    assert response.status_code == 422
    assert "belongs to Former Bookkeeper" in response.content.decode()
    other.refresh_from_db()
    assert other.name == "Alex One"


@pytest.mark.parametrize(
    ("wanted", "onward"),
    [("/access/", "/access/"), ("https://evil.example/", DIRECTORY), ("//evil.example", DIRECTORY)],
)
def test_edit_goes_back_only_to_pages_of_ours(admin_client, staff, wanted, onward):
    path = reverse("people:edit", args=[staff.pk])
    assert admin_client.post(f"{path}?next={wanted}", FILLED).url == onward


def test_create_org_role_creates_it(admin_client, workspace):
    response = admin_client.post(reverse("people:create_org_role"), {"name": "Sales"})
    assert response.url == reverse("access:org_roles")
    assert "Sales" in admin_client.get(response.url).content.decode()


@pytest.mark.parametrize("name", ["", "ACCOUNTANT", "x" * 101])
def test_create_org_role_of_bad_input_keeps_what_was_typed(admin_client, accountant, name):
    response = admin_client.post(reverse("people:create_org_role"), {"name": name})
    assert response.status_code == 422
    assert name in response.content.decode()
    assert OrgRole.objects.count() == 1


def test_rename_org_role_renames_it(admin_client, accountant):
    path = reverse("people:rename_org_role", args=[accountant.pk])
    assert admin_client.post(path, {"name": "Bookkeeper"}).status_code == 302
    accountant.refresh_from_db()
    assert accountant.name == "Bookkeeper"


def test_rename_org_role_to_a_taken_name_is_refused(admin_client, accountant, role):
    path = reverse("people:rename_org_role", args=[role("Sales").pk])
    response = admin_client.post(path, {"name": "accountant"})
    assert response.status_code == 422
    assert "already" in response.content.decode()


def test_merge_org_role_lets_the_other_take_its_place(admin_client, accountant, role, add):
    staff = add(org_roles=[accountant])
    sales = role("Sales")
    path = reverse("people:merge_org_role", args=[accountant.pk])
    assert admin_client.post(path, {"into": accountant.pk}).status_code == 422
    assert admin_client.post(path, {"into": sales.pk}).url == reverse("access:org_roles")
    assert list(staff.org_roles.all()) == [sales]


def test_delete_org_role_in_use_says_who_has_it(admin_client, accountant, add):
    add("Example Holder", org_roles=[accountant])
    path = reverse("people:delete_org_role", args=[accountant.pk])
    page = admin_client.post(path, follow=True).content.decode()
    assert "Example Holder has the Org role Accountant" in page
    assert OrgRole.objects.count() == 1
    assert admin_client.get(path).status_code == 405


def test_change_roles_gives_the_role_to_the_chosen_people(admin_client, accountant, add):
    chosen, other = add(), add()
    sent = {"staff": [chosen.pk], "org_role": accountant.pk, "change": "add"}
    path = reverse("people:change_roles")
    assert "given to 1 person" in admin_client.post(path, sent, follow=True).content.decode()
    assert (chosen.org_roles.count(), other.org_roles.count()) == (1, 0)
    admin_client.post(path, sent | {"change": "remove"})
    assert chosen.org_roles.count() == 0


def test_change_roles_of_somebody_who_is_merged_at_that_moment_is_refused_in_words(
    admin_client, accountant, add, by
):
    survivor, duplicate = add("Example Kept"), add("Example Twice")
    to_come = [lambda: people.merge(survivor, duplicate=duplicate, by=by)]

    def meanwhile(execute, sql, *args):
        if to_come and 'FROM "people_employmentperiod"' in sql:  # the form is valid by now
            to_come.pop()()
        return execute(sql, *args)

    sent = {"staff": [duplicate.pk], "org_role": accountant.pk, "change": "add"}
    with connection.execute_wrapper(meanwhile):
        page = admin_client.post(reverse("people:change_roles"), sent, follow=True)
    assert to_come == []
    words = "Nothing was changed. Example Twice was merged into Example Kept meanwhile"
    assert words in page.content.decode()


@pytest.mark.parametrize("wrong", [{}, {"staff": ["1"]}, {"org_role": "x"}, {"change": "robot"}])
def test_change_roles_of_bad_input_changes_nothing(admin_client, accountant, staff, wrong):
    sent = {"staff": [staff.pk], "org_role": accountant.pk, "change": "add"} | wrong
    page = admin_client.post(reverse("people:change_roles"), sent if wrong else {}, follow=True)
    assert "Nothing was changed" in page.content.decode()
    assert staff.org_roles.count() == 0


def test_export_writes_the_list_as_filtered(admin_client, auditor_client, add, accountant):
    add("=cmd()", org_roles=[accountant], starts_on=date(2026, 4, 1))
    add("Example Other")
    path = reverse("people:export")
    text = b"".join(admin_client.get(path, {"q": "=cmd"}).streaming_content).decode()
    assert '"\'=cmd()"' in text
    assert "Accountant" in text
    assert "Example Other" not in text
    assert auditor_client.get(path).status_code == 200
