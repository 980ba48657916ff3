"""Pages of access: each works, refuses wrong methods, strangers, low roles and bad input."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from access import services as access
from access.models import AccessRule, Account, CriticalSystem, Identification
from audit import clock
from checks.models import Task
from integrations.models import Connection
from people import services as people
from people.models import StaffList, StaffMember
from tests import given

pytestmark = pytest.mark.django_db


@pytest.fixture
def role(workspace, by):
    return people.create_org_role(workspace, name="Accountant", by=by)


@pytest.fixture
def person(workspace, role, by):
    return people.add(
        workspace,
        name="Example Accountant",
        email="example.accountant@example.test",
        org_roles=[role],
        by=by,
    )


@pytest.fixture
def system(workspace, person, admin, by):
    books = given.connection(workspace, connected_by=admin)
    given.read(
        books,
        [
            given.row("Example Accountant"),
            given.row("Owner Person", level="FINANCIALADVISER", subscriber=True),
        ],
    )
    return access.add_system(workspace, integration="xero", connection=books, user=admin, by=by)


def account_of(name):
    return Account.objects.get(name=name)


PAGES = ["systems", "add", "system", "users", "history", "owner", "remove", "rule", "account", "identify", "monitoring", "tasks",
         "task", "staff", "offboard"]  # fmt: skip


def address(page, system):
    arguments = {
        "system": [system.pk],
        "users": [system.pk],
        "history": [system.pk],
        "owner": [system.pk],
        "remove": [system.pk],
        "rule": [system.pk],
        "account": [account_of("Owner Person").pk],
        "identify": [account_of("Owner Person").pk],
        "tasks": ["user_identified"],
        "task": [Task.objects.filter(check_id="user_identified").first().pk],
        "staff": [StaffMember.objects.get().pk],
        "offboard": [StaffMember.objects.get().pk],
    }
    return reverse(f"access:{page}", args=arguments.get(page, []))


@pytest.mark.parametrize("page", PAGES)
def test_page_works_for_an_admin(page, system, admin_client):
    assert admin_client.get(address(page, system)).status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_page_sends_the_anonymous_to_sign_in(page, system, client):
    response = client.get(address(page, system))
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("page", PAGES)
def test_page_refuses_a_method_it_does_not_have(page, system, admin_client):
    assert admin_client.delete(address(page, system)).status_code == 405


@pytest.mark.parametrize("page", ["system", "users", "history", "owner", "remove", "rule", "account", "identify", "task", "staff", "offboard"])  # fmt: skip
def test_page_is_absent_for_a_stranger(page, system, stranger_client):
    assert stranger_client.get(address(page, system)).status_code == 404


@pytest.mark.parametrize("page", ["add", "rule", "owner", "remove", "identify", "offboard"])
def test_page_that_changes_refuses_an_auditor(page, system, auditor_client):
    assert auditor_client.get(address(page, system)).status_code == 403
    assert auditor_client.post(address(page, system), {}).status_code == 403


@pytest.mark.parametrize(
    ("route", "label"),
    [
        ("access:systems", "Critical systems"),
        ("access:offboarded", "Offboarded staff"),
        ("access:monitoring", "Monitoring"),
        ("access:system", "Summary"),
        ("access:history", "History"),
        ("access:org_roles", "Org roles"),
        ("people:directory", "Directory"),
        ("integrations:catalog", "Available"),
        ("integrations:connected", "Connected"),
    ],
)
def test_page_marks_its_own_tab(route, label, system, admin_client):
    of_a_system = label in ("Summary", "History")
    path = reverse(route, args=[system.pk] if of_a_system else [])
    tab = f'<a class="tab" href="{path}" aria-current="page">{label}</a>'
    assert tab in admin_client.get(path).content.decode()


def test_add_before_connecting_makes_a_waiting_card(workspace, admin_client):
    response = admin_client.post(reverse("access:add"), {"integration": "xero"})
    assert response.status_code == 302
    assert CriticalSystem.objects.get().connection is None
    assert b"is not connected yet" in admin_client.get(reverse("access:systems")).content


def test_adding_the_same_system_twice_is_refused_in_words(system, admin_client):
    again = {"integration": "xero", "connection": system.connection_id}
    response = admin_client.post(reverse("access:add"), again)
    assert response.status_code == 422
    assert "Xero · Example Books is a critical system already" in response.content.decode()
    assert CriticalSystem.objects.get() == system


def test_second_card_that_waits_is_refused_in_words(workspace, admin_client):
    assert admin_client.post(reverse("access:add"), {"integration": "xero"}).status_code == 302
    response = admin_client.post(reverse("access:add"), {"integration": "xero"})
    assert response.status_code == 422
    assert b"Xero is a critical system already. Nothing was added." in response.content
    assert CriticalSystem.objects.count() == 1


@pytest.mark.postgres_only
def test_adding_locks_the_workspace_before_it_looks_what_is_there(workspace, admin, by):
    with CaptureQueriesContext(connection) as queries:
        access.add_system(workspace, integration="xero", user=admin, by=by)
    statements = [each["sql"] for each in queries]
    lock = next(n for n, sql in enumerate(statements) if "FOR NO KEY UPDATE" in sql)
    assert "workspaces_workspace" in statements[lock]
    assert not any("access_criticalsystem" in sql for sql in statements[:lock])


def test_add_page_offers_free_organisations_and_tells_which_are_taken(
    system, workspace, other_workspace, admin_client
):
    given.connection(workspace, "Free Books")
    given.connection(workspace, "More Books")
    given.connection(other_workspace, "Foreign Books")
    text = admin_client.get(reverse("access:add")).content.decode()
    form = text[text.index("<form class") : text.index("Critical systems already")]
    assert "Free Books" in form
    assert "the next one that gets connected" in form
    assert "None" not in form
    assert "Example Books" not in form
    assert "Example Books" in text
    assert "Foreign Books" not in text


def test_several_organisations_are_added_at_once_or_none_of_them(system, workspace, admin_client):
    more = [given.connection(workspace, name) for name in ("Free Books", "More Books")]
    taken = [system.connection_id, more[0].pk]
    refused = admin_client.post(reverse("access:add"), {"integration": "xero", "connection": taken})
    assert refused.status_code == 422
    assert CriticalSystem.objects.get() == system

    both = {"integration": "xero", "connection": [each.pk for each in more]}
    response = admin_client.post(reverse("access:add"), both, follow=True)
    assert "2 systems are under control" in response.content.decode()
    assert CriticalSystem.objects.filter(connection__in=more).count() == 2


def test_organisation_of_another_workspace_cannot_be_added(other_workspace, admin_client):
    foreign = given.connection(other_workspace, "Foreign Books")
    typed = {"integration": "xero", "connection": foreign.pk}
    response = admin_client.post(reverse("access:add"), typed)
    assert response.status_code == 422
    assert "Foreign Books" not in response.content.decode()
    assert not CriticalSystem.objects.exists()


def test_cards_and_users_lead_to_the_accounts_that_wait_and_nowhere_when_none_does(
    system, admin, by, admin_client, auditor_client
):
    access.save_rule(system, mode="all_staff", user=admin, by=by)
    queue = f"{reverse('access:queue')}?system={system.pk}"
    pages = [reverse("access:systems"), *(address(each, system) for each in ("system", "users"))]
    assert all(queue in admin_client.get(each).content.decode() for each in pages)
    assert not any(queue in auditor_client.get(each).content.decode() for each in pages)
    assert admin_client.get(queue).status_code == 200
    owner = people.add(system.workspace, name="Owner", email="owner.person@example.test", by=by)
    assert Identification.objects.filter(staff=owner, automatic=True).exists()
    assert not any(queue in admin_client.get(each).content.decode() for each in pages)


@pytest.mark.parametrize(("days", "reminded"), [(34, False), (35, True)])
def test_home_reminds_of_a_staff_list_that_was_not_confirmed_for_long(
    days, reminded, system, workspace, by, admin_client
):
    people.confirm_complete(workspace, by=by)
    StaffList.objects.update(confirmed_at=clock.now() - timedelta(days=days))
    page = admin_client.get("/", follow=True).content.decode()
    assert ("The staff list was last confirmed complete on" in page) is reminded


def test_home_reminds_of_a_staff_list_that_nobody_ever_confirmed(system, person, admin_client):
    words = "Nobody has ever confirmed"
    assert words not in admin_client.get("/", follow=True).content.decode()
    StaffMember.objects.update(created_at=clock.now() - timedelta(days=36))
    assert words in admin_client.get("/", follow=True).content.decode()


def test_card_says_that_it_rests_on_a_staff_list_nobody_confirmed(
    system, workspace, by, admin_client
):
    words, pages = "nobody has confirmed as complete yet", ("systems", "system")
    before = [admin_client.get(address(each, system)).content.decode() for each in pages]
    people.confirm_complete(workspace, by=by)
    after = [admin_client.get(address(each, system)).content.decode() for each in pages]
    assert [words in each for each in (*before, *after)] == [True, True, False, False]


def test_card_of_a_broken_connection_leads_to_the_very_button(system, admin_client, auditor_client):
    Connection.objects.update(authorisation=Connection.Authorisation.NEEDS_RECONNECT)
    page = reverse("integrations:connection", args=[system.connection_id])
    card = address("systems", system)
    assert f"{page}#reconnect" in admin_client.get(card).content.decode()
    assert admin_client.get(page).content.count(b'id="reconnect"') == 1
    assert "#reconnect" not in auditor_client.get(card).content.decode()


def next_step(client):
    page = client.get(reverse("access:systems")).content.decode()
    return page.partition("Next:")[2].partition("</div>")[0]


def test_card_that_asks_for_the_rule_names_what_fails_already(system, person, by, admin_client):
    assert "Failing" not in next_step(admin_client)
    last_day = clock.now().date() - timedelta(days=30)
    people.offboard(person, last_day=last_day, access_ends="end_of_day", by=by)
    told = next_step(admin_client)
    assert "No access rule is saved yet." in told
    assert "Failing already: 1 person who left still to be removed or proved gone." in told


def test_card_with_nothing_left_to_do_says_that_the_list_cannot_be_read(
    system, workspace, admin, by, admin_client
):
    people.add(workspace, name="Owner Person", email="owner.person@example.test", by=by)
    access.save_rule(system, mode="all_staff", roles=[], user=admin, by=by)
    assert "Nothing" in next_step(admin_client)
    Connection.objects.update(failures=1, trouble="The source is out of reach.")
    told = next_step(admin_client)
    assert "Nothing" not in told
    assert "The source is out of reach." in told


def test_card_leads_to_the_tasks_of_its_own_system(system, workspace, admin, by, admin_client):
    books = given.connection(workspace, "Other Books", connected_by=admin)
    given.read(books, [given.row("Stranger Elsewhere", subscriber=True)])
    access.add_system(workspace, integration="xero", connection=books, user=admin, by=by)
    summary = admin_client.get(reverse("access:system", args=[system.pk])).content.decode()
    address = f"{reverse('access:tasks', args=['user_identified'])}?system={system.pk}"
    assert summary.count(f'href="{address}"') >= 2
    text = admin_client.get(address).content.decode()
    assert "Owner Person" in text
    assert "Stranger Elsewhere" not in text


@pytest.mark.parametrize("wanted", ["random", "foreign", "no-uuid"])
def test_tasks_of_a_system_that_is_not_here_do_not_exist(
    wanted, system, other_workspace, by, admin_client
):
    foreign = access.add_system(other_workspace, integration="xero", user=None, by=by)
    key = {"random": uuid.uuid4(), "foreign": foreign.pk}.get(wanted, wanted)
    response = admin_client.get(reverse("access:monitoring"), {"system": key})
    assert response.status_code == 404


def test_person_without_an_org_role_is_fixed_at_the_person(system, role, workspace, admin, by):
    extra = people.add(workspace, name="Owner Person", email="owner.person@example.test", by=by)
    access.save_rule(system, mode="role_based", roles=[access.RoleLevels(role)], user=admin, by=by)
    task = Task.objects.get(check_id="user_access_valid", subject_label="Owner Person")
    assert task.remedy == "give_org_role"
    assert (task.fix_route, task.fix_args) == ("people:edit", {"pk": str(extra.pk)})


def test_system_is_removed_for_a_reason_and_added_again(system, admin_client):
    refused = admin_client.post(address("remove", system), {"reason": " "})
    assert refused.status_code == 422
    assert b"it is kept" in refused.content
    admin_client.post(address("remove", system), {"reason": "Moved to another product"})
    text = admin_client.get(reverse("access:systems")).content.decode()
    assert "No critical system at present" in text
    assert "Removed systems" in text
    assert "Moved to another product" in text
    again = {"integration": "xero", "connection": system.connection_id}
    assert admin_client.post(reverse("access:add"), again).status_code == 302
    assert "Removed systems" not in admin_client.get(reverse("access:systems")).content.decode()


def test_reason_that_is_too_long_is_kept_as_typed(system, admin_client):
    response = admin_client.post(address("remove", system), {"reason": "so " * 400})
    assert response.status_code == 422
    assert b"so so so" in response.content
    assert CriticalSystem.objects.get().removed_at is None


def test_owner_is_changed_to_a_member_only(
    system, workspace, other_workspace, make_member, admin_client
):
    colleague, foreign = make_member(workspace, "editor"), make_member(other_workspace)
    assert admin_client.post(address("owner", system), {"owner": foreign.pk}).status_code == 422
    assert admin_client.post(address("owner", system), {"owner": colleague.pk}).status_code == 302
    assert CriticalSystem.objects.get().owner == colleague


def test_rule_without_a_role_is_refused_and_nothing_is_saved(system, admin_client):
    response = admin_client.post(address("rule", system), {"mode": "role_based"})
    assert response.status_code == 422
    assert b"at least one Org role" in response.content
    assert not AccessRule.objects.exists()


def test_rule_and_added_role_make_the_access_valid_on_the_very_page(
    system, workspace, role, by, admin_client
):
    sales = people.create_org_role(workspace, name="Sales", by=by)
    admin_client.post(
        address("rule", system),
        {"mode": "role_based", f"role_{sales.pk}": "on", f"allow_{sales.pk}": "Any documented role"},
    )  # fmt: skip
    assert "Revoke" in admin_client.get(address("users", system)).content.decode()
    response = admin_client.post(
        reverse("access:add_role", args=[system.pk]), {"org_role": role.pk}, follow=True
    )
    text = response.content.decode()
    assert "Revoke" not in text
    assert "Passing" in text


def test_identify_as_existing_staff_passes_the_check(system, person, admin_client):
    account = account_of("Owner Person")
    admin_client.post(
        reverse("access:identify", args=[account.pk]),
        {"user_is": "existing_staff", "staff": person.pk},
    )
    task = Task.objects.get(check_id="user_identified", subject_id=account.pk)
    assert task.resolved_at is not None
    assert account.identifications.get(withdrawn_at__isnull=True).staff == person


@pytest.mark.parametrize(
    "typed",
    [
        {"user_is": "existing_staff"},
        {"user_is": "new_staff", "name": ""},
        {"user_is": "not_staff", "not_staff_kind": "shared"},
        {
            "user_is": "not_staff",
            "not_staff_kind": "shared",
            "reason": "x",
            "ends_on": "2001-01-01",
        },
        {"user_is": "nonsense"},
        {},
    ],
)
def test_identify_with_something_missing_records_nothing(typed, system, admin_client):
    account = account_of("Owner Person")
    response = admin_client.post(reverse("access:identify", args=[account.pk]), typed)
    assert response.status_code == 422
    assert not Identification.objects.filter(account=account).exists()


def test_identify_as_not_staff_keeps_owner_reason_and_end(system, person, admin_client):
    account = account_of("Owner Person")
    response = admin_client.post(
        reverse("access:identify", args=[account.pk]),
        {"user_is": "not_staff", "not_staff_kind": "external", "owner": person.pk,
         "reason": "Outside accountant", "ends_on": "2027-06-30"},
    )  # fmt: skip
    assert response.status_code == 302, response.content.decode()
    decision = account.identifications.get(withdrawn_at__isnull=True)
    assert (decision.owner_staff, decision.level) == (person, "FINANCIALADVISER")
    page = admin_client.get(reverse("access:account", args=[account.pk])).content.decode()
    assert "until the end of 30 Jun 2027" in page


def test_staff_of_another_workspace_cannot_be_chosen(system, other_workspace, by, admin_client):
    foreign = people.add(other_workspace, name="Foreign Person", external_id="1", by=by)
    account = account_of("Owner Person")
    response = admin_client.post(
        reverse("access:identify", args=[account.pk]),
        {"user_is": "existing_staff", "staff": foreign.pk},
    )
    assert response.status_code == 422
    assert "Foreign Person" not in response.content.decode()


def test_offboarding_now_shows_the_task_in_the_same_request(system, person, admin_client):
    response = admin_client.post(
        reverse("access:offboard", args=[person.pk]),
        {"last_day": "2026-11-20", "access_ends": "now"},
        follow=True,
    )
    text = response.content.decode()
    assert "Xero access should be removed for offboarded user" in text
    assert Task.objects.filter(
        check_id="offboarded_access_removed", subject_id=person.pk, resolved_at=None
    ).exists()


def test_cards_cost_the_same_number_of_queries_for_many_systems(
    system, workspace, admin, by, admin_client, django_assert_max_num_queries
):
    for number in range(5):
        books = given.connection(workspace, name=f"Books {number}", connected_by=admin)
        given.read(books, [given.row(f"User {number}", subscriber=True)])
        access.add_system(workspace, integration="xero", connection=books, user=admin, by=by)
    admin_client.get(reverse("access:systems"))  # the first visit of a session notes it
    with django_assert_max_num_queries(18):
        admin_client.get(reverse("access:systems"))
