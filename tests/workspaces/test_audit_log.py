"""The audit log page: filters, file, verdict; and nothing of another workspace."""

import csv
from io import StringIO

import pytest
from django.db import connection
from django.urls import reverse

from audit import keeping
from audit import services as audit
from audit.models import Event
from audit.services import Actor
from tests.api import Tool, is_problem
from tests.audit.test_migrations import SWITCHED_OFF
from workspaces import wording

LOG = "/settings/audit-log/"
VERIFY = "/settings/audit-log/verify/"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.AUDIT_CHECKPOINTS = tmp_path


@pytest.fixture
def acts(workspace, admin):
    """A few acts of different people and kinds."""
    person = Actor(kind="user", id=str(admin.pk), label="Example admin", ip="192.0.2.1")
    tool = Actor(kind="token", id=str(admin.pk), label="HR export", token_id="t-1")
    with audit.act(workspace, by=person):
        audit.record(
            "staff.changed", subject="staff:1", before={"name": "Old"}, after={"name": "New"}
        )
    with audit.act(workspace, by=tool):
        audit.record("staff.added", subject="staff:2", name="=cmd()")
    with audit.act(workspace, by=Actor(kind="system", label="worker")):
        audit.record("sync.failed", subject="run:1", error="x" * 500)
    return workspace.pk


def shown(client, **filters):
    answer = client.get(LOG, filters)
    assert answer.status_code == 200
    return [act.kind for act in answer.context["acts"]], answer.content.decode()


def test_log_tells_who_from_where_and_what_changed(auditor_client, acts):
    kinds, html = shown(auditor_client)
    assert kinds[:3] == ["sync.failed", "staff.added", "staff.changed"]
    for words in ("Old → New", "from 192.0.2.1", "API token “HR export”", "The product itself"):
        assert words in html
    assert "x" * 301 not in html


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"kind": "staff."}, ["staff.added", "staff.changed"]),
        ({"person": "system"}, ["sync.failed"]),
        ({"subject": "staff:2"}, ["staff.added"]),
        ({"since": "2199-01-01"}, []),
        ({"until": "2000-01-01"}, []),
    ],
)
def test_filters_narrow_the_log(admin_client, acts, filters, expected):
    assert shown(admin_client, **filters)[0] == expected


def test_person_finds_acts_by_hand_and_by_token(admin_client, admin, acts):
    kinds, _ = shown(admin_client, person=str(admin.pk))
    assert kinds == ["staff.added", "staff.changed"]


@pytest.mark.parametrize(
    "filters",
    [
        {"kind": "moon"},
        {"since": "soon"},
        {"person": "x' OR 1"},
        {"page": "made up"},
        {"until": "9999-12-31"},
        {"since": "0001-01-01"},
    ],
)
def test_filter_that_makes_no_sense_is_left_out(admin_client, acts, filters):
    kinds, _ = shown(admin_client, **filters)
    assert len(kinds) >= 4


def test_log_is_paged_and_asks_little(admin_client, workspace, by, django_assert_max_num_queries):
    with audit.act(workspace, by=by):
        for number in range(120):
            audit.record("thing.done", number=number)
    admin_client.get(LOG)
    with django_assert_max_num_queries(15):
        page = admin_client.get(LOG)
    assert len(page.context["acts"]) == 50
    older = admin_client.get(LOG, {"page": page.context["page"].older})
    assert older.context["acts"][0].seq == page.context["acts"][-1].seq - 1


def test_export_holds_the_filtered_log_and_no_formula(auditor_client, acts):
    answer = auditor_client.get(f"{LOG}export/", {"kind": "staff."})
    text = b"".join(answer.streaming_content).decode().lstrip("\ufeff")
    rows = list(csv.DictReader(StringIO(text)))
    assert [row["Kind"] for row in rows] == ["staff.added", "staff.changed"]
    assert rows[0]["Token"] == "t-1"
    assert rows[0]["About"] == "'=cmd()"
    assert rows[0]["Hash"] == Event.objects.get(chain=acts, kind="staff.added").hash
    assert not any(cell[:1] in ("=", "+", "-", "@") for row in rows for cell in row.values())


def test_verify_says_that_the_log_is_whole(auditor_client, acts):
    keeping.keep_all()
    page = auditor_client.post(VERIFY).content.decode()
    assert "The audit log is whole" in page
    assert "No earlier head" not in page


def test_verify_says_that_the_databases_own_guard_is_off(auditor_client, acts):
    with connection.cursor() as cursor:
        cursor.execute(SWITCHED_OFF[connection.vendor])
    page = auditor_client.post(VERIFY).content.decode()
    assert "own guard is off" in page
    assert "The audit log is whole" in page


def test_verify_says_what_does_not_fit(admin_client, workspace, settings, acts):
    settings.AUDIT_SEAL_KEYS = {"k1": "another key"}
    page = admin_client.post(VERIFY).content.decode()
    assert "The audit log was changed" in page
    assert "Seal of event 1 is broken" in page


