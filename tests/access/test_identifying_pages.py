"""Pages of identifying: the queue, the dialog for one and for many, preview, undo, approval."""

import re
import uuid
from datetime import date

import pytest
from django.urls import reverse

from access import selectors
from access import services as access
from access.models import Identification
from checks.models import Task
from people import services as people
from people.models import StaffMember
from tests import given
from tests.access import worlds
from tests.conftest import signed_in
from workspaces.models import Membership
from workspaces.permissions import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper(workspace):
    return worlds.person(workspace, "Books Keeper", "keeper@example.test")


@pytest.fixture
def system(workspace, keeper, admin):
    rows = [
        given.row("Books Keeper", "books.keeper@elsewhere.test", subscriber=True),
        given.row("Anna Other", ""),
        given.row("Zoe Last", "zoe@elsewhere.test"),
        given.row("Keeper Mail", "keeper@example.test"),
    ]
    return worlds.system(workspace, admin, rows)


@pytest.fixture
def decided(system, keeper, admin, by):
    (made,) = access.identify_as_staff(
        [worlds.account("Books Keeper")], staff=keeper, user=admin, by=by
    )
    return made


def url(page, *args, query=""):
    return reverse(f"access:{page}", args=args) + query


def pages(system, decided):
    account = worlds.account("Zoe Last").pk
    return {
        "queue": ("get", url("queue")),
        "undo": ("get", url("undo", decided.pk)),
        "account": ("get", url("account", account)),
        "identify": ("get", url("identify", account, query="?queue=1")),
        "identify_many": ("post", url("identify_many")),
        "accept": ("post", url("accept")),
        "approve": ("post", url("approve", account)),
    }


NAMES = ["queue", "undo", "account", "identify", "identify_many", "accept", "approve"]


@pytest.mark.parametrize("name", NAMES)
def test_page_works_and_refuses_the_wrong_method(name, system, decided, admin_client):
    method, address = pages(system, decided)[name]
    assert getattr(admin_client, method)(address).status_code in (200, 302)
    wrong = admin_client.put(address) if method == "get" else admin_client.get(address)
    assert wrong.status_code == 405


@pytest.mark.parametrize("name", NAMES)
def test_auditor_may_look_at_accounts_and_nothing_else(name, system, decided, auditor_client):
    method, address = pages(system, decided)[name]
    expected = 200 if name == "account" else 403
    assert getattr(auditor_client, method)(address).status_code == expected


@pytest.mark.parametrize("name", ["undo", "account", "identify", "approve"])
def test_stranger_finds_nothing(name, system, decided, stranger_client):
    method, address = pages(system, decided)[name]
    assert getattr(stranger_client, method)(address).status_code == 404


def test_collaborator_identifies_the_account_of_an_own_task_and_no_other(
    system, keeper, workspace, make_member
):
    helper = make_member(workspace, Role.COLLABORATOR)
    client = signed_in(helper)
    account = worlds.account("Zoe Last")
    address = url("identify", account.pk, query="?queue=1")
    assert client.get(address).status_code == 404
    task = Task.objects.get(check_id="user_identified", subject_id=account.pk)
    Task.objects.filter(pk=task.pk).update(owner=helper)
    page = client.get(address)
    assert page.status_code == 200
    assert b"keeper@example.test" not in page.content  # the directory is not laid open
    done = client.post(address, {"user_is": "existing_staff", "staff": "keeper@example.test"})
    assert done["Location"] == url("task", task.pk)
    assert worlds.decision("Zoe Last").staff == keeper
    assert client.get(url("identify", worlds.account("Anna Other").pk)).status_code == 404


def test_queue_lists_what_waits_with_who_it_may_be(system, admin_client):
    text = admin_client.get(url("queue")).content.decode()
    assert "same name" in text
    assert "Zoe Last" in text
    assert "Keeper Mail" not in text  # matched by its address


def test_suggestions_follow_the_directory_at_once(system, workspace, by, admin_client):
    assert b"zl@example.test" not in admin_client.get(url("queue")).content
    zoe = worlds.person(workspace, "Zoe Last", "zl@example.test")
    page = admin_client.get(url("queue")).content.decode()
    assert f":{zoe.pk}" in page


def test_suggestion_tells_people_of_one_name_apart_and_who_has_left(
    system, workspace, by, admin_client
):
    worlds.person(workspace, "Zoe Last", "zl@example.test")
    left = worlds.person(workspace, "Zoe Last", "zoe.l@example.test")
    people.offboard(left, last_day=date(2026, 1, 30), by=by)
    page = admin_client.get(url("identify", worlds.account("Zoe Last").pk)).content.decode()
    assert "zl@example.test" in page
    assert "zoe.l@example.test" in page
    assert page.count("last working day 30 Jan") == 1


