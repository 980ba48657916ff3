"""The page of the audit log names people, systems and accounts, and nothing of another workspace."""

import pytest
from django.urls import reverse

from access import services as access
from access.models import Account
from audit import services as audit
from checks import services as checks
from checks.models import Task
from people import services as people
from tests import given
from tests.access.worlds import person
from tests.access.worlds import system as a_system

pytestmark = pytest.mark.django_db
LOG = "/settings/audit-log/"


@pytest.fixture
def system(workspace, admin):
    return a_system(workspace, admin, [given.row("First Unknown", subscriber=True)])


def cells(client, **filters):
    answer = client.get(LOG, filters)
    assert answer.status_code == 200
    text = answer.content.decode()
    return text[text.index("<tbody") : text.index("</tbody")]


def test_subjects_are_called_as_today_and_lead_to_their_pages(
    system, workspace, auditor_client, by
):
    manager, staff = person(workspace, "Manager"), person(workspace, "Old Name")
    people.change(staff, name="New Name", manager=manager, by=by)
    account = Account.objects.get()
    access.identify_as_staff([account], staff=staff, user=None, by=by)
    shown = cells(auditor_client)
    for route, thing, words in (
        ("access:staff", staff, "New Name"),
        ("access:account", account, "First Unknown"),
        ("access:system", system, "Example Books"),
    ):
        assert f'{reverse(route, args=[thing.pk])}"><bdi>{words}</bdi>' in shown
    assert "nothing → Manager" in shown
    assert f"→ {manager.pk}" not in shown


def test_ids_within_an_act_are_named(system, workspace, admin, auditor_client, by):
    account = Account.objects.get()
    with audit.act(workspace, by=by):
        audit.record(
            "special_case.approved",
            covers={"levels": {str(account.pk): "READONLY"}},
            task=str(Task.objects.earliest("created_at").pk),
            owner=str(admin.pk),
            nothing="36891b6e-0000-4000-8000-000000000000",
        )
    shown = cells(auditor_client, kind="special_case.")
    for words in ("levels First Unknown READONLY", admin.label, "36891b6e…"):
        assert words in shown
    assert str(account.pk) not in shown


def test_names_of_another_workspace_are_never_shown(
    workspace, other_workspace, auditor_client, make_member, by
):
    stranger = person(other_workspace, "Foreign Person")
    with audit.act(workspace, by=by):
        audit.record("staff.changed", subject=f"staff:{stranger.pk}", owner=str(stranger.pk))
    shown = cells(auditor_client)
    assert "Foreign Person" not in shown
    assert f"{str(stranger.pk)[:8]}…" in shown


def test_what_is_gone_is_called_as_the_act_called_it(workspace, auditor_client, by):
    role = people.create_org_role(workspace, name="Short-lived role", by=by)
    people.delete_org_role(role, by=by)
    shown = cells(auditor_client, kind="org_role.")
    assert shown.count("<bdi>Short-lived role</bdi>") >= 2


def test_a_page_asks_as_little_of_many_acts(
    system, workspace, admin, auditor_client, by, django_assert_max_num_queries
):
    staff = [person(workspace, f"Person {number}") for number in range(20)]
    for each in staff[:5]:
        people.offboard(each, last_day=None, access_ends="now", by=by)
    checks.assign(workspace, tasks=[each.pk for each in Task.objects.all()], owner=None, by=by)
    auditor_client.get(LOG)
    with django_assert_max_num_queries(15):
        assert "Person 19" in cells(auditor_client)


def test_narrowed_to_one_subject_the_page_says_whose_acts_these_are(workspace, auditor_client):
    staff = person(workspace, "New Starter")
    page = auditor_client.get(LOG, {"subject": f"staff:{staff.pk}"}).content.decode()
    assert "Only what is about <b><bdi>New Starter</bdi></b>" in page
    nothing = auditor_client.get(LOG, {"subject": "staff:none"}).content.decode()
    assert "Only what is about" not in nothing


def test_file_keeps_the_ids(system, auditor_client):
    answer = auditor_client.get(f"{LOG}export/", {"kind": "system."})
    assert f"system:{system.pk}" in b"".join(answer.streaming_content).decode()
