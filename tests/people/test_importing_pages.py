"""Tests of people: pages of the import, and of confirming the list."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from audit import clock
from jobs.models import State
from people.models import StaffImport, StaffList, StaffMember

pytestmark = pytest.mark.django_db

IMPORTS = "/people/imports/"
GOOD = b"name,email\nAlex One,alex@example.test\n"


def upload(client, content=GOOD, **fields):
    file = SimpleUploadedFile("list.csv", content, "text/csv")
    return client.post(IMPORTS, {"file": file, **fields})


@pytest.fixture
def held(admin_client):
    upload(admin_client, GOOD + b"Bad,bad\n")
    return StaffImport.objects.get()


def path(name, job):
    return reverse(f"people:{name}", args=[job.pk])


def test_upload_shows_a_preview_and_saves_nothing(admin_client, held):
    page = admin_client.get(path("import", held)).content.decode()
    assert "This is a preview" in page
    assert "This is no e-mail address" in page
    assert "Row" in page
    assert StaffMember.objects.count() == 0


def test_columns_that_nothing_is_taken_from_are_named_before_anything_is_saved(admin_client):
    text = "Name,E-mail,Job title,Gone since\nAlex One,alex@example.test,Clerk,2025-12-31\n"
    upload(admin_client, text.encode("utf-16"))
    page = admin_client.get(path("import", StaffImport.objects.get())).content.decode()
    assert "Job title, Gone since: nothing is taken from there" in page
    upload(admin_client, GOOD)
    latest = StaffImport.objects.order_by("-created_at").first()
    assert "nothing is taken" not in admin_client.get(path("import", latest)).content.decode()


def test_valid_rows_are_imported_only_when_asked_for(admin_client, held):
    plan = {"plan": held.plan_digest}
    refused = admin_client.post(path("apply_import", held), plan)
    assert (refused.status_code, StaffMember.objects.count()) == (422, 0)
    assert "Tick this" in refused.content.decode()
    admin_client.post(path("apply_import", held), {"valid_only": "on"} | plan)
    assert StaffMember.objects.get().name == "Alex One"
    assert (
        "Somebody decided"
        in admin_client.post(
            path("apply_import", held), {"valid_only": "on"} | plan, follow=True
        ).content.decode()
    )


def test_preview_that_was_made_anew_is_not_taken_over_unseen(admin_client, held):
    seen = held.plan_digest
    StaffImport.objects.update(plan_digest="another")
    refused = admin_client.post(path("apply_import", held), {"valid_only": "on", "plan": seen})
    assert refused.status_code == 422
    assert "made anew since you looked" in refused.content.decode()
    assert 'value="another"' in refused.content.decode()
    assert StaffMember.objects.count() == 0


def test_cancelled_import_saves_nothing(admin_client, held):
    assert admin_client.post(path("cancel_import", held)).url == IMPORTS
    assert "cancelled" in admin_client.get(path("import", held)).content.decode()
    assert StaffMember.objects.count() == 0


def test_former_person_is_chosen_on_the_page(admin_client, add):
    add(email="alex@example.test", last_day=(clock.now() - timedelta(days=9)).date())
    upload(admin_client)
    job = StaffImport.objects.get()
    assert "Is this the same person" in admin_client.get(path("import", job)).content.decode()
    admin_client.post(path("choose_import", job), {"row-2": "same", "row-99": "other"})
    job.refresh_from_db()
    assert (job.state, job.choices, job.counts.get("change")) == (State.HELD, {"2": "same"}, 1)


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "This file is empty"), (b"PK\x03\x04\x00", "could not be imported")],
)
def test_rubbish_is_answered_in_words(admin_client, content, words):
    response = upload(admin_client, content)
    if response.status_code == 302:
        response = admin_client.get(response.url)
    assert words in response.content.decode()
    assert StaffMember.objects.count() == 0


def test_file_beyond_the_limit_is_refused_in_words(admin_client):
    response = upload(admin_client, b"x" * ((50 << 20) + 1))
    assert response.status_code == 422
    assert "larger than 50 MB" in response.content.decode()
    assert StaffImport.objects.count() == 0


def test_upload_without_a_file_is_bad_input(admin_client, workspace):
    assert admin_client.post(IMPORTS).status_code == 422


def test_import_pages_are_for_those_who_may_edit(
    admin_client, auditor_client, stranger_client, client, held
):
    for name in ("import", "apply_import", "choose_import", "cancel_import"):
        wrong = admin_client.delete(path(name, held))
        assert wrong.status_code == 405
        method = auditor_client.get if name == "import" else auditor_client.post
        assert method(path(name, held)).status_code == 403
        method = stranger_client.get if name == "import" else stranger_client.post
        assert method(path(name, held)).status_code == 404
    assert auditor_client.get(IMPORTS).status_code == 403
    assert client.get(IMPORTS).url.startswith("/accounts/login/")


def test_template_is_a_list_that_the_import_understands(admin_client):
    template = admin_client.get(reverse("people:import_template"))
    response = upload(admin_client, b"".join(template.streaming_content))
    page = admin_client.get(response.url).content.decode()
    assert "There is no Org role named Accountant" in page


def test_running_import_asks_again_by_itself(admin_client, held):
    StaffImport.objects.update(state=State.RUNNING, step="Reading rows", rows_done=3000)
    page = admin_client.get(path("import", held), HTTP_HX_REQUEST="true").content.decode()
    assert "3,000 rows" in page
    assert 'hx-trigger="every 1s"' in page
    assert "<html" not in page


def test_list_is_confirmed_and_reminded_of(admin_client, auditor_client, add):
    add()
    confirm = reverse("people:confirm_complete")
    assert "Nobody has confirmed yet" in admin_client.get("/people/").content.decode()
    assert auditor_client.post(confirm).status_code == 403
    assert admin_client.get(confirm).status_code == 405
    admin_client.post(confirm)
    assert "last confirmed complete" in admin_client.get("/people/").content.decode()
    StaffList.objects.update(confirmed_at=clock.now() - timedelta(days=36))
    assert "grows old" in admin_client.get("/people/").content.decode()
