"""Tasks: lists and filters, owners, what a collaborator sees, the pages of one task and of a check."""

import csv
import io
import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from access import selectors
from access import services as access
from access.tasks import look_at_endings
from audit import clock
from audit import selectors as audit
from checks import services as checks
from checks.models import Task
from people import services as people
from people.services import Problem
from tests import given
from tests.api import Tool, is_problem
from tests.conftest import signed_in
from workspaces.models import Membership

pytestmark = pytest.mark.django_db
IDENTIFIED = "user_identified"


@pytest.fixture
def system(workspace, admin, by):
    books = given.connection(workspace, connected_by=admin)
    rows = [given.row("First Unknown", subscriber=True), given.row("Second Unknown")]
    given.read(books, rows)
    return access.add_system(workspace, integration="xero", connection=books, user=admin, by=by)


@pytest.fixture
def collaborator(workspace, make_member):
    return make_member(workspace, "collaborator", "collaborator@example.test")


def task(label="First Unknown", check_id=IDENTIFIED):
    return Task.objects.select_related("workspace", "system", "owner").get(
        check_id=check_id, subject_label=label
    )


def give(workspace, owner, by, *labels):
    ids = [task(label).pk for label in labels]
    return checks.assign(workspace, tasks=ids, owner=owner, by=by)


def text(client, route, *args, **query):
    response = client.get(reverse(f"access:{route}", args=args), query)
    assert response.status_code == 200
    return response.content.decode()


def test_owner_is_at_first_the_systems_owner(system, admin):
    assert {each.owner for each in Task.objects.all()} == {admin}


def test_assigning_in_bulk_is_recorded_once_and_in_each_history(
    system, workspace, collaborator, admin_client
):
    ids = [str(task("First Unknown").pk), str(task("Second Unknown").pk)]
    admin_client.post(reverse("access:assign"), {"task": ids, "owner": collaborator.pk})
    assert task("First Unknown").owner == task("Second Unknown").owner == collaborator
    assert [e.kind for e in task().events.all()] == ["assigned"]
    (event,) = [e for e in audit.history(workspace.id, "") if e["kind"] == "tasks.assigned"]
    assert sorted(event["body"]["tasks"]) == sorted(ids)


def test_assigning_leaves_the_first_line_of_the_history_to_come(system, workspace, admin, by):
    give(workspace, None, by, "First Unknown")
    given.read(system.connection, [given.row("Second Unknown", subscriber=True)])
    kinds = task().events.order_by("at", "kind").values_list("kind", flat=True)
    assert list(kinds) == ["opened", "assigned", "closed"]


@pytest.mark.parametrize(
    "typed", [{}, {"task": "nonsense"}, {"task": str(uuid.uuid4()), "owner": "nobody at all"}]
)
def test_assigning_nothing_or_to_nobody_known_says_so(typed, system, admin, admin_client):
    response = admin_client.post(reverse("access:assign"), typed, follow=True)
    assert "Nothing was changed" in response.content.decode()
    assert task().owner == admin


def test_assigning_to_a_stranger_is_refused(system, workspace, other_workspace, make_member, by):
    stranger = make_member(other_workspace)
    with pytest.raises(Problem, match="member of this workspace"):
        give(workspace, stranger, by, "First Unknown")


def test_auditor_is_offered_nowhere_and_given_no_task(
    system, workspace, admin, auditor, admin_client, by
):
    page = admin_client.get(reverse("access:task", args=[task().pk]))
    assert auditor not in page.context["assign_form"].fields["owner"].queryset
    typed = {"task": str(task().pk), "owner": str(auditor.pk)}
    admin_client.post(reverse("access:assign"), typed)
    with pytest.raises(Problem, match="auditors change nothing"):
        give(workspace, auditor, by, "First Unknown")
    tool = Tool(workspace, admin)
    answers = [
        tool.send("PATCH", f"tasks/{task().pk}/", {"owner": str(auditor.pk)}),
        tool.post("tasks/assign/", {"owner": str(auditor.pk), "tasks": [str(task().pk)]}),
        tool.send("PATCH", f"systems/{system.pk}/", {"owner": str(auditor.pk)}),
    ]
    assert all(is_problem(each, 422) for each in answers)
    assert task().owner == admin


