"""Deciding whose account it is: batches, aliases, undo, leavers' accounts, approval, matching."""

from datetime import date, timedelta

import pytest

from access import selectors
from access import services as access
from access.models import Account, Identification
from access.services import identifying
from audit import clock
from audit.models import Event, EventBody
from audit.services import Actor, act
from checks.models import Task
from people import days
from people import services as people
from people.services import Problem
from people.services.addresses import replace_work_address
from tests import given
from tests.access import worlds
from workspaces import selectors as members
from workspaces import services as workspaces
from workspaces.permissions import Role

pytestmark = pytest.mark.django_db

LIST = [
    given.row("Owner Person", level="FINANCIALADVISER", subscriber=True),
    given.row("Books Keeper", "keeper@elsewhere.test"),
    given.row("Shared Mailbox", "info@example.test"),
    given.row("Example Accountant"),
]


@pytest.fixture
def accountant(workspace):
    return worlds.person(workspace, "Example Accountant")


@pytest.fixture
def keeper(workspace):
    return worlds.person(workspace, "Books Keeper", "books.keeper@example.test")


@pytest.fixture
def system(workspace, accountant, keeper, admin):
    return worlds.system(workspace, admin, LIST)


@pytest.fixture
def other_admin(workspace, make_member):
    return make_member(workspace, Role.ADMIN)


def leaver_task(person):
    return Task.objects.filter(check_id="offboarded_access_removed", subject_id=person.pk).first()


def is_open(task):
    return task is not None and task.resolved_at is None and task.closed_at is None


# One decision for many, and what it teaches.


def test_one_decision_covers_many_accounts_in_one_act(system, keeper, admin, by):
    chosen = Account.objects.filter(name__in=["Owner Person", "Books Keeper"])
    made = access.identify_as_staff(chosen, staff=keeper, user=admin, by=by)
    assert len(made) == 2
    assert {worlds.decision(name).staff for name in ("Owner Person", "Books Keeper")} == {keeper}
    assert not Task.objects.filter(
        check_id="user_identified", subject_id__in=[each.account_id for each in made],
        resolved_at=None,
    ).exists()  # fmt: skip


def test_more_accounts_than_one_request_may_hold_are_refused(system, keeper, admin, by):
    many = [Account() for _ in range(access.MOST_AT_ONCE + 1)]
    with pytest.raises(Problem, match="at most 200"):
        access.identify_as_staff(many, staff=keeper, user=admin, by=by)


def test_decision_teaches_the_address_and_other_organisations_match_by_it(
    system, workspace, keeper, admin, by
):
    worlds.system(workspace, admin, [given.row("K", "keeper@elsewhere.test")], "Second Books")
    assert worlds.decision("K") is None
    access.identify_as_staff([worlds.account("Books Keeper")], staff=keeper, user=admin, by=by)
    assert keeper.addresses.filter(kind="alias", normalised="keeper@elsewhere.test").exists()
    assert (worlds.decision("K").staff, worlds.decision("K").automatic) == (keeper, True)


def test_shared_mailbox_and_a_colleagues_address_teach_nothing(
    system, keeper, accountant, admin, by
):
    chosen = Account.objects.filter(name__in=["Shared Mailbox", "Example Accountant"])
    access.identify_as_staff(chosen, staff=keeper, user=admin, by=by)
    assert not keeper.addresses.filter(kind="alias").exists()


def test_address_that_was_on_another_persons_account_teaches_nothing(
    system, keeper, accountant, workspace, admin, by
):
    access.identify_as_staff([worlds.account("Books Keeper")], staff=keeper, user=admin, by=by)
    people.withdraw_alias(keeper, address="keeper@elsewhere.test", by=by)
    access.identify_as_staff([worlds.account("Books Keeper")], staff=accountant, user=admin, by=by)
    assert not accountant.addresses.filter(kind="alias").exists()


def test_accepted_suggestions_are_all_recorded_or_none(system, keeper, accountant, admin, by):
    chosen = {
        worlds.account("Books Keeper").pk: keeper.pk,
        worlds.account("Owner Person").pk: accountant.pk,
    }
    made = access.accept_suggestions(system.workspace, chosen=chosen, user=admin, by=by)
    assert {each.account.name: each.staff for each in made} == {
        "Books Keeper": keeper,
        "Owner Person": accountant,
    }
    again = {worlds.account("Shared Mailbox").pk: keeper.pk, **chosen}
    with pytest.raises(Problem, match="identified meanwhile"):
        access.accept_suggestions(system.workspace, chosen=again, user=admin, by=by)
    assert worlds.decision("Shared Mailbox") is None