def test_queue_with_rubbish_in_the_address_is_the_whole_queue(system, admin_client):
    response = admin_client.get(url("queue", query="?system=nonsense&page=nonsense"))
    assert b"Zoe Last" in response.content


def test_queue_of_a_company_without_accounts_says_so(workspace, admin_client):
    assert b"Every account is identified" in admin_client.get(url("queue")).content


def test_deciding_in_the_queue_leads_to_the_next_and_in_the_end_to_the_list(
    system, keeper, admin_client
):
    order = ["Anna Other", "Books Keeper", "Zoe Last"]
    address = url("identify", worlds.account(order[0]).pk, query="?queue=1")
    for following in [*order[1:], None]:
        response = admin_client.post(address, {"user_is": "existing_staff", "staff": keeper.pk})
        assert response.status_code == 302
        address = response["Location"]
        if following:
            assert str(worlds.account(following).pk) in address
    assert address.startswith(url("queue"))


def test_first_suggestion_has_the_focus_and_links_lead_both_ways(system, admin_client):
    address = url("identify", worlds.account("Books Keeper").pk, query="?queue=1")
    text = admin_client.get(address).content.decode()
    assert re.search(r"<button[^>]*data-suggestion[^>]*autofocus", text)
    assert str(worlds.account("Anna Other").pk) in text
    assert str(worlds.account("Zoe Last").pk) in text
    assert "3 accounts left" in text


def test_accepting_shows_a_preview_first_and_records_only_what_it_showed(
    system, keeper, admin_client
):
    account = worlds.account("Books Keeper")
    ticked = {"account": [account.pk], "suggested": [f"{account.pk}:{keeper.pk}"]}
    preview = admin_client.post(url("accept"), ticked)
    assert b"Accept 1 suggestion" in preview.content
    assert worlds.decision("Books Keeper") is None
    admin_client.post(url("accept"), ticked | {"confirmed": "on"})
    assert worlds.decision("Books Keeper").staff == keeper


def test_what_is_not_suggested_is_not_recorded_even_where_it_is_confirmed(
    system, keeper, admin_client
):
    chosen = {worlds.account(name).pk: keeper.pk for name in ("Books Keeper", "Zoe Last")}
    posted = {
        "account": list(chosen),
        "suggested": [f"{account}:{person}" for account, person in chosen.items()],
        "confirmed": "on",
    }
    shown = admin_client.post(url("accept"), posted).content.decode()
    assert "Accept 1 suggestion" in shown
    assert [worlds.decision(name) for name in ("Books Keeper", "Zoe Last")] == [None, None]


@pytest.mark.parametrize(
    "posted",
    [
        {},
        {"account": ["nonsense"]},
        {"account": [str(uuid.uuid4())], "confirmed": "on"},
        {"account": ["\x00"], "suggested": ["::"]},
        {"account": ["of"], "suggested": ["x:y"], "confirmed": "on"},
    ],
)
def test_accepting_rubbish_records_nothing_and_says_so(posted, system, admin_client):
    if posted.get("account") == ["of"]:
        posted = posted | {"account": [worlds.account("Zoe Last").pk]}
    before = Identification.objects.count()
    response = admin_client.post(url("accept"), posted, follow=True)
    assert response.status_code in (200, 400)
    assert Identification.objects.count() == before


def test_one_decision_for_the_ticked_accounts(system, keeper, admin_client):
    ticked = {"account": [worlds.account(name).pk for name in ("Anna Other", "Zoe Last")]}
    dialog = admin_client.post(url("identify_many"), ticked)
    assert dialog.status_code == 200
    assert b"One decision for 2 accounts" in dialog.content
    wrong = admin_client.post(url("identify_many"), ticked | {"user_is": "existing_staff"})
    assert wrong.status_code == 422
    admin_client.post(
        url("identify_many"),
        ticked | {"user_is": "existing_staff", "staff": "Books Keeper · keeper@example.test"},
    )
    assert {worlds.decision(name).staff for name in ("Anna Other", "Zoe Last")} == {keeper}


@pytest.mark.parametrize("typed", ["keeper@example.test", "books keeper", " KEEPER@Example.test "])
def test_person_is_found_by_address_or_name(typed, system, keeper, admin_client):
    account = worlds.account("Zoe Last")
    admin_client.post(url("identify", account.pk), {"user_is": "existing_staff", "staff": typed})
    assert worlds.decision("Zoe Last").staff == keeper


@pytest.mark.parametrize("typed", ["Nobody Known", "x@", "\x00", "é" * 500])
def test_person_that_nobody_knows_is_refused_and_kept_as_typed(typed, system, admin_client):
    account = worlds.account("Zoe Last")
    response = admin_client.post(
        url("identify", account.pk), {"user_is": "existing_staff", "staff": typed}
    )
    assert response.status_code in (400, 422)
    assert worlds.decision("Zoe Last") is None


