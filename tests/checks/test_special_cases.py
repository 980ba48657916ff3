"""Special cases: nothing before approval, another person, the fault as approved, every ending."""

import os
import re
from datetime import date, timedelta

import pytest
from django.template.loader import render_to_string

from access import selectors as access_selectors
from access import services as access
from audit import clock
from audit import selectors as audit
from audit.models import Event
from checks import attachments
from checks import selectors as checks
from checks import services as check_services
from checks.forms import SpecialCaseForm
from checks.models import SpecialCase, Task
from checks.services import (
    approve_special_case,
    confirm_special_case,
    reject_special_case,
    request_special_case,
    withdraw_special_case,
)
from checks.status import Status
from integrations import selectors as integrations
from integrations.models import Connection
from people import services as people
from people.services import Problem
from tests import given

pytestmark = pytest.mark.django_db
States = SpecialCase.State
VALID, REMOVED = "user_access_valid", "offboarded_access_removed"
SOON = timedelta(days=30)


@pytest.mark.parametrize(
    ("check_id", "said"), [(REMOVED, None), (VALID, "unless it is valid forever")]
)
def test_form_says_of_the_day_when_it_is_needed(check_id, said):
    form = SpecialCaseForm(check_id=check_id, today=date(2026, 3, 2))
    shown = render_to_string("components/field.html", {"field": form["ends_on"]})
    assert re.findall(r'field-optional">([^<]+)<', shown) == ([said] if said else [])
    bad = SpecialCaseForm(
        {"reason": "handover", "note": "x"}, check_id=check_id, today=date.today()
    )
    assert bad.errors["ends_on"] == ["Enter a day."]


@pytest.fixture
def sales(workspace, by):
    return people.create_org_role(workspace, name="Sales", by=by)


@pytest.fixture
def person(workspace, sales, by):
    return people.add(
        workspace, name="Example Seller", email="seller@example.test", org_roles=[sales], by=by
    )


def listed(level="STANDARD"):
    return [
        given.row("Example Seller", "seller@example.test", level),
        given.row("Owner Person", level="FINANCIALADVISER", subscriber=True),
    ]


@pytest.fixture
def system(workspace, person, admin, by):
    """A system whose rule lists no Org role of the seller: their access is to be revoked."""
    books = given.connection(workspace)
    given.read(books, listed())
    system = access.add_system(workspace, integration="xero", connection=books, user=admin, by=by)
    other = people.create_org_role(workspace, name="Accountant", by=by)
    access.save_rule(system, mode="role_based", roles=[access.RoleLevels(other)], user=admin, by=by)
    return system


@pytest.fixture
def second(workspace, make_member):
    return make_member(workspace, "admin", "second.admin@example.test")


def today():
    return clock.now().date()


def task_of(system, check_id=VALID, label="Example Seller"):
    rows = Task.objects.select_related("workspace", "system")
    return rows.get(system_id=system.pk, check_id=check_id, subject_label=label)


def status(system, check_id=VALID, label="Example Seller", later=timedelta()):
    found = checks.tasks(system.workspace, now := clock.now() + later).get(
        system_id=system.pk, check_id=check_id, subject_label=label
    )
    assert checks.RANKED[found.code] is checks.task_status(found, now)
    return checks.RANKED[found.code]


def ask(task, user, by, *, days=30, **how):
    ends_on = None if days is None else today() + timedelta(days=days)
    how = {"reason": "business_need", "note": "Month end", "ends_on": ends_on} | how
    return request_special_case(task, **how, user=user, by=by)


@pytest.fixture
def approved(system, admin, second, by):
    return approve_special_case(ask(task_of(system), admin, by), user=second, by=by)


def ended(case):
    case.refresh_from_db()
    assert case.state == States.ENDED
    return case.ended_why


def test_request_changes_nothing_until_it_is_approved(system, admin, second, by):
    case = ask(task_of(system), admin, by)
    assert status(system) is Status.DUE
    approve_special_case(case, user=second, by=by)
    assert status(system) is Status.SPECIAL_CASE
    assert status(system, later=timedelta(days=32)) is Status.FAILING