def test_owner_who_becomes_an_auditor_hands_on(system, workspace, collaborator, admin, by):
    give(workspace, collaborator, by, "First Unknown")
    Membership.objects.filter(user=collaborator).update(role="auditor")
    look_at_endings()
    assert task().owner == admin


def test_foreign_tasks_are_passed_over(system, other_workspace, make_member, by):
    member = make_member(other_workspace)
    assert checks.assign(other_workspace, tasks=[task().pk], owner=member, by=by) == 0
    assert task().owner != member


def test_assigning_does_not_lead_to_another_site(system, admin_client):
    typed = {"task": str(task().pk), "next": "https://evil.example/"}
    assert admin_client.post(reverse("access:assign"), typed)["Location"].startswith("/access/")


def test_collaborator_sees_own_tasks_only(system, workspace, collaborator, by):
    client = signed_in(collaborator)
    assert "First Unknown" not in text(client, "work")
    give(workspace, collaborator, by, "First Unknown")
    shown = text(client, "work", owner="", show="all")
    assert ("First Unknown" in shown, "Second Unknown" in shown) == (True, False)
    assert "First Unknown" in text(client, "task", task().pk)
    assert text(client, "explain", task().pk)
    for route in ("task", "explain", "ask"):
        address = reverse(f"access:{route}", args=[task("Second Unknown").pk])
        assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    "route", ["monitoring", "tasks_csv", "special_cases", "cases_csv", "policies", "check"]
)
def test_collaborator_is_refused_what_shows_everything(route, system, collaborator):
    arguments = [IDENTIFIED] if route == "check" else []
    address = reverse(f"access:{route}", args=arguments)
    assert signed_in(collaborator).get(address).status_code == 403


def test_auditor_reads_every_task_and_assigns_none(system, auditor_client, admin):
    assert "First Unknown" in text(auditor_client, "work", owner="")
    assert auditor_client.post(reverse("access:assign"), {}).status_code == 403
    assert "Ask for a special case" not in text(auditor_client, "task", task().pk)
    assert auditor_client.get(reverse("access:ask", args=[task().pk])).status_code == 403


@pytest.mark.parametrize(
    ("query", "first", "second"),
    [
        ({}, True, True),
        ({"owner": "me"}, True, False),
        ({"owner": "nobody"}, False, True),
        ({"show": "failing"}, False, False),
        ({"show": "due"}, True, True),
        ({"check": "user_access_valid", "show": "waiting"}, True, True),
        ({"check": "offboarded_access_removed", "show": "all"}, False, False),
        ({"show": "nonsense", "check": "nonsense", "owner": "nonsense"}, True, True),
        ({"page": "nonsense"}, True, True),
    ],
)
def test_filters_show_what_they_say(query, first, second, system, workspace, by, admin_client):
    give(workspace, None, by, "Second Unknown")
    Task.objects.filter(subject_label="Second Unknown").update(owner=None)
    shown = text(admin_client, "monitoring", **query)
    assert (f">{'First Unknown'}<" in shown, ">Second Unknown<" in shown) == (first, second)


def test_tasks_of_mine_come_first_and_all_are_one_click_away(
    system, workspace, collaborator, admin_client, by
):
    give(workspace, collaborator, by, "Second Unknown")
    mine = text(admin_client, "work", check=IDENTIFIED)
    assert ("First Unknown" in mine, "Second Unknown" in mine) == (True, False)
    assert "Second Unknown" in text(admin_client, "work", owner="")