def test_long_log_is_read_in_pieces_and_nothing_is_claimed_before_the_end(
    auditor_client, acts, settings
):
    keeping.keep_all()
    settings.AUDIT_STEP = 2
    answer, pieces = auditor_client.post(VERIFY), 1
    while (walk := answer.context["walk"]) and answer.context["result"] is None:
        page = answer.content.decode()
        assert "The audit log is being read" in page
        assert "is whole</h1>" not in page
        assert f"{walk.events} of {walk.total} entries" in page
        answer, pieces = auditor_client.post(VERIFY, {"walk": walk.text()}), pieces + 1
    assert "The audit log is whole" in answer.content.decode()
    assert pieces == walk.events // 2 + 1


def test_fault_is_shown_as_soon_as_it_is_met(admin_client, acts, settings):
    settings.AUDIT_SEAL_KEYS, settings.AUDIT_STEP = {"k1": "another key"}, 2
    page = admin_client.post(VERIFY).content.decode()
    assert "The audit log is being read" in page
    assert "Seal of event 1 is broken" in page


@pytest.mark.parametrize("walk", ["x", "a" * 300_000])
def test_look_that_cannot_go_on_says_so_and_nothing_of_the_log(admin_client, acts, walk):
    answer = admin_client.post(VERIFY, {"walk": walk}, follow=True)
    assert answer.redirect_chain[0][0] == LOG
    assert "press Verify again" in answer.content.decode()


def test_log_is_verified_over_the_api(workspace, admin, acts, settings):
    keeping.keep_all()
    tool, settings.AUDIT_STEP = Tool(workspace, admin, ("read",)), 3
    said = tool.post("audit-events/verify/", {}).json()
    assert (said["state"], said["checked"]) == ("unfinished", 3)
    while cursor := said["cursor"]:
        said = tool.post("audit-events/verify/", {"cursor": cursor}).json()
    assert (said["state"], said["faults"]) == ("whole", [])
    assert said["checked"] >= said["events"] == said["kept_until"] + 1  # the token's own
    assert is_problem(tool.post("audit-events/verify/", {"cursor": "x"}), 422)
    settings.AUDIT_SEAL_KEYS, settings.AUDIT_STEP = {"k1": "another key"}, 1000
    broken = tool.post("audit-events/verify/", {}).json()
    assert broken["state"] == "broken"
    assert "seal of event 1 is broken" in broken["faults"]


def test_log_of_another_workspace_is_not_shown(stranger_client, acts):
    kinds, html = shown(stranger_client)
    assert "192.0.2.1" not in html
    assert "staff.changed" not in kinds
    kinds, _ = shown(stranger_client, subject="staff:1")
    assert kinds == []


def test_verify_is_a_post_and_a_collaborator_sees_nothing(
    workspace, make_member, admin_client, client
):
    assert admin_client.get(VERIFY).status_code == 405
    client.force_login(make_member(workspace, "collaborator"))
    for route in ("audit_log", "export_audit_log"):
        assert client.get(reverse(f"workspaces:{route}")).status_code == 403


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, []),
        ({"before": None, "after": "x"}, [("changed", "nothing → x")]),
        ({"before": {"a": []}, "after": {"a": ["p", "q"]}}, [("a", "nothing → p, q")]),
        ({"org_role": "A", "ends_at": None}, [("org role", "A")]),
        ({"ok": True, "deep": {"x": [1, {"y": False}]}}, [("ok", "yes"), ("deep", "x 1, y no")]),
    ],
)
def test_changes_are_told_in_words(body, expected):
    assert wording.changes(body) == expected


def test_kind_reads_as_words():
    assert wording.kind_words("org_role.merged") == "Org role: merged"
    assert wording.kind_words("odd") == "Odd"
    assert wording.changes({"at": "2026-08-25 23:00:00+00:00"}) == [("at", "2026-08-25 23:00 UTC")]


def test_what_stayed_as_it_was_is_no_change():
    body = {
        "before": {"days": 3, "business_days": False},
        "after": {"days": 5, "business_days": False},
    }
    assert wording.changes(body) == [("days", "3 → 5")]


@pytest.mark.parametrize(
    ("subject", "body", "expected"),
    [
        ("", {}, None),
        ("workspace:1", {}, None),
        ("token:36891b6e-0000-4000-8000-000000000000", {"name": "HR export"}, "HR export"),
        ("token:36891b6e-0000-4000-8000-000000000000", {}, "36891b6e…"),
        ("thing:odd", {"name": None}, "odd"),
    ],
)
def test_subject_that_is_no_row_is_called_as_the_act_called_it(subject, body, expected):
    found = wording.about(subject, body, {})
    assert (found.words if found else None) == expected