def test_special_case_is_counted_apart_and_never_as_passing(system, approved):
    (summary,) = [
        each
        for each in checks.summaries([task_of(system).system], clock.now())[str(system.pk)]
        if each.check_id == VALID
    ]
    assert (summary.special, summary.counts.get(Status.PASSING, 0)) == (1, 0)
    assert summary.status is not Status.PASSING


def test_whoever_asked_cannot_approve_where_there_is_another_admin(system, admin, second, by):
    case = ask(task_of(system), admin, by)
    with pytest.raises(Problem, match="another admin"):
        approve_special_case(case, user=admin, by=by)
    assert status(system) is Status.DUE


def test_any_other_admin_decides_however_many_there_are(system, admin, workspace, make_member, by):
    others = [make_member(workspace, "admin") for _ in range(3)]
    for other in others:
        case = approve_special_case(ask(task_of(system), admin, by), user=other, by=by)
        assert (case.state, case.sole_admin) == ("approved", False)


def test_only_admin_approves_alone_and_the_record_says_so(system, admin, workspace, by):
    case = approve_special_case(ask(task_of(system), admin, by), user=admin, by=by)
    assert case.sole_admin
    events = audit.history(workspace.id, f"special_case:{case.id}")
    assert [(e["kind"], e["body"].get("sole_admin")) for e in events] == [
        ("special_case.approved", True),
        ("special_case.requested", None),
    ]


def test_nobody_approves_for_their_own_account(system, admin, workspace, make_member, by):
    own = make_member(workspace, "admin", "seller@example.test")
    case = ask(task_of(system), admin, by)
    assert case.holder.name == "Example Seller"
    with pytest.raises(Problem, match="your own access"):
        approve_special_case(case, user=own, by=by)


def test_nobody_approves_for_their_own_unidentified_account(
    system, admin, workspace, make_member, by
):
    own = make_member(workspace, "admin", "owner.person@example.test")
    case = ask(task_of(system, "user_identified", "Owner Person"), admin, by)
    with pytest.raises(Problem, match="your own access"):
        approve_special_case(case, user=own, by=by)


def test_editor_cannot_approve(system, admin, workspace, make_member, by):
    editor = make_member(workspace, "editor")
    with pytest.raises(Problem, match="Only an admin"):
        approve_special_case(ask(task_of(system), admin, by), user=editor, by=by)


@pytest.mark.parametrize(
    ("how", "field"),
    [
        ({"reason": "because"}, "reason"),
        ({"note": "  "}, "note"),
        ({"days": -1}, "ends_on"),
        ({"days": 2000}, "ends_on"),
    ],
)
def test_request_that_says_too_little_is_refused(how, field, system, admin, by):
    with pytest.raises(Problem) as refused:
        ask(task_of(system), admin, by, **how)
    assert refused.value.field == field
    assert not SpecialCase.objects.exists()


def test_passing_task_cannot_be_accepted(system, admin, by):
    with pytest.raises(Problem, match="no problem"):
        ask(task_of(system, "user_identified"), admin, by)


def test_second_request_waits_for_the_first(system, admin, by):
    ask(task_of(system), admin, by)
    with pytest.raises(Problem, match="already"):
        ask(task_of(system), admin, by)


@pytest.fixture
def leaver_task(system, person, by):
    people.offboard(person, last_day=today() - timedelta(days=3), access_ends="end_of_day", by=by)
    return task_of(system, REMOVED)


@pytest.mark.parametrize(("days", "allowed"), [(90, True), (91, False), (None, False)])
def test_leavers_access_is_accepted_for_90_days_at_most(days, allowed, leaver_task, admin, by):
    if allowed:
        assert ask(leaver_task, admin, by, days=days).ends_at
        return
    with pytest.raises(Problem, match="90 days"):
        ask(leaver_task, admin, by, days=days)


def test_leavers_special_case_ends_when_the_day_moves(
    leaver_task, system, person, admin, second, by
):
    case = approve_special_case(ask(leaver_task, admin, by), user=second, by=by)
    assert status(system, REMOVED) is Status.SPECIAL_CASE
    people.offboard(
        person,
        last_day=today() - timedelta(days=9),
        access_ends="end_of_day",
        reason="Left earlier",
        by=by,
    )
    assert ended(case) == "the employment changed"
    assert status(system, REMOVED) is Status.FAILING