def test_person_of_another_workspace_is_never_accepted(system, other_workspace, admin, by):
    foreign = worlds.person(other_workspace, "Foreign Person")
    chosen = {worlds.account("Books Keeper").pk: foreign.pk}
    with pytest.raises(Problem, match="of this directory"):
        access.accept_suggestions(system.workspace, chosen=chosen, user=admin, by=by)


def test_decision_about_ones_own_access_is_marked_however_the_address_is_written(
    workspace, make_member, by
):
    user = make_member(workspace, Role.ADMIN, email="ME@bücher.example")
    mine = worlds.person(workspace, "My Self", "me@xn--bcher-kva.example")
    worlds.system(workspace, user, [given.row("Somebody", "x@example.test", subscriber=True)])
    (made,) = access.identify_as_staff([worlds.account("Somebody")], staff=mine, user=user, by=by)
    assert made.own_access


# Undo.


def test_undo_takes_the_alias_and_what_rests_on_it_along(system, workspace, keeper, admin, by):
    worlds.system(workspace, admin, [given.row("K", "keeper@elsewhere.test")], "Second Books")
    (made,) = access.identify_as_staff(
        [worlds.account("Books Keeper")], staff=keeper, user=admin, by=by
    )
    access.undo(made, user=admin, by=by)
    assert worlds.decision("Books Keeper").kind == "not_identified"
    assert not keeper.addresses.filter(kind="alias", until=None).exists()
    assert worlds.decision("K") is None
    ended = Identification.objects.get(account__name="K")
    assert (ended.withdrawn_why, ended.withdrawn_at is not None) == ("alias", True)
    made.refresh_from_db()
    assert (made.withdrawn_why, made.withdrawn_by) == ("undone", admin)


def test_undone_match_does_not_come_back_by_itself(system, accountant, admin, by):
    access.undo(worlds.decision("Example Accountant"), user=admin, by=by)
    given.read(system.connection, LIST)
    assert worlds.decision("Example Accountant").kind == "not_identified"


def test_undo_of_a_decision_that_was_replaced_is_refused(system, keeper, accountant, admin, by):
    account = worlds.account("Books Keeper")
    (first,) = access.identify_as_staff([account], staff=keeper, user=admin, by=by)
    access.identify_as_staff([account], staff=accountant, user=admin, by=by)
    with pytest.raises(Problem, match="not the present one"):
        access.undo(first, user=admin, by=by)
    assert worlds.decision("Books Keeper").staff == accountant


# A leaver's account.


@pytest.fixture
def leaver(system, accountant, by):
    people.offboard(accountant, last_day=None, access_ends="now", by=by)
    return accountant


def ways_out(system, keeper, admin, by):
    account = worlds.account("Example Accountant")
    day = days.today(clock.now(), system.workspace.zone) + timedelta(days=90)
    terms = {"kind": "external", "owner": keeper, "reason": "Outside", "ends_on": day}
    many = {"workspace": system.workspace, "user": admin, "by": by}
    return {
        "other person": lambda: access.identify_as_staff(
            [account], staff=keeper, user=admin, by=by
        ),
        "not staff": lambda: access.identify_as_not_staff([account], **terms, **many),
        "not identified": lambda: access.leave_unidentified([account], **many),
        "undo": lambda: access.undo(worlds.decision("Example Accountant"), user=admin, by=by),
        "other address": lambda: given.read(
            system.connection, [*LIST[:3], given.row("Example Accountant", "books.keeper@example.test")]
        ),
    }  # fmt: skip


WAYS_OUT = ["other person", "not staff", "not identified", "undo", "other address"]


@pytest.mark.parametrize("way", WAYS_OUT)
def test_leavers_task_stays_open_whatever_is_said_of_the_account(
    way, system, keeper, leaver, admin, by
):
    ways_out(system, keeper, admin, by)[way]()
    assert is_open(leaver_task(leaver))


@pytest.mark.parametrize("way", WAYS_OUT)
def test_leavers_task_passes_when_the_account_is_gone_whatever_was_said_of_it(
    way, system, keeper, leaver, admin, by
):
    ways_out(system, keeper, admin, by)[way]()
    given.read(system.connection, LIST[:3])
    task = leaver_task(leaver)
    assert task.resolved_at is not None
    assert task.closed_at is None


