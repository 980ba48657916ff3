"""Tests of people: files as leased jobs, from upload over preview to the directory."""

import json
from datetime import date, timedelta

import pytest

from audit import clock
from audit.models import Event, EventBody
from jobs.models import State
from people import exports, selectors, tasks
from people import services as people
from people.models import (
    EmailAddress,
    EmploymentPeriod,
    ImportPiece,
    OrgRole,
    SearchWord,
    StaffImport,
    StaffMember,
)
from people.services.importing import files

pytestmark = pytest.mark.django_db

AS_IS = {
    "employment_type": "employee",
    "org_roles": [],
    "manager": None,
    "starts_on": None,
}
HEADER = "name,email,external_id,org_roles,manager,last_working_day\n"


@pytest.fixture
def upload(workspace, admin, by):
    def upload(text, **how):
        how = {"complete": False, "create_roles": False} | how
        return people.start_import(
            workspace, file_name="list.csv", pieces=[text.encode()], user=admin, by=by, **how
        )

    return upload


def preview(job):
    job.refresh_from_db()
    return [(line.kind, line.row, line.column) for line in job.lines.order_by("kind", "row", "id")]


def taken_over(job, by, **how):
    job.refresh_from_db()
    job = people.apply_import(job, by=by, **how)
    assert job.state == State.DONE, job.error
    return job


def status(workspace, name):
    now = clock.now()
    return {row.name: row.status for row in selectors.directory(workspace, now=now)}[name]


def test_preview_shows_adds_changes_and_problems_and_saves_nothing(workspace, add, upload):
    add("Alex One", email="alex@example.test")
    before = Event.objects.exclude(kind__startswith="import.").count()
    job = upload(
        HEADER
        + "Alex Two,alex@example.test,,,,\n"
        + "Example New,new@example.test,,,,\n"
        + "Bad Day,day@example.test,,,,soon\n"
        + "Bad Role,role@example.test,,Astronaut,,\n"
        + "Bad Boss,boss@example.test,,,nobody@example.test,\n"
        + "Twice,NEW@example.test,,,,\n"
    )
    assert preview(job) == [
        ("add", 3, ""),
        ("change", 2, ""),
        ("problem", 4, "last_working_day"),
        ("problem", 5, "org_roles"),
        ("problem", 6, "manager"),
        ("problem", 7, "email"),
    ]
    assert job.state == State.HELD or StaffImport.objects.get().state == State.HELD
    assert StaffMember.objects.count() == 1
    assert Event.objects.exclude(kind__startswith="import.").count() == before


def test_preview_says_what_is_added_and_what_an_org_role_replaces(workspace, add, role, upload):
    add("Changed One", email="changed@example.test", org_roles=[role("Clerk"), role("Lead")])
    job = upload(
        "name,email,org_roles,starts_on,employment_type\n"
        "New One,new@example.test,Clerk,2027-04-01,contractor\n"
        "Changed One,changed@example.test,Lead,,\n"
    )
    assert set(job.lines.values_list("name", "words")) == {
        (
            "New One",
            "new@example.test; Org roles: Clerk; start: 1 April 2027; employment: Contractor",
        ),
        ("Changed One", "Org roles: Clerk, Lead → Lead"),
    }


def test_row_with_several_mistakes_tells_all_of_them_at_once(workspace, upload):
    job = upload(HEADER + "Many,many@example.test,,Astronaut | Pilot,nobody@example.test,soon\n")
    assert [column for _, _, column in preview(job)] == [
        "last_working_day", "org_roles", "org_roles", "manager"
    ]  # fmt: skip
    assert job.lines.filter(words__contains="Pilot").exists()


def test_problems_are_imported_around_only_knowingly(workspace, upload, by):
    job = upload(HEADER + "Good,good@example.test,,,,\nBad,bad,,,,\n")
    job.refresh_from_db()
    with pytest.raises(people.Problem, match="valid rows"):
        people.apply_import(job, by=by)
    assert StaffMember.objects.count() == 0
    taken_over(job, by, valid_only=True)
    assert StaffMember.objects.get().name == "Good"


def test_list_is_taken_over_with_roles_managers_and_words(workspace, upload, by):
    job = upload(
        HEADER
        + "Report,report@example.test,E-2,Sales | Accountant,boss@example.test,\n"
        + "Boss,boss@example.test,E-1,,,\n"
        + "Leaver,leaver@example.test,E-3,,E-1,2024-01-31\n",
        create_roles=True,
    )
    taken_over(job, by)
    report = StaffMember.objects.get(external_id="E-2")
    assert (report.manager.name, report.source) == ("Boss", "csv")
    assert set(report.org_roles.values_list("name", flat=True)) == {"Sales", "Accountant"}
    assert status(workspace, "Leaver") == "offboarded"
    found = selectors.directory(workspace, search="report@", now=clock.now())
    assert [row.name for row in found] == ["Report"]
    assert ImportPiece.objects.count() == 0