def test_leavers_special_case_ends_with_the_access(leaver_task, system, admin, second, by):
    case = approve_special_case(ask(leaver_task, admin, by), user=second, by=by)
    given.read(system.connection, listed()[1:])
    assert ended(case) == "the problem is solved"
    assert status(system, REMOVED) is Status.PASSING


def test_same_fault_keeps_it_through_another_org_role(system, approved, person, workspace, by):
    support = people.create_org_role(workspace, name="Support", by=by)
    people.edit(
        person,
        name=person.name,
        email="seller@example.test",
        external_id="",
        employment_type=person.employment_type,
        org_roles=[support],
        manager=None,
        starts_on=None,
        by=by,
    )
    assert "Support" in str(task_of(system).used)
    assert status(system) is Status.SPECIAL_CASE


@pytest.mark.parametrize(
    ("level", "why"),
    [
        ("READONLY", ""),
        ("FINANCIALADVISER", "the role in Xero changed from Standard to Adviser"),
        ("SOMETHINGNEW", "the role in Xero changed"),
    ],
)
def test_xero_role_ends_it_unless_lower(level, why, system, approved):
    given.read(system.connection, listed(level))
    if not why:
        assert status(system) is Status.SPECIAL_CASE
        return
    assert ended(approved).startswith(why)
    assert status(system) is Status.DUE


def test_role_that_was_lower_and_rises_again_stays_within_what_was_accepted(system, approved):
    given.read(system.connection, listed("READONLY"))
    given.read(system.connection, listed("STANDARD"))
    assert status(system) is Status.SPECIAL_CASE


def test_another_verdict_ends_it_and_the_first_start_counts(
    system, approved, person, workspace, by
):
    before = task_of(system).began_at
    people.edit(
        person,
        name=person.name,
        email="seller@example.test",
        external_id="",
        employment_type=person.employment_type,
        org_roles=[],
        manager=None,
        starts_on=None,
        by=by,
    )
    assert ended(approved) == "the verdict changed"
    assert task_of(system).began_at == before


def test_solved_fault_ends_it(system, approved, sales, admin, by):
    access.save_rule(system, mode="role_based", roles=[access.RoleLevels(sales)], user=admin, by=by)
    assert ended(approved) == "the problem is solved"
    assert status(system) is Status.PASSING


def test_vanished_account_ends_it(system, approved):
    given.read(system.connection, listed()[1:])
    assert ended(approved) == "its subject is gone"
    assert status(system) is Status.CLOSED


def test_request_falls_away_with_its_fault(system, sales, admin, by):
    case = ask(task_of(system), admin, by)
    access.save_rule(system, mode="role_based", roles=[access.RoleLevels(sales)], user=admin, by=by)
    case.refresh_from_db()
    assert (case.state, case.ended_why) == (States.WITHDRAWN, "the problem is gone")
    assert Event.objects.filter(kind="special_case.withdrawn").count() == 1


def test_ended_early_the_task_is_what_it_was(system, approved, admin, by):
    withdraw_special_case(approved, user=admin, by=by)
    assert status(system) is Status.DUE
    assert ended(approved) == "ended early"
    kinds = list(task_of(system).events.order_by("at").values_list("kind", flat=True))
    assert kinds[-2:] == ["accepted", "exception ended"]


def test_approval_covers_nothing_that_was_not_asked_about(system, admin, second, by):
    case = ask(task_of(system), admin, by)
    given.read(Connection.objects.get(), listed("FINANCIALADVISER"))
    with pytest.raises(Problem, match="changed from Standard to Adviser"):
        approve_special_case(case, user=second, by=by)
    assert status(system) is Status.DUE
    assert reject_special_case(case, note="Ask anew", user=second, by=by).covers


def test_request_is_approved_where_the_problem_became_smaller(system, admin, second, by):
    case = ask(task_of(system), admin, by)
    given.read(Connection.objects.get(), listed("READONLY"))
    assert "READONLY" in approve_special_case(case, user=second, by=by).covers["levels"].values()