def test_name_of_two_people_asks_for_the_address(system, workspace, admin_client):
    worlds.person(workspace, "Books Keeper", "other.keeper@example.test")
    response = admin_client.post(
        url("identify", worlds.account("Zoe Last").pk),
        {"user_is": "existing_staff", "staff": "Books Keeper"},
    )
    assert b"Several people have this name" in response.content


def test_administrator_may_answer_for_an_account(system, admin, admin_client):
    admin_client.post(
        url("identify", worlds.account("Zoe Last").pk),
        {"user_is": "not_staff", "not_staff_kind": "service", "owner": admin.email,
         "reason": "Robot", "ends_on": "2027-06-30"},
    )  # fmt: skip
    assert worlds.decision("Zoe Last").owner_user == admin


def test_needed_fields_are_not_called_optional(system, admin_client):
    text = admin_client.get(url("identify", worlds.account("Zoe Last").pk)).content.decode()
    optional = re.findall(r">([^<>]+?) <span class=\"field-optional\"", text)
    assert sorted(optional) == ["Last working day", "Who uses it"]


def test_what_was_typed_in_another_part_is_kept_and_not_complained_about(system, admin_client):
    response = admin_client.post(
        url("identify", worlds.account("Zoe Last").pk),
        {"user_is": "existing_staff", "reason": "kept words", "ends_on": "nonsense"},
    )
    text = response.content.decode()
    assert "kept words" in text
    assert text.count('class="field-errors"') == 1


def test_present_terms_are_filled_in_to_be_confirmed(system, keeper, admin_client):
    address = url("identify", worlds.account("Zoe Last").pk)
    admin_client.post(
        address,
        {"user_is": "not_staff", "not_staff_kind": "external", "owner": str(keeper.pk),
         "reason": "Outside accountant", "ends_on": "2027-06-30"},
    )  # fmt: skip
    text = admin_client.get(address).content.decode()
    assert "Outside accountant" in text
    assert "Books Keeper · keeper@example.test" in text
    assert 'value="2027-11-' in text  # a year ahead, whatever was before


def test_undo_says_first_what_it_takes_along(system, workspace, decided, admin, admin_client):
    worlds.system(workspace, admin, [given.row("BK", "books.keeper@elsewhere.test")], "Second Org")
    text = admin_client.get(url("undo", decided.pk)).content.decode()
    assert "books.keeper@elsewhere.test" in text
    assert "Second Org" in text
    admin_client.post(url("undo", decided.pk))
    assert worlds.decision("BK") is None
    history = admin_client.get(url("account", decided.account_id)).content.decode()
    assert "Undone" in history


def test_approval_names_the_decision_seen(
    system, decided, keeper, workspace, make_member, admin, by, admin_client
):
    people.offboard(keeper, last_day=None, access_ends="now", by=by)
    third = worlds.person(workspace, "Third Person")
    (seen,) = access.identify_as_staff([decided.account], staff=third, user=admin, by=by)
    page = admin_client.get(url("account", decided.account_id)).content.decode()
    assert f'name="decision" value="{seen.pk}"' in page
    assert "You are the only administrator of this workspace" in page
    access.leave_unidentified([decided.account], workspace=workspace, user=admin, by=by)
    (now,) = access.identify_as_staff([decided.account], staff=third, user=admin, by=by)
    other = signed_in(make_member(workspace, Role.ADMIN))
    page = admin_client.get(url("account", decided.account_id)).content.decode()
    assert "an administrator other than you has to approve it" in page
    assert ">Approve: " not in page
    stale = other.post(
        url("approve", decided.account_id), {"decision": seen.pk}, follow=True
    ).content.decode()
    assert "Somebody decided anew" in stale
    other.post(url("approve", decided.account_id), {"decision": now.pk})
    assert selectors.held_from(decided.account) == []


def test_queue_asks_the_database_as_often_for_many_as_for_few(
    system, workspace, admin, admin_client, django_assert_max_num_queries
):
    rows = [given.row(f"Guest {n:02}", subscriber=n == 0) for n in range(60)]
    worlds.system(workspace, admin, rows, "Long List")
    with django_assert_max_num_queries(15):
        admin_client.get(url("queue"))
    with django_assert_max_num_queries(30):
        admin_client.get(url("identify", worlds.account("Zoe Last").pk, query="?queue=1"))


