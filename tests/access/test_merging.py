"""Tests of access: what merged people and merged Org roles leave behind."""

import json
from datetime import timedelta

import pytest

from access import services as access
from access.models import AccessRule, Identification, RuleEntry
from audit import clock
from audit.models import Event, EventBody
from checks import selectors as checks
from checks.models import Task
from integrations.models import Connection
from people import selectors as people_selectors
from people import services as people
from people.models import StaffMember
from tests import given
from tests.access import worlds

pytestmark = pytest.mark.django_db


def test_merged_persons_accounts_are_the_survivors(workspace, admin, by):
    survivor = people.add(workspace, name="Alex One", email="alex@example.test", by=by)
    duplicate = people.add(workspace, name="A. One", email="a.one@example.test", by=by)
    made = given.connection(workspace)
    access.add_system(workspace, integration="xero", connection=made, user=admin, by=by)
    given.read(made, [given.row("A One", "a.one@example.test", subscriber=True)])
    assert Identification.objects.get(withdrawn_at__isnull=True).staff == duplicate
    people.merge(survivor, duplicate=duplicate, by=by)
    assert Identification.objects.get(withdrawn_at__isnull=True).staff == survivor


@pytest.fixture
def leaver(workspace, admin, by):
    """Somebody who has left and still has an account under control."""
    today = clock.now().date()
    found = people.add(
        workspace,
        name="Former Bookkeeper",
        email="former@example.test",
        starts_on=today - timedelta(days=9),
        by=by,
    )
    worlds.system(workspace, admin, [given.row("Former Bookkeeper", "former@example.test")])
    people.offboard(found, last_day=today - timedelta(days=3), by=by)
    return found


def removal(person):
    return Task.objects.filter(check_id="offboarded_access_removed", subject_id=person.pk).first()


def status_of(task):
    return checks.task_status(task, clock.now())


@pytest.mark.parametrize("into_the_leaver", [False, True])
@pytest.mark.parametrize("cause", ["access", "upcoming", "held"])
def test_merge_that_would_free_a_leavers_account_is_refused(
    cause, into_the_leaver, leaver, workspace, admin, by
):
    day = people_selectors.latest_period(leaver).last_day
    if cause == "upcoming":
        people.reinstate(leaver, by=by)
        day = clock.now().date() + timedelta(days=3)
        people.offboard(leaver, last_day=day, by=by)
    if cause == "held":
        account = worlds.account("Former Bookkeeper")
        access.leave_unidentified([account], workspace=workspace, user=admin, by=by)
    ghost = people.add(workspace, name="Ghost", email="ghost@example.test", starts_on=day, by=by)
    survivor, duplicate = (leaver, ghost) if into_the_leaver else (ghost, leaver)
    before, events = status_of(removal(leaver)), Event.objects.count()
    with pytest.raises(people.Problem, match="still to be removed") as refused:
        people.merge(survivor, duplicate=duplicate, by=by)
    assert "nothing was changed" in str(refused.value)
    duplicate.refresh_from_db()
    assert (duplicate.merged_into, Event.objects.count()) == (None, events)
    assert status_of(removal(leaver)) is before


def test_two_records_of_one_leaver_merge_and_the_task_goes_on_as_the_survivors(
    leaver, workspace, by
):
    period = people_selectors.latest_period(leaver)
    twin = people.add(workspace, name="F. Bookkeeper", email="f.b@example.test", by=by)
    people.offboard(twin, last_day=period.last_day, by=by)
    before = removal(leaver)
    people.merge(twin, duplicate=leaver, by=by)
    ended, goes_on = removal(leaver), removal(twin)
    assert (goes_on.began_at, goes_on.closed_at) == (before.began_at, None)
    assert status_of(goes_on) is status_of(before)
    assert ended.closed_why == (
        "Former Bookkeeper was merged into F. Bookkeeper, who has their accounts now"
    )


def test_leaver_whose_account_is_gone_merges_into_the_record_of_their_return(leaver, workspace, by):
    given.read(Connection.objects.get(), [given.row("Somebody Else")])
    day = people_selectors.latest_period(leaver).last_day
    back = people.add(workspace, name="Back Again", email="b@example.test", starts_on=day, by=by)
    people.merge(back, duplicate=leaver, by=by)
    leaver.refresh_from_db()
    assert leaver.merged_into == back


@pytest.mark.parametrize("way", ["staff", "suggested", "owner"])
def test_record_that_was_merged_meanwhile_gets_no_accounts(way, leaver, workspace, admin, by):
    seen, kept = (worlds.person(workspace, each) for each in ("Seen Person", "Kept Person"))
    account = worlds.account("Former Bookkeeper")
    people.merge(kept, duplicate=seen, by=by)
    terms = {"kind": "external", "reason": "Outside", "workspace": workspace, "owner": seen}
    ways = {
        "staff": lambda: access.identify_as_staff([account], staff=seen, user=admin, by=by),
        "suggested": lambda: access.accept_suggestions(
            workspace, chosen={account.pk: seen.pk}, user=admin, by=by
        ),
        "owner": lambda: access.identify_as_not_staff(
            [account], **terms, ends_on=clock.now().date() + timedelta(days=9), user=admin, by=by
        ),
    }
    with pytest.raises(people.Problem, match="merged into Kept Person meanwhile"):
        ways[way]()
    assert worlds.decision("Former Bookkeeper").staff == leaver