def test_accepted_access_is_listed_neither_as_passing_nor_as_valid(system, approved):
    now, name = clock.now(), "Example Seller"

    def shown(**wanted):
        return [row.name for row in access_selectors.users(system, now, **wanted)]

    def tasks(show):
        rows = access_selectors.tasks(system.workspace, now, check_id=VALID, show=show)
        return [each.subject_label for each in rows]

    assert (name in shown(validity="valid"), name in tasks("passing")) == (False, False)
    assert (shown(validity="special"), tasks("special")) == ([name], [name])


def expected():
    return integrations.expected_removals(Connection.objects.get())


def test_removal_is_expected_while_somebody_is_asked_for_it(system, admin, second, by):
    assert len(expected()) == 1
    case = approve_special_case(ask(task_of(system), admin, by), user=second, by=by)
    given.read(Connection.objects.get(), [*listed(), given.row("Somebody New")])
    assert not expected()
    withdraw_special_case(case, user=admin, by=by)
    given.read(Connection.objects.get(), listed())
    assert len(expected()) == 1


def test_removed_system_expects_no_removal(system, by):
    access.remove_system(system, reason="Sold", by=by)
    assert not expected()


def test_leavers_accepted_access_is_not_expected_to_vanish(leaver_task, admin, second, by):
    assert len(expected()) == 1
    approve_special_case(ask(leaver_task, admin, by), user=second, by=by)
    given.read(Connection.objects.get(), [*listed(), given.row("Somebody New")])
    assert not expected()


def test_withdrawn_request_cannot_be_approved(system, admin, second, by):
    case = withdraw_special_case(ask(task_of(system), admin, by), user=admin, by=by)
    with pytest.raises(Problem, match="withdrawn"):
        approve_special_case(case, user=second, by=by)


def test_rejection_needs_words_and_changes_no_status(system, admin, second, by):
    case = ask(task_of(system), admin, by)
    with pytest.raises(Problem, match="Say why"):
        reject_special_case(case, note=" ", user=second, by=by)
    reject_special_case(case, note="Remove it instead", user=second, by=by)
    assert status(system) is Status.DUE
    ask(task_of(system), admin, by)  # another try is allowed


def test_newer_approval_replaces_the_one_in_force(system, approved, admin, second, by):
    newer = approve_special_case(ask(task_of(system), admin, by, days=60), user=second, by=by)
    assert ended(approved) == "replaced by a newer one"
    assert task_of(system).accepted_until == newer.ends_at


def test_valid_forever_has_to_be_confirmed_within_a_year(system, admin, second, by):
    case = approve_special_case(ask(task_of(system), admin, by, days=None), user=second, by=by)
    assert case.ends_at is None
    assert status(system, later=timedelta(days=364)) is Status.SPECIAL_CASE
    assert status(system, later=timedelta(days=367)) is Status.FAILING
    SpecialCase.objects.filter(pk=case.pk).update(confirm_by=clock.now() + timedelta(days=2))
    confirm_special_case(case, user=second, by=by)
    assert status(system, later=timedelta(days=364)) is Status.SPECIAL_CASE


def test_who_asked_confirms_alone_only_as_the_only_admin(system, admin, second, by):
    case = approve_special_case(ask(task_of(system), admin, by, days=None), user=second, by=by)
    with pytest.raises(Problem, match="another admin has to decide"):
        confirm_special_case(case, user=admin, by=by)
    assert SpecialCase.objects.get().confirmed_at is None
    second.memberships.all().delete()
    confirmed = confirm_special_case(case, user=admin, by=by)
    assert (confirmed.decided_by, confirmed.confirmed_by) == (second, admin)
    line = case.task.events.get(kind="confirmed")
    assert line.why.endswith(f"Confirmed by {admin.label}, the only admin.")
    told = audit.history(system.workspace_id, f"special_case:{case.id}")
    assert [e["body"]["sole_admin"] for e in told if e["kind"] == "special_case.confirmed"] == [
        True
    ]


