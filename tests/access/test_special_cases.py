"""Pages of special cases: asking, deciding by another person, the file, the list, who sees what."""

import csv
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.urls import reverse

from access import services as access
from audit import clock
from checks.models import SpecialCase, Task
from checks.services import approve_special_case
from tests import given
from tests.api import Tool
from tests.conftest import signed_in
from workspaces.permissions import Role

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 <script>alert(1)</script>"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.ATTACHMENTS_DIR = tmp_path


@pytest.fixture
def task(workspace, admin, by):
    books = given.connection(workspace, connected_by=admin)
    given.read(books, [given.row("First Unknown", subscriber=True)])
    access.add_system(workspace, integration="xero", connection=books, user=admin, by=by)
    return Task.objects.get(check_id="user_identified")


@pytest.fixture
def second(workspace, make_member):
    return make_member(workspace, "admin", "second.admin@example.test")


def typed(**changed):
    ends_on = (clock.now() + timedelta(days=20)).date().isoformat()
    form = {"reason": "handover", "note": "Until the new firm starts", "valid": "until"}
    return form | {"ends_on": ends_on} | changed


def ask(client, task, **changed):
    return client.post(reverse("access:ask", args=[task.pk]), typed(**changed))


@pytest.fixture
def case(task, admin_client):
    sent = SimpleUploadedFile('pl"an.pdf', PDF)
    assert ask(admin_client, task, file=sent).status_code == 302
    return SpecialCase.objects.get()


def address(page, case):
    return reverse(f"access:{page}", args=[case.pk])


def test_two_people_make_a_special_case(case, task, second, admin_client):
    own = admin_client.post(address("approve_case", case), {})
    assert own.status_code == 422
    assert "another admin has to decide" in own.content.decode()
    done = signed_in(second).post(address("approve_case", case), {}, follow=True)
    assert "Approved: the task is a special case." in done.content.decode()
    shown = admin_client.get(reverse("access:task", args=[task.pk])).content.decode()
    assert "Special case" in shown
    listed = admin_client.get(reverse("access:special_cases")).content.decode()
    assert "Handover in progress" in listed
    monitored = admin_client.get(reverse("access:monitoring"), {"show": "special"})
    assert "First Unknown" in monitored.content.decode()


def test_request_is_withdrawn_by_who_asked_and_decided_by_another(
    case, second, workspace, admin, admin_client, make_member
):
    def offered(client):
        page = client.get(address("special_case", case)).content.decode()
        return re.findall(r"formaction[^>]*>([^<]+)</button>", page)

    editor = make_member(workspace, Role.EDITOR)
    assert offered(admin_client) == ["Withdraw the request"]
    assert offered(signed_in(second)) == ["Approve", "Reject"]
    assert offered(signed_in(editor)) == [f"Withdraw the request of {admin.label}"]


def test_only_admin_is_told_before_that_they_may_approve_it_themselves(task, admin_client, second):
    def words():
        asked = SpecialCase.objects.get()
        pages = [reverse("access:ask", args=[task.pk]), address("special_case", asked)]
        return " ".join(admin_client.get(page).content.decode() for page in pages)

    told = ask(admin_client, task)
    assert "an admin other than you approves it" in admin_client.get(told.url).content.decode()
    shown = words()
    assert "an admin other than you has to decide" in shown
    assert ">Approve</button>" not in shown
    assert "only admin" not in shown

    second.memberships.all().delete()
    shown = words()
    assert "You are the only admin of this workspace, so you may approve it yourself" in shown
    assert "You asked for it yourself." in shown
    assert ">Approve</button>" in shown
    assert "an admin other than you" not in shown
    done = admin_client.post(address("approve_case", SpecialCase.objects.get()), {}, follow=True)
    assert "the only admin of this workspace" in done.content.decode()


@pytest.mark.parametrize(
    "changed",
    [
        {"reason": ""},
        {"note": "   "},
        {"ends_on": "someday"},
        {"ends_on": ""},
        {"ends_on": "2001-01-01"},
        {"valid": "sometimes"},
        {"file": SimpleUploadedFile("plan.pdf", b"<html>")},
        {"note": "nul\x00"},
    ],
)
def test_bad_request_is_refused_and_kept_as_typed(changed, task, admin_client):
    response = ask(admin_client, task, **changed)
    assert response.status_code == 422
    assert not SpecialCase.objects.exists()
    if "note" not in changed:
        assert "Until the new firm starts" in response.content.decode()