@pytest.mark.parametrize("ahead", [0, 9])
def test_return_for_a_moment_does_not_let_go_of_a_leavers_account(
    ahead, system, keeper, accountant, admin, by
):
    """Reinstated, re-identified, offboarded again: gone or upcoming, the account stays theirs."""
    account, today = worlds.account("Example Accountant"), clock.now().date()
    people.offboard(accountant, last_day=today + timedelta(days=ahead - 1), by=by)
    people.reinstate(accountant, by=by)
    access.identify_as_staff([account], staff=keeper, user=admin, by=by)
    people.offboard(accountant, last_day=None, access_ends="now", by=by)
    assert is_open(leaver_task(accountant))


def test_two_leavers_one_after_the_other_both_keep_their_task(
    system, keeper, leaver, workspace, admin, by
):
    account = worlds.account("Example Accountant")
    third = worlds.person(workspace, "Third Person")
    access.identify_as_staff([account], staff=keeper, user=admin, by=by)
    people.offboard(keeper, last_day=None, access_ends="now", by=by)
    access.identify_as_staff([account], staff=third, user=admin, by=by)
    assert is_open(leaver_task(leaver))
    assert is_open(leaver_task(keeper))


def test_another_admins_approval_of_the_decision_seen_releases_the_account(
    system, keeper, leaver, admin, other_admin, by
):
    account = worlds.account("Example Accountant")
    access.leave_unidentified([account], workspace=system.workspace, user=admin, by=by)
    (made,) = access.identify_as_staff([account], staff=keeper, user=admin, by=by)
    with pytest.raises(Problem, match="another administrator"):
        access.approve_release(made, user=admin, by=by)
    access.approve_release(made, user=other_admin, by=by)
    given.read(system.connection, LIST)
    assert not is_open(leaver_task(leaver))


def test_approval_of_a_decision_that_was_replaced_is_refused_in_words(
    system, keeper, leaver, workspace, admin, other_admin, by
):
    account = worlds.account("Example Accountant")
    (seen,) = access.identify_as_staff([account], staff=keeper, user=admin, by=by)
    third = worlds.person(workspace, "Third Person")
    access.identify_as_staff([account], staff=third, user=admin, by=by)
    with pytest.raises(Problem, match="decided anew"):
        access.approve_release(seen, user=other_admin, by=by)
    assert is_open(leaver_task(leaver))


@pytest.mark.parametrize("way", WAYS_OUT[:4])
def test_approved_decision_about_somebody_who_leaves_later_needs_another_approval(
    way, system, keeper, leaver, workspace, admin, other_admin, by
):
    account = worlds.account("Example Accountant")
    third = worlds.person(workspace, "Third Person")
    (made,) = access.identify_as_staff([account], staff=third, user=admin, by=by)
    access.approve_release(made, user=other_admin, by=by)
    people.offboard(third, last_day=None, access_ends="now", by=by)
    ways_out(system, keeper, admin, by)[way]()
    assert not is_open(leaver_task(leaver))
    assert is_open(leaver_task(third))
    assert leaver_task(third).remedy == "remove_access"


def test_leavers_account_decided_once_more_as_theirs_is_held_for_nobody(system, leaver, admin, by):
    account = worlds.account("Example Accountant")
    access.identify_as_staff([account], staff=leaver, user=admin, by=by)
    access.identify_as_staff([account], staff=leaver, user=admin, by=by)
    before = Identification.objects.filter(account=account, withdrawn_at__isnull=False)
    assert {each.held_for_id for each in before} == {None}
    event = Event.objects.filter(kind="account.identified").latest("seq")
    assert '"held_for":null' in EventBody.objects.get(event_id=event.id).text


def test_nobody_approves_that_it_is_nobodys(system, leaver, admin, other_admin, by):
    account = worlds.account("Example Accountant")
    (made,) = access.leave_unidentified([account], workspace=system.workspace, user=admin, by=by)
    with pytest.raises(Problem, match="whose account"):
        access.approve_release(made, user=other_admin, by=by)


def test_sole_admins_approval_is_recorded_as_such(system, keeper, leaver, admin, by):
    (made,) = access.identify_as_staff(
        [worlds.account("Example Accountant")], staff=keeper, user=admin, by=by
    )
    access.approve_release(made, user=admin, by=by)
    event = Event.objects.get(kind="identification.approved")
    assert '"sole_admin":true' in EventBody.objects.get(event_id=event.id).text


def test_sole_admin_who_approves_what_somebody_else_decided_is_not_alone(
    system, keeper, leaver, workspace, admin, make_member, by
):
    editor = make_member(workspace, Role.EDITOR)
    account = worlds.account("Example Accountant")
    (made,) = access.identify_as_staff([account], staff=keeper, user=editor, by=by)
    access.approve_release(made, user=admin, by=by)
    event = Event.objects.get(kind="identification.approved")
    assert '"sole_admin":false' in EventBody.objects.get(event_id=event.id).text