def test_preview_names_the_org_roles_that_would_be_created(role, upload):
    role("Accountant")
    rows = "One,one@example.test,,Clerk | Accountant,,\nTwo,two@example.test,,clerk,,\n"
    job = upload(HEADER + rows, create_roles=True)
    job.refresh_from_db()
    named = job.lines.filter(kind="role").values_list("name", flat=True)
    assert (list(named), job.counts["role"]) == (["Clerk"], 1)


def test_same_list_again_changes_nothing(workspace, upload, by):
    text = HEADER + "One,one@example.test,E-1,Sales,E-2,\nTwo,two@example.test,E-2,,,2030-01-31\n"
    taken_over(upload(text, create_roles=True), by)
    before = (Event.objects.exclude(kind__startswith="import.").count(), SearchWord.objects.count())
    job = taken_over(upload(text, create_roles=True), by)
    after = (Event.objects.exclude(kind__startswith="import.").count(), SearchWord.objects.count())
    assert (after, job.counts) == (before, {"same": 2, "returns": 0, "leaver": 0})


def test_export_comes_back_without_a_change(workspace, add, role, upload, by):
    boss = add("Boss", external_id="E-1", starts_on=date(2020, 1, 2))
    staff = add("=Formula()", org_roles=[role("A, B"), role("C")], manager=boss, on_leave=True)
    people.add_alias(staff, address="alias@example.test", by=by)
    add("Leaver", last_day=date(2024, 1, 31))
    rows = selectors.directory(workspace, now=clock.now())
    text = b"".join(exports.directory(rows).streaming_content).decode()
    job = upload(text)
    job.refresh_from_db()
    assert job.counts == {"same": 3, "returns": 0, "leaver": 0}


def test_changes_are_written_as_people_would_write_them(workspace, add, role, upload, by):
    staff = add("Before", email="before@example.test", external_id="E-1", org_roles=[role("Old")])
    role("New")
    text = "name,email,external_id,org_roles\nAfter,after@example.test,E-1,New\n"
    taken_over(upload(text), by)
    staff.refresh_from_db()
    assert (staff.name, list(staff.org_roles.values_list("name", flat=True))) == ("After", ["New"])
    held = EmailAddress.objects.filter(staff=staff).order_by("since", "address")
    assert {(row.address, row.until is None) for row in held} == {
        ("before@example.test", False),
        ("after@example.test", True),
    }
    assert Event.objects.filter(kind="staff.changed").count() == 1
    assert [r.name for r in selectors.directory(workspace, search="after", now=clock.now())] == [
        "After"
    ]


def test_complete_list_makes_leavers_of_who_is_missing(workspace, add, upload, by):
    rows = [f"Person {n:02},p{n}@example.test,,,,\n" for n in range(20)]
    add("By Hand")
    taken_over(upload(HEADER + "".join(rows), complete=True), by)
    job = upload(HEADER + "".join(rows[1:]), complete=True)
    assert preview(job) == [("leaver", 0, "")]
    taken_over(job, by)
    assert status(workspace, "Person 00") == "upcoming"
    assert status(workspace, "By Hand") == "current"


def test_shrinking_list_is_held_until_somebody_says_why(workspace, upload, by):
    rows = [f"Person {n:02},p{n}@example.test,,,,\n" for n in range(20)]
    taken_over(upload(HEADER + "".join(rows), complete=True), by)
    job = upload(HEADER + "".join(rows[:10]), complete=True)
    job.refresh_from_db()
    assert "10 of 20 people" in job.shrinks
    with pytest.raises(people.Problem, match="Say why"):
        people.apply_import(job, by=by)
    taken_over(job, by, reason="The branch was closed")
    assert status(workspace, "Person 15") == "upcoming"


def test_complete_list_with_a_problem_makes_nobody_a_leaver(workspace, upload, by):
    rows = [f"Person {n:02},p{n}@example.test,,,,\n" for n in range(5)]
    taken_over(upload(HEADER + "".join(rows), complete=True), by)
    job = upload(HEADER + "".join(rows[1:]) + "Person 00,not an address,,,,\n", complete=True)
    taken_over(job, by, valid_only=True)
    assert status(workspace, "Person 00") == "current"