class Deadlock(Exception):
    pgcode = "40P01"


def test_file_is_kept_where_the_database_ended_the_first_transaction_for_another_ones_sake(
    task, admin_client
):
    lost = [OperationalError("deadlock detected")]
    lost[0].__cause__ = Deadlock()

    def lose(execute, sql, *args):
        if lost and sql.startswith('INSERT INTO "checks_specialcase"'):
            raise lost.pop()
        return execute(sql, *args)

    sent = SimpleUploadedFile("plan.pdf", PDF)
    with connection.execute_wrapper(lose):
        response = ask(admin_client, task, file=sent)
    assert lost == []
    assert response.status_code == 302, response.context["form"].errors
    found = admin_client.get(address("case_file", SpecialCase.objects.get()))
    assert found.content == PDF


def test_large_file_is_refused_in_words(task, admin_client):
    sent = SimpleUploadedFile("list.txt", b"a" * (5 * 1024 * 1024 + 1))
    response = ask(admin_client, task, file=sent)
    assert response.status_code == 422
    assert "larger than 5 MB" in response.content.decode()


def test_valid_forever_needs_no_day(task, admin_client):
    assert ask(admin_client, task, valid="forever", ends_on="").status_code == 302
    assert SpecialCase.objects.get().ends_at is None


def test_rejection_without_words_is_refused(case, second):
    client = signed_in(second)
    assert client.post(address("reject_case", case), {"note": " "}).status_code == 422
    assert client.post(address("reject_case", case), {"note": "No"}).status_code == 302
    case.refresh_from_db()
    assert case.state == "rejected"


def test_file_leaves_only_as_a_download_that_nothing_runs(case, auditor_client):
    response = auditor_client.get(address("case_file", case))
    assert response.content == PDF
    assert response["Content-Disposition"].startswith("attachment;")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"].startswith("sandbox")
    assert "no-store" in response["Cache-Control"]


def test_file_that_was_changed_on_the_disk_is_not_served(case, folder, settings, admin_client):
    place = settings.ATTACHMENTS_DIR / case.file_digest[:2] / case.file_digest
    place.write_bytes(b"other")
    assert admin_client.get(address("case_file", case)).status_code == 404


@pytest.mark.parametrize("page", ["special_case", "case_file"])
def test_stranger_and_uninvolved_collaborator_find_nothing(
    page, case, stranger_client, workspace, make_member, client
):
    assert stranger_client.get(address(page, case)).status_code == 404
    outsider = signed_in(make_member(workspace, "collaborator"))
    assert outsider.get(address(page, case)).status_code == 404
    assert client.get(address(page, case)).status_code == 302


@pytest.mark.parametrize("page", ["approve_case", "reject_case", "confirm_case", "withdraw_case"])
def test_deciding_refuses_low_roles_strangers_and_other_methods(
    page, case, auditor_client, stranger_client, admin_client
):
    assert auditor_client.post(address(page, case)).status_code == 403
    assert stranger_client.post(address(page, case)).status_code == 404
    assert admin_client.get(address(page, case)).status_code == 405
    case.refresh_from_db()
    assert case.state == "requested"


def test_collaborator_asks_for_an_own_task_and_withdraws(task, workspace, make_member):
    owner = make_member(workspace, "collaborator")
    Task.objects.filter(pk=task.pk).update(owner=owner)
    client = signed_in(owner)
    assert ask(client, task).status_code == 302
    case = SpecialCase.objects.get()
    assert client.post(address("approve_case", case)).status_code == 403
    done = client.post(address("withdraw_case", case), follow=True)
    assert "Withdrawn: the request changes nothing any more." in done.content.decode()
    case.refresh_from_db()
    assert case.state == "withdrawn"


def test_who_asked_and_only_reads_by_now_ends_nothing(task, second, workspace, make_member, by):
    asker = make_member(workspace, "editor")
    client = signed_in(asker)
    assert ask(client, task).status_code == 302
    case = SpecialCase.objects.get()
    approve_special_case(case, user=second, by=by)
    workspace.memberships.filter(user=asker).update(role="auditor")
    assert client.get(address("special_case", case)).context["withdraws"] is False
    assert client.post(address("withdraw_case", case)).status_code == 403
    case.refresh_from_db()
    assert case.state == "approved"


