"""Lists that are damaged, odd or meant to harm: each problem is told by its row, and the good row gets in."""

from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from jobs.models import State
from people.models import ImportLine, ImportPiece, StaffImport, StaffMember
from tests.api import Tool, is_problem

pytestmark = pytest.mark.django_db

HEADER = "name,email,org_roles,starts_on\n"
GOOD = "Good Person,good@example.test,,2024-01-02\n"
TEXT = f"{HEADER}{GOOD}Zoë Ünal,zoë at example,,\n"
WRONG_ADDRESS = (3, "email", "no e-mail address")

LISTS = {
    "NUL byte": (f"{HEADER}{GOOD}A\0lex,a@example.test,,\n", (3, "name", "cannot be kept")),
    "e-mail twice in the file": (
        f"{HEADER}{GOOD}Other,GOOD@example.test,,\n",
        (3, "email", "Row 2"),
    ),
    "e-mail of somebody else": (
        "name,email,external_id\nGood Person,good@example.test,\nOther,taken@example.test,E-2\n",
        (3, "external_id", "belongs to Present Person"),
    ),
    "unknown Org role": (f"{HEADER}{GOOD}A,a@example.test,Wizard,\n", (3, "org_roles", "Wizard")),
    "UTF-16": (TEXT.encode("utf-16"), WRONG_ADDRESS),
    "UTF-8 with a mark": (TEXT.encode("utf-8-sig"), WRONG_ADDRESS),
    "Windows-1252": (TEXT.encode("cp1252"), WRONG_ADDRESS),
    "semicolons": (TEXT.replace(",", ";"), WRONG_ADDRESS),
    "quoted newlines": (TEXT.replace("Good Person", '"Good\nPerson"'), WRONG_ADDRESS),
    "more cells than columns": (f"{HEADER}{GOOD}A, B,a@example.test,,,x\n", (3, "", "more cells")),
    "half a pair of surrogates": (
        f"{HEADER}{GOOD}".encode() + b"A\xed\xa0\x80,not an address,,\n",
        WRONG_ADDRESS,
    ),
    "markup": (f"{HEADER}{GOOD}A,a@example.test,,<b>soon</b>\n", (3, "starts_on", "<b>soon</b>")),
    "backward text": (
        f"{HEADER}{GOOD}A,a@example.test,,\u202esoon\n",
        (3, "starts_on", "\ufffdsoon"),
    ),
    "formula": (f"{HEADER}{GOOD}A,=cmd|'/c calc'!A1,,\n", WRONG_ADDRESS),
}


@pytest.mark.parametrize("case", LISTS)
def test_problem_is_told_by_its_row_and_the_good_row_is_taken_over(case, add, admin_client):
    add("Present Person", email="taken@example.test", external_id="E-1")
    content, (row, column, words) = LISTS[case]
    job, page = uploaded(admin_client, content if isinstance(content, bytes) else content.encode())
    (line,) = job.lines.filter(kind=ImportLine.Kind.PROBLEM)
    assert (line.row, line.column, words in line.words) == (row, column, True)
    assert f"{row} · {column}" in page if column else f"{row}" in page
    assert unescape(page).count(words)
    assert "<b>soon" not in page
    assert "\u202e" not in page
    assert StaffMember.objects.count() == 1
    where = reverse("people:apply_import", args=[job.pk])
    admin_client.post(where, {"valid_only": "on", "plan": job.plan_digest})
    assert StaffMember.objects.filter(name="Good Person").exists()
    assert StaffMember.objects.count() == 2


@pytest.mark.parametrize(
    "content",
    [bytes(range(256)) * 40, b"PK\x03\x04" + b"\x00" * 400, b"\x7fELF\x02" * 90, b"\xff\xfe\x00"],
    ids=["every byte", "spreadsheet", "program", "cut off"],
)
def test_rubbish_is_refused_in_words_and_leaves_nothing(content, admin_client):
    job, page = uploaded(admin_client, content)
    assert job.state == State.FAILED
    assert "nothing was saved" in page
    assert not ImportPiece.objects.exists()
    assert not StaffMember.objects.exists()


@pytest.mark.parametrize("path", ["/people/imports/", "/api/v1/staff/import/"])
def test_two_hundred_megabytes_are_refused_without_reading_one(path, admin_client):
    class Unread:
        def read(self, *size):
            pytest.fail("the body was read")

        readline = read

    answer = admin_client.generic(
        "POST",
        path,
        content_type="multipart/form-data; boundary=x",
        **{"CONTENT_LENGTH": str(200 << 20), "wsgi.input": Unread()},
    )
    assert answer.status_code == 413
    assert "large" in answer.content.decode()


def test_list_from_a_tool_has_its_problems_by_row_and_the_good_row_is_saved(workspace, admin, add):
    add("Present Person", email="taken@example.test", external_id="E-1")
    rows = [
        {"name": "Good Person", "email": "good@example.test"},
        {"name": "Again", "email": "Good@example.test"},
        {"name": "Other", "email": "taken@example.test", "external_id": "E-2"},
        {"name": "Wizard", "email": "w@example.test", "org_roles": ["Wizard"]},
        {"name": "Nowhere", "email": "no address"},
    ]
    results = Tool(workspace, admin).post("staff/import/", {"staff": rows}).json()["results"]
    told = [[problem["column"] for problem in each["problems"]] for each in results]
    assert told == [[], ["email"], ["external_id"], ["org_roles"], ["email"]]
    assert StaffMember.objects.filter(name="Good Person").exists()


def test_nul_byte_from_a_tool_is_told_by_its_row(workspace, admin):
    rows = [{"name": "Good", "email": "g@example.test"}, {"name": "A\0", "email": "a@example.test"}]
    answer = Tool(workspace, admin).post("staff/import/", {"staff": rows})
    assert is_problem(answer, 422)
    assert list(answer.json()["errors"]) == ["staff.1.name"]
    assert not StaffMember.objects.exists()


def uploaded(client, content):
    """The import that became of a file, and the page that tells of it."""
    file = SimpleUploadedFile("list.csv", content, "text/csv")
    answer = client.post("/people/imports/", {"file": file}, follow=True)
    return StaffImport.objects.get(), answer.content.decode()