@pytest.mark.parametrize(("choice", "people_then"), [("same", 1), ("other", 2)])
def test_former_persons_address_waits_for_a_choice(workspace, add, upload, by, choice, people_then):
    add("Alex One", email="alex@example.test", last_day=date(2024, 1, 31))
    job = upload(HEADER + "Alex One,alex@example.test,,,,\n")
    assert preview(job) == [("choice", 2, "last_working_day")]
    job = people.choose(job, choices={2: choice}, by=by)
    taken_over(job, by)
    assert StaffMember.objects.count() == people_then
    here = selectors.directory(workspace, status="current", now=clock.now())
    assert [row.email for row in here] == ["alex@example.test"]


def test_preview_is_made_anew_when_the_directory_moved(workspace, add, upload, by):
    job = upload(HEADER + "Alex One,alex@example.test,,,,\n")
    add("Alex Two", email="alex@example.test")
    job.refresh_from_db()
    job = people.apply_import(job, by=by)
    assert (job.state, "changed meanwhile" in job.error) == (State.HELD, True)
    assert StaffMember.objects.get().name == "Alex Two"
    assert preview(job) == [("change", 2, "")]


@pytest.mark.parametrize(
    ("text", "words"),
    [("\x00" * 50, "characters"), ("name,email\n", "no row below"), ("a,b\n1,2\n", "name the")],
)
def test_rubbish_fails_in_words_and_saves_nothing(workspace, upload, text, words):
    job = upload(text)
    job.refresh_from_db()
    assert (job.state, words in job.error) == (State.FAILED, True)
    assert ImportPiece.objects.count() == 0


def test_import_is_decided_once(workspace, upload, by):
    job = upload(HEADER + "Alex One,alex@example.test,,,,\n")
    people.cancel_import(job, by=by)
    for act in (people.cancel_import, people.apply_import):
        with pytest.raises(people.Problem, match="already"):
            act(job, by=by)
    assert StaffMember.objects.count() == 0


def test_preview_that_nobody_decides_on_is_given_up_after_a_month(upload):
    old, young = (upload(HEADER + f"Person {n},p{n}@example.test,,,,\n") for n in range(2))
    StaffImport.objects.filter(pk=old.pk).update(finished_at=clock.now() - timedelta(days=31))
    tasks.forget_imports()
    assert set(StaffImport.objects.values_list("pk", "cancelled")) == {
        (old.pk, True),
        (young.pk, False),
    }
    assert set(ImportPiece.objects.values_list("job", flat=True)) == {young.pk}
    assert Event.objects.filter(kind="import.cancelled").count() == 1


def test_import_of_a_dead_worker_is_taken_up_again(workspace, upload, by, monkeypatch):
    job = upload(HEADER + "Alex One,alex@example.test,,,,\n")
    StaffImport.objects.filter(pk=job.pk).update(
        state=State.RUNNING, phase="apply", lease_until=clock.now() - timedelta(seconds=1)
    )
    files.run(job.pk)
    job.refresh_from_db()
    assert (job.state, StaffMember.objects.count()) == (State.DONE, 1)


def test_import_that_kills_workers_is_parked_in_words(workspace, upload, by):
    job = upload(HEADER + "Alex One,alex@example.test,,,,\n")
    StaffImport.objects.filter(pk=job.pk).update(state=State.PENDING, attempt=5)
    files.run(job.pk)
    job.refresh_from_db()
    assert (job.state, "never finished" in job.error) == (State.FAILED, True)


def test_manager_whose_row_has_a_problem_is_one_too(workspace, upload):
    job = upload(
        HEADER
        + "One,one@example.test,E-1,,E-2,\n"
        + "Two,two@example.test,E-2,,E-3,\n"
        + "Three,three,E-3,,,\n"
        + "Four,four@example.test,E-4,,E-4,\n"
    )
    assert [(kind, row) for kind, row, _ in preview(job)] == [
        ("problem", 2),
        ("problem", 3),
        ("problem", 4),
        ("problem", 5),
    ]
    assert OrgRole.objects.count() == 0


def kept(kind):
    events = Event.objects.filter(kind=kind).values("id")
    return [json.loads(body.text) for body in EventBody.objects.filter(event_id__in=events)]


@pytest.mark.parametrize("day", ["2030-12-31", "2024-01-30"])
def test_list_moves_the_day_of_somebody_who_left_only_on_a_choice(workspace, add, upload, by, day):
    add("Former", email="former@example.test", last_day=date(2024, 1, 31))
    job = upload(HEADER + f"Former,former@example.test,,,,{day}\n")
    assert preview(job) == [("choice", 2, "last_working_day")]
    job = people.apply_import(job, valid_only=True, by=by)
    assert status(workspace, "Former") == "offboarded"
    job = upload(HEADER + f"Former,former@example.test,,,,{day}\n")
    taken_over(people.choose(job, choices={2: "same"}, by=by), by)
    moved = kept("staff.offboarding_moved")
    assert [each["reason"] for each in moved] == ["Moved by the list list.csv"]
    assert [(each["last_day_was"], each["last_day"]) for each in moved] == [("2024-01-31", day)]