def test_task_of_an_approved_release_says_that_no_account_is_theirs(
    leaver, workspace, admin, make_member, by
):
    third = worlds.person(workspace, "Third Person")
    account = worlds.account("Former Bookkeeper")
    (made,) = access.identify_as_staff([account], staff=third, user=admin, by=by)
    access.approve_release(made, user=make_member(workspace, "admin"), by=by)
    assert removal(leaver).closed_why == (
        "Former Bookkeeper has no account here any more that is known as theirs"
    )


def test_leaving_that_is_withdrawn_says_so(leaver, workspace, by):
    staying = people.add(workspace, name="Staying Person", email="stay@example.test", by=by)
    given.read(Connection.objects.get(), [given.row("Staying Person", "stay@example.test")])
    people.offboard(staying, last_day=clock.now().date() + timedelta(days=5), by=by)
    people.reinstate(staying, by=by)
    assert removal(staying).closed_why == "Staying Person is not leaving any more"


def test_merged_org_roles_count_as_a_new_rule_and_never_make_a_late_problem_early(
    workspace, admin, by
):
    clerk, lead = (
        people.create_org_role(workspace, name=each, by=by) for each in ("Clerk", "Lead")
    )
    people.add(workspace, name="A Lead", email="lead@example.test", org_roles=[lead], by=by)
    system = worlds.system(workspace, admin, [given.row("A Lead", "lead@example.test")])
    access.save_rule(system, mode="role_based", roles=[access.RoleLevels(clerk)], user=admin, by=by)
    long_ago = clock.now() - timedelta(days=40)
    AccessRule.objects.update(saved_at=long_ago)
    task = Task.objects.get(check_id="user_access_valid")
    Task.objects.filter(pk=task.pk).update(
        began_at=long_ago, critical_at=long_ago, due_at=long_ago + timedelta(days=7)
    )
    StaffMember.objects.update(roles_changed_at=long_ago)
    people.merge_org_roles(clerk, into=lead, by=by)
    task.refresh_from_db()
    assert task.resolved_at >= clock.now() - timedelta(minutes=5)
    assert task.late_days > 30
    saved = Event.objects.filter(kind="rule.saved").order_by("-seq").first()
    body = json.loads(EventBody.objects.get(event_id=saved.id).text)
    assert (list(body["before"]["roles"]), list(body["after"]["roles"])) == (["Clerk"], ["Lead"])


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (None, ["STANDARD"], None),
        (["STANDARD"], None, None),
        (None, ["UNKNOWN"], ["CASHBOOKCLIENT", "FINANCIALADVISER", "INVOICEONLY", "MANAGEDCLIENT",
                         "READONLY", "STANDARD", "UNKNOWN"]),
        (["UNKNOWN"], ["STANDARD"], ["STANDARD", "UNKNOWN"]),
    ],
)  # fmt: skip
def test_what_two_merged_org_roles_allow_adds_up(workspace, admin, by, one, other, both):
    merged, kept = (people.create_org_role(workspace, name=each, by=by) for each in ("One", "Two"))
    system = access.add_system(workspace, integration="xero", connection=None, user=admin, by=by)
    levels = [None if each is None else frozenset(each) for each in (one, other)]
    roles = [access.RoleLevels(merged, levels[0]), access.RoleLevels(kept, levels[1])]
    access.save_rule(system, mode="role_based", roles=roles, user=admin, by=by)
    people.merge_org_roles(merged, into=kept, by=by)
    assert RuleEntry.objects.get().levels == both


@pytest.mark.parametrize(("both", "levels"), [(False, ["READONLY"]), (True, ["A", "READONLY"])])
def test_merged_org_role_is_replaced_in_rules(workspace, admin, by, both, levels):
    merged, kept = (people.create_org_role(workspace, name=each, by=by) for each in ("One", "Two"))
    system = access.add_system(workspace, integration="xero", connection=None, user=admin, by=by)
    rule = AccessRule.objects.create(
        system=system, workspace=workspace, mode="role_based", saved_at=clock.now()
    )
    RuleEntry.objects.create(rule=rule, org_role=merged, levels=["READONLY"])
    if both:
        RuleEntry.objects.create(rule=rule, org_role=kept, levels=["A"])
    with pytest.raises(people.Problem, match="uses the Org role One"):
        people.delete_org_role(merged, by=by)
    people.merge_org_roles(merged, into=kept, by=by)
    [entry] = RuleEntry.objects.filter(rule=rule)
    assert (entry.org_role, entry.levels) == (kept, levels)