def test_csv_and_api_agree_with_the_page(case, task, second, by, admin_client):
    approve_special_case(case, user=second, by=by)
    rows = b"".join(admin_client.get(reverse("access:tasks_csv"), {"show": "all"})).decode()
    assert '"Special case"' in rows
    cases = b"".join(admin_client.get(reverse("access:cases_csv"))).decode()
    assert case.file_digest in cases
    assert '"In force"' in cases


def test_list_warns_of_what_ends_within_a_week(case, second, by, admin_client):
    approve_special_case(case, user=second, by=by)
    page = reverse("access:special_cases")
    assert "ends within a week" not in admin_client.get(page).content.decode()
    SpecialCase.objects.update(ends_at=clock.now() + timedelta(days=3))
    assert "ends within a week" in admin_client.get(page).content.decode()


@pytest.mark.parametrize(
    ("end", "why"),
    [("ends_at", "its end date has passed"), ("confirm_by", "nobody confirmed it in time")],
)
def test_what_is_over_by_the_clock_is_past_everywhere_without_a_worker(
    end, why, case, task, second, workspace, by, admin, admin_client
):
    approve_special_case(case, user=second, by=by)
    over = clock.now() - timedelta(minutes=1)
    SpecialCase.objects.update(**{"ends_at": None, "confirm_by": None, end: over})
    Task.objects.filter(pk=task.pk).update(accepted_until=over)

    def listed(show):
        page = admin_client.get(reverse("access:special_cases"), {"show": show})
        assert list(page.context["ending"]) == []
        return [(each["case"], each["case"].over_why) for each in page.context["rows"]]

    api = Tool(workspace, admin)
    (row,) = api.get("special-cases/?state=ended").json()["results"]
    (sent,) = list(
        csv.DictReader(
            b"".join(admin_client.get(reverse("access:cases_csv"))).decode()[1:].splitlines()
        )
    )
    one = admin_client.get(address("special_case", case))
    assert (listed("in_force"), listed("past")) == ([], [(case, why)])
    assert (row["state"], row["ended_why"], row["ended_at"]) == ("ended", why, row["until"])
    assert api.get("special-cases/?state=approved").json()["results"] == []
    assert api.get(f"special-cases/{case.pk}/").json()["state"] == "ended"
    assert (sent["State"], sent["Ended because"]) == ("Ended", why)
    assert sent["Ended (UTC)"] == sent["Until (UTC)"] != ""
    assert (one.context["confirms"], one.context["withdraws"]) == (False, False)
    assert f": {why}" in one.content.decode()
    shown = admin_client.get(reverse("access:task", args=[task.pk]))
    assert (shown.context["live_cases"], shown.context["past_cases"]) == ([], [case])
    assert [each.state for each in SpecialCase.objects.all()] == ["approved"]  # nobody came by


def test_page_and_api_say_who_confirmed_what_is_valid_forever(
    task, second, workspace, admin, admin_client
):
    ask(admin_client, task, valid="forever", ends_on="")
    case, other = SpecialCase.objects.get(), signed_in(second)
    other.post(address("approve_case", case))
    assert not admin_client.get(address("special_case", case)).context["confirms"]
    assert admin_client.post(address("confirm_case", case)).status_code == 422
    assert other.post(address("confirm_case", case)).status_code == 302
    shown = admin_client.get(address("special_case", case)).content.decode()
    assert f"by <bdi>{second.label}</bdi>" in shown.split("<dt>Confirmed</dt>")[1]
    sent = Tool(workspace, admin).get(f"special-cases/{case.pk}/").json()
    assert (sent["requested_by"], sent["confirmed_by"]) == (str(admin.pk), str(second.pk))


@pytest.mark.parametrize("show", ["", "in_force", "waiting", "past", "nonsense"])
def test_list_says_what_it_is_where_it_is_empty(show, workspace, auditor_client):
    response = auditor_client.get(reverse("access:special_cases"), {"show": show})
    assert response.status_code == 200