def test_csv_says_what_the_page_says(system, admin_client):
    response = admin_client.get(reverse("access:tasks_csv"), {"show": "all"})
    content = b"".join(response.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content)))
    assert {row["Subject"] for row in rows} >= {"First Unknown", "Second Unknown"}
    by_id = {row["Id"]: row["Status"] for row in rows}
    assert by_id[str(task().pk)] == "Due"


def test_csv_of_a_removed_system_says_as_the_page_does_that_nobody_looks_after_it(
    system, admin_client, by
):
    access.remove_system(system, reason="Not critical", by=by)
    response = admin_client.get(reverse("access:tasks_csv"), {"show": "unmonitored"})
    content = b"".join(response.streaming_content).decode("utf-8-sig")
    assert {row["Status"] for row in csv.DictReader(io.StringIO(content))} == {"Not monitored"}


def test_lists_cost_the_same_number_of_queries(
    system, workspace, admin_client, django_assert_max_num_queries
):
    given.read(
        system.connection,
        [given.row(f"Unknown {number}", subscriber=number == 0) for number in range(70)]
        + [given.row("First Unknown"), given.row("Second Unknown")],
    )
    for route in ("monitoring", "work"):
        with django_assert_max_num_queries(15):
            shown = text(admin_client, route, owner="")
    assert "Next" in shown


def end_membership(user):
    Membership.objects.filter(user=user).update(ends_at=clock.now() - timedelta(minutes=1))


def test_owner_who_leaves_the_staff_hands_on_to_the_systems_owner(
    system, workspace, collaborator, admin, by
):
    person = people.add(workspace, name="Collaborator", email=collaborator.email, by=by)
    give(workspace, collaborator, by, "First Unknown")
    people.offboard(person, last_day=clock.now().date(), access_ends="now", by=by)
    assert task().owner == admin
    words = f"Its owner no longer works on tasks here, to {admin.label}"
    assert task().events.order_by("-at").first().why == words


def test_owner_whose_membership_ran_out_hands_on_at_the_next_look(
    system, workspace, collaborator, admin, by
):
    give(workspace, collaborator, by, "First Unknown")
    end_membership(collaborator)
    look_at_endings()
    assert task().owner == admin


def test_owner_whose_membership_ran_out_long_ago_hands_on_too(
    system, workspace, collaborator, admin, by
):
    give(workspace, collaborator, by, "First Unknown")
    Membership.objects.filter(user=collaborator).update(ends_at=clock.now() - timedelta(days=30))
    look_at_endings()
    assert task().owner == admin


def test_owner_who_leaves_by_a_long_list_hands_on_and_has_it_in_the_history(
    system, workspace, collaborator, admin, by
):
    person = people.add(workspace, name="Collaborator", email=collaborator.email, by=by)
    give(workspace, collaborator, by, "First Unknown")
    rows = [{"name": f"P{n}", "email": f"p{n}@example.test"} for n in range(510)]
    leaver = {"email": collaborator.email, "last_working_day": "2024-01-31"}
    people.upsert(workspace, [leaver, *rows], by=by)
    assert task().owner == admin
    lines = [(line.what, line.detail) for line in selectors.persons_history(workspace, person)]
    assert ("Leaving recorded", "last working day 2024-01-31") in lines


def test_tasks_fall_to_the_admins_where_the_systems_owner_left_too(
    system, workspace, collaborator, admin, by
):
    end_membership(admin)
    look_at_endings()
    assert task().owner is None


@pytest.mark.parametrize("route", ["task", "explain", "ask"])
def test_pages_of_a_task_refuse_strangers_and_other_methods(
    route, system, admin_client, stranger_client, client
):
    address = reverse(f"access:{route}", args=[task().pk])
    assert admin_client.get(address).status_code == 200
    assert admin_client.delete(address).status_code == 405
    assert stranger_client.get(address).status_code == 404
    assert client.get(address).status_code == 302


def test_explanation_names_facts_rules_run_and_what_would_change_it(system, admin_client):
    shown = text(admin_client, "explain", task().pk)
    for words in ("first.unknown@example.test", "Rules", "brought by the run", "What would change"):
        assert words in shown
    assert task().evaluation.facts.digest in shown
    assert "Replayed: same verdict." in text(admin_client, "explain", task().pk, replay="1")