def test_one_with_an_end_date_needs_no_confirmation(approved, admin, by):
    with pytest.raises(Problem, match="no confirmation"):
        confirm_special_case(approved, user=admin, by=by)


def turn_clock(case, by_days):
    """The database's clock does not turn in tests: the end comes nearer instead."""
    end = clock.now() + timedelta(days=by_days)
    SpecialCase.objects.filter(pk=case.pk).update(ends_at=end)
    Task.objects.filter(pk=case.task_id).update(accepted_until=end)


def test_what_the_clock_ended_first_keeps_that_end(system, approved, admin, second, by):
    turn_clock(approved, -2)
    end = SpecialCase.objects.get().ends_at
    with pytest.raises(Problem, match="It has ended already"):
        withdraw_special_case(approved, user=admin, by=by)
    approve_special_case(ask(task_of(system), admin, by), user=second, by=by)
    assert ended(approved) == "its end date has passed"
    assert (approved.ended_at, approved.ended_by) == (end, None)


def look(by):
    found = check_services.due_special_cases(clock.now())
    for case in found:
        check_services.look_at(case, by=by)
    return len(found)


def test_end_is_announced_once_in_the_last_week(system, approved, workspace, by):
    turn_clock(approved, 8)
    assert look(by) == 0
    turn_clock(approved, 6.9)
    assert (look(by), look(by)) == (1, 0)
    assert checks.ending_soon(workspace, clock.now()).get() == approved
    kinds = [e["kind"] for e in audit.history(workspace.id, f"special_case:{approved.id}")]
    assert kinds.count("special_case.ending") == 1


def test_end_by_the_clock_is_written_into_the_history(system, approved, by):
    turn_clock(approved, -0.01)
    assert status(system) is Status.DUE
    assert (look(by), look(by)) == (1, 0)
    assert ended(approved) == "its end date has passed"
    assert task_of(system).accepted_until is None


def test_refused_request_leaves_no_file_behind(system, admin, by, settings, tmp_path):
    settings.ATTACHMENTS_DIR = tmp_path
    ask(task_of(system), admin, by)
    sent = check_services.Attachment("plan.pdf", b"%PDF-1.7 another plan")
    with pytest.raises(Problem):
        ask(task_of(system), admin, by, attachment=sent)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_file_is_kept_by_its_digest_and_named_cleanly(system, admin, by, settings, tmp_path):
    settings.ATTACHMENTS_DIR = tmp_path
    sent = check_services.Attachment("..\\evil/<b>plan.pdf", b"%PDF-1.7 plan")
    case = ask(task_of(system), admin, by, attachment=sent)
    assert (case.file_name, case.file_kind, case.file_size) == ("bplan.pdf", "pdf", 13)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [case.file_digest]


def test_file_that_no_case_names_is_swept_when_nobody_sent_it_for_long(
    system, admin, by, settings, tmp_path
):
    settings.ATTACHMENTS_DIR = tmp_path
    sent = check_services.Attachment("plan.pdf", b"%PDF-1.7 plan")
    kept = ask(task_of(system), admin, by, attachment=sent).file_digest
    orphan, again = attachments.keep(b"left behind"), attachments.keep(b"sent again")
    (tmp_path / orphan[:2] / "tmp-unfinished").touch()
    for place in tmp_path.glob("??/*"):
        os.utime(place, (0, 0))
    attachments.keep(b"sent again")
    young = attachments.keep(b"young")
    assert check_services.forget_attachments(clock.now()) == 2
    assert {place.name for place in tmp_path.glob("??/*")} == {kept, again, young}


def test_file_of_a_wrong_kind_is_refused_beside_its_field(system, admin, by):
    with pytest.raises(Problem) as refused:
        ask(task_of(system), admin, by, attachment=check_services.Attachment("a.pdf", b"MZ\x90"))
    assert refused.value.field == "file"
    assert not SpecialCase.objects.exists()


def test_days_are_those_of_the_workspace(system, approved):
    local_end = approved.ends_at - timedelta(microseconds=1)
    assert local_end.date() == date.fromordinal((today() + SOON).toordinal())