def test_account_that_is_the_leavers_again_waits_for_nobodys_approval(
    system, keeper, leaver, admin, by
):
    from access import selectors

    account = worlds.account("Example Accountant")
    access.identify_as_staff([account], staff=keeper, user=admin, by=by)
    access.identify_as_staff([account], staff=leaver, user=admin, by=by)
    assert selectors.held_from(account) == []
    assert is_open(leaver_task(leaver))


# Not a staff account.


def test_shared_account_needs_its_users_and_reopens_when_one_of_them_leaves(
    system, keeper, accountant, admin, by
):
    day = days.today(clock.now(), system.workspace.zone) + timedelta(days=90)
    terms = {"workspace": system.workspace, "kind": "shared", "owner": admin, "reason": "Post",
             "ends_on": day, "user": admin, "by": by}  # fmt: skip
    mailbox = [worlds.account("Shared Mailbox")]
    with pytest.raises(Problem, match="use it"):
        access.identify_as_not_staff(mailbox, **terms)
    access.identify_as_not_staff(mailbox, **terms, users=[keeper, accountant])
    task = Task.objects.get(check_id="user_identified", subject_label="Shared Mailbox")
    assert task.resolved_at is not None
    people.offboard(keeper, last_day=None, access_ends="now", by=by)
    task.refresh_from_db()
    assert (task.resolved_at, task.remedy_text) == (None, "Change its password and confirm")
    [card] = selectors.cards([system], clock.now())
    assert card.unidentified == 3  # with the mailbox: the card and its check agree
    with pytest.raises(Problem, match="Change its password"):
        access.identify_as_not_staff(mailbox, **terms, users=[accountant])
    access.identify_as_not_staff(mailbox, **terms, users=[accountant], password_changed=True)
    task.refresh_from_db()
    assert task.resolved_at is not None
    assert Event.objects.filter(kind="account.password_changed").count() == 1


def test_shared_account_reopens_when_a_user_turns_out_to_have_left_before_it_was_decided(
    system, keeper, accountant, admin, by
):
    today = days.today(clock.now(), system.workspace.zone)
    access.identify_as_not_staff(
        [worlds.account("Shared Mailbox")], workspace=system.workspace, kind="shared",
        owner=admin, reason="Post", ends_on=today + timedelta(days=90),
        users=[keeper, accountant], user=admin, by=by,
    )  # fmt: skip
    people.offboard(keeper, last_day=today - timedelta(days=3), by=by)
    task = Task.objects.get(check_id="user_identified", subject_label="Shared Mailbox")
    assert (task.resolved_at, task.remedy_text) == (None, "Change its password and confirm")


def test_account_of_an_admin_reopens_when_their_membership_ends_by_the_clock(
    system, workspace, admin, make_member, by
):
    owner, now = make_member(workspace, Role.ADMIN), clock.now()
    end = now + timedelta(days=3)
    members.members(workspace).filter(user=owner).update(ends_at=end)
    access.identify_as_not_staff(
        [worlds.account("Shared Mailbox")], workspace=workspace, kind="service", owner=owner,
        reason="Post", ends_on=days.today(now, workspace.zone) + timedelta(days=90),
        user=admin, by=by,
    )  # fmt: skip
    task = Task.objects.get(check_id="user_identified", subject_label="Shared Mailbox")
    assert task.lapses_at == end  # from then on it is green no more, whoever looks
    assert task.system.next_change_at is not None
    assert task.system.next_change_at <= end  # and then it is judged again


@pytest.mark.parametrize(
    ("level", "passes"), [("READONLY", True), ("FINANCIALADVISER", False), ("ODD", False)]
)
def test_accepted_account_reopens_on_a_changed_role_unless_it_is_lower(
    level, passes, system, keeper, admin, by
):
    day = days.today(clock.now(), system.workspace.zone) + timedelta(days=90)
    access.identify_as_not_staff(
        [worlds.account("Books Keeper")], workspace=system.workspace, kind="external",
        owner=keeper, reason="Outside", ends_on=day, user=admin, by=by,
    )  # fmt: skip
    changed = given.row("Books Keeper", "keeper@elsewhere.test", level)
    given.read(system.connection, [LIST[0], changed, *LIST[2:]])
    task = Task.objects.get(check_id="user_identified", subject_label="Books Keeper")
    assert (task.resolved_at is not None) is passes
    if not passes:
        assert task.remedy_text == "Decision ended: confirm, or remove in Xero"