def test_explanation_of_an_earlier_verdict_shows_the_facts_of_then(system, admin_client):
    first = task().evaluation_id
    renamed = given.row("First Unknown", "another@example.test", subscriber=True)
    given.read(system.connection, [renamed, given.row("Second Unknown")])
    assert task().evaluation_id != first
    assert "another@example.test" in text(admin_client, "explain", task().pk)


@pytest.mark.parametrize("wanted", ["nonsense", "00000000-0000-4000-8000-000000000000"])
def test_explanation_of_an_evaluation_that_is_not_the_tasks_is_absent(wanted, system, admin_client):
    address = reverse("access:explain", args=[task().pk])
    assert admin_client.get(address, {"evaluation": wanted}).status_code == 404


def test_page_of_a_check_shows_its_days_tasks_and_controls(system, auditor_client):
    shown = text(auditor_client, "check", IDENTIFIED)
    for words in ("CC6.1", "A.5.16", "Not monitored", "Last 90 days", "First Unknown"):
        assert words in shown
    assert shown.count("<rect") >= 90


def test_page_of_a_check_that_does_not_exist_is_absent(admin_client, stranger_client, system):
    assert admin_client.get(reverse("access:check", args=["nonsense"])).status_code == 404
    address = reverse("access:check", args=[IDENTIFIED])
    assert stranger_client.get(address, {"system": system.pk}).status_code == 404
    assert stranger_client.get(address, {"system": "nonsense"}).status_code == 404
    assert admin_client.post(address).status_code == 405


@pytest.fixture
def roleless(system, workspace, admin, by):
    """One task for each page that "Fix it" leads to: the account's, the person's and the rule's."""
    people.add(workspace, name="Without Role", email="without.role@example.test", by=by)
    lead = people.create_org_role(workspace, name="Lead", by=by)
    access.save_rule(system, mode="role_based", roles=[access.RoleLevels(lead)], user=admin, by=by)
    rows = [given.row("First Unknown", level="FINANCIALADVISER", subscriber=True)]
    given.read(system.connection, [*rows, given.row("Without Role", "without.role@example.test")])


@pytest.mark.parametrize(
    ("role", "areas", "fixes"),
    [
        ("admin", [], {"identify", "edit"}),
        ("editor", ["access"], {"identify"}),
        ("editor", ["people"], {"edit"}),
        ("collaborator", [], {"identify"}),
        ("auditor", [], set()),
    ],
)
def test_fix_it_is_offered_to_those_who_may_and_others_read_who_can(
    role, areas, fixes, system, workspace, roleless, make_member
):
    member = make_member(workspace, role)
    Membership.objects.filter(user=member).update(areas=areas)
    Task.objects.update(owner=member)
    client = signed_in(member)
    listed = text(client, "work", owner="me")
    asked = {"identify": task(), "edit": task("Without Role", "user_access_valid")}
    for name, each in asked.items():
        page = text(client, "task", each.pk)
        address = reverse(each.fix_route, kwargs=each.fix_args)
        assert each.fix_route.endswith(f":{name}")
        offered = name in fixes
        assert (f'href="{address}"' in page, f'href="{address}"' in listed) == (offered, offered)
        assert ("your own rights do not allow it" in page) is not offered
        assert (client.get(address).status_code == 200) is offered


def test_task_of_valid_access_leads_a_collaborator_to_no_account(
    system, workspace, roleless, collaborator
):
    waiting = task(check_id="user_access_valid")
    Task.objects.filter(pk=waiting.pk).update(owner=collaborator)
    page = text(signed_in(collaborator), "task", waiting.pk)
    assert waiting.fix_route == "access:identify"
    assert reverse("access:identify", kwargs=waiting.fix_args) not in page
    assert "An admin or an editor of access can do this" in page