def test_list_records_a_leaving_and_a_return_as_if_by_hand(workspace, add, upload, by):
    staff = add("Going", email="going@example.test")
    taken_over(upload(HEADER + "Going,going@example.test,,,,2024-01-31\n"), by)
    assert [each["last_day"] for each in kept("staff.offboarded")] == ["2024-01-31"]
    job = upload(HEADER + "Going,going@example.test,,,,\n")
    taken_over(people.choose(job, choices={2: "same"}, by=by), by)
    assert [each["last_day_was"] for each in kept("staff.reinstated")] == ["2024-01-31"]
    assert [each["subject"] for each in kept("staff.reinstated")] == [f"staff:{staff.pk}"]


def test_preview_is_made_anew_when_the_values_behind_it_are_others(
    workspace, add, role, upload, by
):
    add("Alex One", email="alex@example.test")
    clerk, lead = role("Clerk"), role("Finance lead")
    job = upload(HEADER + "Alex One,alex@example.test,,Clerk,,\n")
    people.merge_org_roles(clerk, into=lead, by=by)
    job.refresh_from_db()
    job = people.apply_import(job, by=by)
    assert (job.state, "changed meanwhile" in job.error) == (State.HELD, True)
    assert list(StaffMember.objects.get().org_roles.all()) == []


def test_manager_who_is_another_person_by_now_is_shown_first(workspace, add, upload, by):
    boss = add("Boss One", email="boss@example.test")
    job = upload(HEADER + "Alex One,alex@example.test,,,boss@example.test,\n")
    people.edit(boss, **AS_IS, name="Boss One", email="", external_id="B-1", by=by)
    add("Boss Two", email="boss@example.test")
    job.refresh_from_db()
    assert people.apply_import(job, by=by).state == State.HELD
    assert StaffMember.objects.count() == 2


def test_org_roles_of_rows_that_are_left_out_are_not_created(workspace, upload, by):
    job = upload(
        HEADER
        + "Good,good@example.test,,Real role,,\n"
        + "Bad,bad,,Phantom role,,\n"
        + "Report,report@example.test,,Another phantom,nobody@example.test,\n",
        create_roles=True,
    )
    taken_over(job, by, valid_only=True)
    assert list(OrgRole.objects.values_list("name", flat=True)) == ["Real role"]


def test_complete_list_without_somebody_who_has_not_started_is_taken_over(workspace, upload, by):
    header, rows = "name,email,starts_on\n", [f"P{n},p{n}@example.test,\n" for n in range(5)]
    taken_over(
        upload(header + "".join(rows) + "New,new@example.test,2099-04-01\n", complete=True), by
    )
    taken_over(upload(header + "".join(rows), complete=True), by)
    period = EmploymentPeriod.objects.get(staff__name="New")
    assert (period.last_day, period.access_ends_at.year < 2099) == (date(2099, 4, 1), True)


def test_list_with_a_merged_record_is_taken_over_again(workspace, add, upload, by):
    text = HEADER + "Alex Listed,listed@example.test,E-1,,,\nOther,other@example.test,E-2,,,\n"
    taken_over(upload(text), by)
    survivor = add("Alex One", email="one@example.test")
    people.merge(survivor, duplicate=StaffMember.objects.get(external_id="E-1"), by=by)
    text = text.replace("listed@example.test", "fresh@example.test")
    taken_over(upload(text), by)
    survivor.refresh_from_db()
    assert (survivor.name, survivor.external_id) == ("Alex Listed", "")


def test_another_person_takes_the_former_persons_alias_too(workspace, add, upload, by):
    former = add("Former", email="a@example.test", last_day=date(2024, 1, 31))
    EmailAddress.objects.create(
        workspace=workspace,
        staff=former,
        kind="alias",
        address="b@example.test",
        normalised="b@example.test",
        since=clock.now(),
    )
    job = upload("name,email,aliases\nNew,a@example.test,b@example.test\n")
    taken_over(people.choose(job, choices={2: "other"}, by=by), by)
    held = EmailAddress.objects.filter(until__isnull=True)
    assert set(held.values_list("staff__name", "address")) == {
        ("New", "a@example.test"),
        ("New", "b@example.test"),
    }