def test_accepted_account_reopens_when_its_owner_is_no_administrator_any_more(
    system, admin, other_admin, workspace, by
):
    day = days.today(clock.now(), system.workspace.zone) + timedelta(days=90)
    access.identify_as_not_staff(
        [worlds.account("Books Keeper")], workspace=workspace, kind="service", owner=other_admin,
        reason="Robot", ends_on=day, user=admin, by=by,
    )  # fmt: skip
    task = Task.objects.get(check_id="user_identified", subject_label="Books Keeper")
    assert task.resolved_at is not None
    both = {each.user_id: each for each in members.members(workspace)}
    workspaces.remove_member(both[other_admin.pk], granter=both[admin.pk], by=by)
    task.refresh_from_db()
    assert task.resolved_at is None


# Matching by itself.


def test_matching_leaves_a_decision_alone_that_was_made_meanwhile(system, keeper, admin, by):
    """The race: matching worked out its matches, then somebody decided, then matching writes."""
    account = worlds.account("Example Accountant")
    (made,) = access.identify_as_staff([account], staff=keeper, user=admin, by=by)
    with act(system.workspace, by=Actor(kind="command")) as running:
        count = identifying.match_automatically([account], system.workspace, running.now)
    made.refresh_from_db()
    assert (count, made.withdrawn_at) == (0, None)


def test_address_changed_on_the_account_keeps_its_link(system, accountant):
    given.read(system.connection, [*LIST[:3], given.row("Example Accountant", "new@example.test")])
    assert worlds.decision("Example Accountant").staff == accountant


def test_address_that_is_somebody_elses_makes_the_account_unidentified_again(
    system, accountant, keeper
):
    changed = given.row("Example Accountant", "books.keeper@example.test")
    given.read(system.connection, [*LIST[:3], changed])
    given.read(system.connection, [*LIST[:3], changed])
    assert worlds.decision("Example Accountant") is None
    task = Task.objects.get(check_id="user_identified", subject_label="Example Accountant")
    assert task.resolved_at is None


def test_address_of_a_leaver_ends_that_the_account_is_nobodys(system, keeper, leaver, admin, by):
    day = days.today(clock.now(), system.workspace.zone) + timedelta(days=90)
    access.identify_as_not_staff(
        [worlds.account("Shared Mailbox")], workspace=system.workspace, kind="service",
        owner=keeper, reason="Robot", ends_on=day, user=admin, by=by,
    )  # fmt: skip
    changed = given.row("Shared Mailbox", leaver.addresses.get(kind="work").address)
    given.read(system.connection, [*LIST[:2], changed])  # the leaver's own account is gone
    made = worlds.decision("Shared Mailbox")
    assert made is None or made.staff == leaver
    assert is_open(leaver_task(leaver))


@pytest.mark.parametrize("day", [date(9999, 12, 31), date(1, 1, 1), date(2035, 1, 1)])
def test_day_to_look_again_that_no_calendar_reaches_is_refused_in_words(
    day, system, keeper, admin, by
):
    with pytest.raises(people.Problem, match="Choose a day") as refused:
        access.identify_as_not_staff(
            [worlds.account("Shared Mailbox")], workspace=system.workspace, kind="service",
            owner=keeper, reason="Robot", ends_on=day, user=admin, by=by,
        )  # fmt: skip
    assert refused.value.field == "ends_on"


def test_new_hire_with_a_leavers_address_gets_none_of_the_leavers_accounts(
    system, leaver, workspace, by, admin
):
    replace_work_address(leaver, email="", by=by)
    hire = worlds.person(workspace, "New Hire", "example.accountant@example.test")
    worlds.system(
        workspace, admin, [given.row("EA", "example.accountant@example.test")], "Second Books"
    )
    assert worlds.decision("EA") is None
    assert not Identification.objects.filter(staff=hire).exists()


def test_new_alias_and_new_person_match_open_accounts_at_once(system, keeper, workspace, by):
    people.add_alias(keeper, address="keeper@elsewhere.test", by=by)
    worlds.person(workspace, "Owner Person")
    assert worlds.decision("Books Keeper").staff == keeper
    assert worlds.decision("Owner Person").automatic


def test_alias_that_is_taken_back_ends_the_matches_that_rest_on_it(system, keeper, by):
    people.add_alias(keeper, address="keeper@elsewhere.test", by=by)
    people.withdraw_alias(keeper, address="keeper@elsewhere.test", by=by)
    assert worlds.decision("Books Keeper") is None