def test_new_staff_gets_an_org_role_in_the_same_dialog(system, workspace, by, admin_client):
    role = people.create_org_role(workspace, name="Bookkeeper", by=by)
    account = worlds.account("Zoe Last")
    typed = {
        "user_is": "new_staff",
        "name": "Zoe Last",
        "email": "zoe@elsewhere.test",
        "employment_type": "contractor",
        "org_roles": [str(role.pk)],
    }
    assert admin_client.post(url("identify", account.pk), typed).status_code == 302
    assert list(worlds.decision("Zoe Last").staff.org_roles.all()) == [role]


@pytest.mark.parametrize(
    ("role", "areas", "adds"),
    [
        (Role.EDITOR, ("people", "access"), True),
        (Role.EDITOR, ("access",), False),
        (Role.COLLABORATOR, (), False),
    ],
)
def test_new_staff_is_an_answer_only_of_those_who_edit_people(
    role, areas, adds, system, workspace, make_member
):
    account, member = worlds.account("Zoe Last"), make_member(workspace, role)
    Membership.objects.filter(user=member).update(areas=list(areas))
    Task.objects.filter(subject_id=account.pk).update(owner=member)
    client, address = signed_in(member), url("identify", account.pk)
    assert ('value="new_staff"' in client.get(address).content.decode()) is adds
    typed = {
        "user_is": "new_staff",
        "name": "Zoe Last",
        "email": "zoe@elsewhere.test",
        "employment_type": "employee",
    }
    answered = client.post(address, typed)
    assert answered.status_code == (302 if adds else 422)
    assert StaffMember.objects.filter(name="Zoe Last").exists() is adds
    if not adds:
        assert "by an admin or an editor of people" in answered.content.decode()
        assert worlds.decision("Zoe Last") is None


@pytest.fixture
def reopened(system, workspace, keeper, admin, by):
    """A shared mailbox one of whose users has left."""
    leaver = worlds.person(workspace, "Former Clerk", "former.clerk@example.test")
    access.identify_as_not_staff(
        [worlds.account("Anna Other")], workspace=workspace, kind="shared", owner=admin,
        reason="Post", ends_on=date(2027, 6, 30), users=[keeper, leaver], user=admin, by=by,
    )  # fmt: skip
    people.offboard(leaver, last_day=None, access_ends="now", by=by)
    return worlds.account("Anna Other")


def test_shared_account_that_reopened_says_why_and_wants_the_new_password_confirmed(
    system, reopened, keeper, admin_client
):
    why = "Former Clerk, who used it, has left"
    listed = admin_client.get(url("queue")).content.decode()
    assert why in listed
    assert "Change its password and confirm" in listed
    text = admin_client.get(url("identify", reopened.pk)).content.decode()
    assert why in text
    assert "autofocus" not in text
    typed = {
        "user_is": "not_staff",
        "not_staff_kind": "shared",
        "owner": "keeper@example.test",
        "users": "keeper@example.test",
        "reason": "Post",
        "ends_on": "2027-06-30",
    }
    refused = admin_client.post(url("identify", reopened.pk), typed)
    assert refused.status_code == 422
    assert "Change its password in Xero first" in refused.content.decode()
    many = admin_client.post(url("identify_many"), typed | {"account": [reopened.pk]})
    assert many.status_code == 422
    confirmed = typed | {"password_changed": "on"}
    assert admin_client.post(url("identify", reopened.pk), confirmed).status_code == 302
    assert why not in admin_client.get(url("queue")).content.decode()


def test_one_answer_for_the_accounts_of_an_address_in_every_organisation(
    system, workspace, admin, admin_client
):
    adviser = given.row("Practice Adviser", "adviser@practice.test", subscriber=True)
    books = [worlds.system(workspace, admin, [adviser], name) for name in ("First", "Second")]
    first, second = (each.connection.accounts.get() for each in books)
    text = admin_client.get(url("identify", first.pk)).content.decode()
    assert "The same for 1 other account with this address" in text
    assert "In Second." in text
    typed = {
        "user_is": "not_staff",
        "not_staff_kind": "external",
        "owner": "keeper@example.test",
        "reason": "Audit",
        "ends_on": "2027-06-30",
    }
    admin_client.post(url("identify", first.pk), typed)
    assert selectors.decision(first).not_staff_kind == "external"
    assert selectors.decision(second) is None
    admin_client.post(url("identify", second.pk), typed | {"alike": "on"})
    assert selectors.decision(second).not_staff_kind == "external"


def test_dialog_shows_the_role_and_what_is_privileged(system, admin_client):
    text = admin_client.get(url("identify", worlds.account("Books Keeper").pk)).content.decode()
    assert "Standard" in text
    assert "Subscriber" in text


def test_refused_acceptance_leads_back_to_the_list_as_it_was(system, admin_client):
    query = f"?system={system.pk}"
    response = admin_client.post(url("accept", query=query), {})
    assert response.url == url("queue", query=query)
