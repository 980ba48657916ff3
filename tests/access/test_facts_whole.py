"""Facts that are filled in from tables, stated whole: one world of rows, every part of it looked at."""

from datetime import UTC, date, datetime, timedelta

import pytest

from access import facts
from access.models import AccessRule as SavedRule
from access.models import Account, CriticalSystem, Identification, RuleEntry, SystemGap
from audit import clock
from checks.facts import (
    AccessRule,
    Allowance,
    Calendar,
    Decision,
    DecisionKind,
    Gap,
    NotStaff,
    NotStaffKind,
    PastAccount,
    Person,
    RuleMode,
    UserList,
)
from checks.facts import Account as Stated
from checks.rules import CHECKS
from integrations.catalog import XERO_LEVELS
from integrations.models import Snapshot
from people.models import EmailAddress, EmploymentPeriod, OrgRole, StaffMember, StaffOrgRole
from tests import given
from workspaces.models import Role

pytestmark = pytest.mark.django_db
Why = Identification.Why


def at(hour):
    return datetime(2026, 11, 1, tzinfo=UTC) + timedelta(hours=hour)


NOW = at(50)


@pytest.fixture
def world(workspace, admin, make_member):
    return World(workspace, admin, make_member(workspace, Role.EDITOR))


class World:
    """A system and what is known of it, written as rows: nothing but the facts has a part in it."""

    def __init__(self, workspace, admin, editor):
        self.workspace, self.admin, self.editor = workspace, admin, editor
        self.books = given.connection(workspace)
        self.system = CriticalSystem.objects.create(
            workspace=workspace, integration="xero", connection=self.books, added_at=at(1)
        )

    def stated(self):
        return facts.system_facts(self.system, now=NOW)

    def person(self, name, ends=None, **period):
        """Somebody in the directory, whose access ends at the hour `ends`."""
        staff = StaffMember.objects.create(
            workspace=self.workspace, name=name, created_at=at(0), roles_changed_at=at(3)
        )
        if ends is not None:
            leaving = {"access_ends_at": at(ends), "leaving_recorded_at": at(ends - 1)}
            period |= leaving | {"last_day": at(ends).date()}
        EmploymentPeriod.objects.create(
            workspace=self.workspace, staff=staff, created_at=at(2), **period
        )
        return staff

    def account(self, name, present=True, **fields):
        seen = {"first_seen_at": at(4), "appeared_at": at(5), "level_since": at(6)}
        return Account.objects.create(
            workspace=self.workspace,
            connection=fields.pop("connection", self.books),
            external_id=name,
            name=name,
            email=f"{name.lower().replace(' ', '.')}@books.test",
            present=present,
            **seen | {"level": "STANDARD"} | fields,
        )

    def decided(self, account, staff=None, kind="existing_staff", **fields):
        return Identification.objects.create(
            workspace=self.workspace,
            account=account,
            staff=staff,
            kind=kind,
            **{"decided_at": at(7)} | fields,
        )

    def accounts(self):
        return {each.name: each for each in self.stated().accounts}


def of(row, **changes):
    """The account as it is stated while nobody has decided about it."""
    plain = {"first_seen_at": at(4), "appeared_at": at(5), "level_since": at(6)}
    said = {"level": row.level, "is_subscriber": row.is_subscriber}
    return Stated(id=str(row.pk), name=row.name, email=row.email, **plain | said | changes)


def test_system_states_its_list_rule_gaps_and_calendar(world):
    clerk, accountant = (
        OrgRole.objects.create(workspace=world.workspace, name=name, created_at=at(0))
        for name in ("Clerk", "Accountant")
    )
    rule = SavedRule.objects.create(
        system=world.system, workspace=world.workspace, mode="role_based", saved_at=at(9)
    )
    RuleEntry.objects.create(rule=rule, org_role=clerk, levels=["READONLY", "STANDARD"])
    RuleEntry.objects.create(rule=rule, org_role=accountant)
    for began, ended, cause, reason in (
        (12, None, "disconnected", ""),
        (10, 11, "removed", "Sold"),
    ):
        SystemGap.objects.create(
            workspace=world.workspace,
            system=world.system,
            cause=cause,
            reason=reason,
            began_at=at(began),
            ended_at=None if ended is None else at(ended),
        )
    world.books.read_at = at(13)
    world.books.snapshot = Snapshot.objects.create(
        workspace=world.workspace,
        connection=world.books,
        digest="d" * 64,
        content=b"",
        accounts=0,
        created_at=at(13),
    )
    found = world.stated()
    assert (found.system_id, found.system_name) == (str(world.system.pk), "Xero · Example Books")
    assert (found.product, found.added_at, found.scheme) == ("Xero", at(1), XERO_LEVELS)
    assert found.calendar == Calendar(zone="Europe/London")
    assert found.policies == {check.id: check.default_policy for check in CHECKS}
    assert found.user_list == UserList("d" * 64, at(13))
    assert found.rule == AccessRule(
        RuleMode.ROLE_BASED,
        at(9),
        allowances=(
            Allowance(str(accountant.pk), "Accountant"),
            Allowance(str(clerk.pk), "Clerk", frozenset({"READONLY", "STANDARD"})),
        ),
    )
    assert found.org_role_names == {str(clerk.pk): "Clerk", str(accountant.pk): "Accountant"}
    assert found.gaps == (
        Gap(at(10), at(11), "the system was removed: Sold"),
        Gap(at(12), None, "disconnected"),
    )
    assert (found.accounts, found.past_accounts, found.people) == ((), (), ())


def test_rule_for_all_staff_states_its_levels(world):
    assert world.stated().rule is None
    rule = SavedRule.objects.create(
        system=world.system,
        workspace=world.workspace,
        mode="all_staff",
        levels=["READONLY"],
        saved_at=at(9),
    )
    assert world.stated().rule == AccessRule(RuleMode.ALL_STAFF, at(9), frozenset({"READONLY"}))
    rule.levels = None
    rule.save()
    assert world.stated().rule == AccessRule(RuleMode.ALL_STAFF, at(9))


@pytest.mark.parametrize("lacks", ["snapshot", "read_at", "both"])
def test_list_that_was_not_read_whole_is_no_list(lacks, world):
    kept = {"snapshot": lacks != "snapshot", "read_at": lacks != "read_at"}
    if lacks != "both" and kept["snapshot"]:
        world.books.snapshot = Snapshot.objects.create(
            workspace=world.workspace,
            connection=world.books,
            digest="d" * 64,
            content=b"",
            accounts=0,
            created_at=at(13),
        )
    if lacks != "both" and kept["read_at"]:
        world.books.read_at = at(13)
    assert world.stated().user_list is None


def test_system_that_waits_for_its_organisation_states_nobody(world):
    left = world.person("Former Holder", ends=20)
    world.decided(world.account("First Account"), left)
    world.system.connection = None
    found = world.stated()
    assert (found.system_name, found.user_list) == ("Xero", None)
    assert (found.accounts, found.past_accounts, found.people) == ((), (), ())
    assert found.offboarded_total == 1


def test_accounts_are_those_of_the_present_list_with_who_decided_what(world):
    present, former = world.person("Present Holder"), world.person("Former Holder", ends=20)
    mine = world.account("Mine", is_subscriber=True, level="READONLY")
    new, nobodys, plain = (world.account(name) for name in ("New", "Nobodys", "Plain"))
    world.account("Gone", present=False)
    elsewhere = given.connection(world.workspace, name="Other Books")
    world.decided(world.account("Elsewhere", connection=elsewhere), present)
    world.decided(mine, former, decided_at=at(6), withdrawn_at=at(7), withdrawn_why=Why.REPLACED)
    world.decided(mine, present, automatic=True)
    world.decided(new, former, kind="new_staff", decided_by=world.admin)
    world.decided(nobodys, kind="not_identified", decided_by=world.editor)
    kinds = DecisionKind
    decisions = {
        "Mine": Decision(kinds.EXISTING_STAFF, at(7), True, person_id=str(present.pk)),
        "New": Decision(kinds.NEW_STAFF, at(7), False, "Example admin", str(former.pk)),
        "Nobodys": Decision(kinds.NOT_IDENTIFIED, at(7), False, "Example editor"),
        "Plain": None,
    }
    assert world.accounts() == {
        row.name: of(row, decision=decisions[row.name]) for row in (mine, new, nobodys, plain)
    }
    assert [each.id for each in world.stated().accounts] == sorted(
        str(row.pk) for row in (mine, new, nobodys, plain)
    )


def test_account_that_lost_its_decision_is_unidentified_since_the_last_one(world):
    somebody, former = world.person("Somebody"), world.person("Former Holder", ends=20)
    lost, looked, again = (world.account(name) for name in ("Lost", "Looked at", "Again"))
    for hour in (12, 10):
        world.decided(lost, somebody, withdrawn_at=at(hour), withdrawn_why=Why.UNDONE)
    world.decided(lost, kind="not_identified", withdrawn_at=at(14), withdrawn_why=Why.REPLACED)
    world.decided(looked, somebody, withdrawn_at=at(9), withdrawn_why=Why.REPLACED)
    world.decided(looked, kind="not_identified")
    world.decided(again, former, withdrawn_at=at(9), withdrawn_why=Why.REPLACED)
    world.decided(again, somebody)
    found = world.accounts()
    assert {name: each.unidentified_since for name, each in found.items()} == {
        "Lost": at(12),
        "Looked at": at(9),
        "Again": None,
    }


def test_leavers_hold_an_account_until_somebody_approves(world):
    one, two = world.person("One Leaver", ends=20), world.person("Two Leaver", ends=21)
    held = world.account("Held")
    for leaver, approved in ((one, None), (two, None), (world.person("Third", ends=9), at(15))):
        world.decided(held, leaver, withdrawn_at=at(12), held_for=leaver, approved_at=approved)
    world.decided(world.account("Free"), one, withdrawn_at=at(12), withdrawn_why=Why.UNDONE)
    found = world.accounts()
    assert found["Held"].still_held_for == {str(one.pk), str(two.pk)}
    assert found["Free"].still_held_for == frozenset()


def test_account_of_no_staff_states_its_terms_and_who_answers_for_it(world, make_member):
    owner, leaving = world.person("Owner Person"), world.person("Owner Leaver", ends=60)
    passing, until = make_member(world.workspace, Role.ADMIN), clock.now() + timedelta(days=3)
    passing.memberships.update(ends_at=until)
    terms = {"kind": "not_staff", "level": "STANDARD", "ends_at": at(90), "reason": "The feed"}
    owned = {
        "By staff": {"owner_staff": owner, "not_staff_kind": "service"},
        "By a leaver": {"owner_staff": leaving, "not_staff_kind": "external"},
        "By an admin": {"owner_user": world.admin, "not_staff_kind": "shared"},
        "By an editor": {"owner_user": world.editor, "not_staff_kind": "service"},
        "By one for a while": {"owner_user": passing, "not_staff_kind": "service"},
        "By nobody": {"not_staff_kind": "service"},
    }
    for name, by in owned.items():
        world.decided(world.account(name), **terms | by)

    def said(kind, label, owner, ended):
        return NotStaff(kind, label, owner, ended, "STANDARD", at(90), "The feed")

    found = {name: each.decision.not_staff for name, each in world.accounts().items()}
    service = NotStaffKind.SERVICE
    assert found == {
        "By staff": said(service, "Owner Person", str(owner.pk), None),
        "By a leaver": said(NotStaffKind.EXTERNAL, "Owner Leaver", str(leaving.pk), at(60)),
        "By an admin": said(NotStaffKind.SHARED, "Example admin", str(world.admin.pk), None),
        "By an editor": said(service, "Example editor", str(world.editor.pk), at(7)),
        "By one for a while": said(service, "Example admin", str(passing.pk), until),
        "By nobody": said(service, "", None, at(7)),
    }


def test_first_user_of_a_shared_account_to_leave_is_named(world):
    users = [
        world.person(name, ends=ends)
        for name, ends in (("Later", 70), ("First", 60), ("Stays", None))
    ]
    shared = {"kind": "not_staff", "not_staff_kind": "shared"}
    world.decided(world.account("Shared"), **shared).users.set(users)
    world.decided(world.account("Quiet"), **shared).users.set(users[2:])
    former = world.decided(world.account("Former"), **shared, withdrawn_at=at(8))
    former.users.set(users)
    world.decided(former.account, **shared)
    found = {name: each.decision.not_staff.user_left for name, each in world.accounts().items()}
    assert found == {"Shared": ("First", at(60)), "Quiet": None, "Former": None}
    assert {each.name for each in world.stated().people} >= {"Later", "Stays"}


def test_unidentified_account_is_compared_with_leavers_only(world):
    leaver, upcoming = world.person("Alex Leaver", ends=20), world.person("Sam Next", ends=90)
    world.person("Pat Present")
    EmailAddress.objects.create(
        workspace=world.workspace,
        staff=leaver,
        address="al@books.test",
        normalised="al@books.test",
        since=at(0),
    )
    for name in ("Alex Leaver", "Sam Next", "Pat Present", "Zoe Other"):
        world.account(name)
    world.decided(world.account("Al"), world.person("Al Other"))
    found = {each.name: each.resembles for each in world.stated().accounts if each.resembles}
    assert found == {"Alex Leaver": {str(leaver.pk)}, "Sam Next": {str(upcoming.pk)}}


def test_past_accounts_are_those_that_nobody_took_from_their_person(world):
    leaver, present = world.person("Former Holder", ends=20), world.person("Present Holder")
    seen = {"last_seen_at": at(15), "gone_at": at(16)}

    def gone(name, staff=leaver, **fields):
        row = world.account(name, present=False, **seen)
        world.decided(row, staff, **fields)
        return row

    withdrawn = {"withdrawn_at": at(12)}
    had = [
        (gone("Current"), leaver),
        (gone("Waits", **withdrawn, held_for=leaver), leaver),
        (gone("Other address", present, **withdrawn, withdrawn_why=Why.ADDRESS), present),
    ]
    world.decided(had[0][0], leaver, **withdrawn, withdrawn_why=Why.ADDRESS)  # twice the same
    gone("Undone", **withdrawn, withdrawn_why=Why.UNDONE)
    gone("Approved", **withdrawn, held_for=leaver, approved_at=at(13))
    gone("Approved address", **withdrawn, withdrawn_why=Why.ADDRESS, approved_at=at(13))
    gone("Of nobody", None, kind="not_staff", not_staff_kind="service")
    world.decided(world.account("Still here"), leaver)
    elsewhere = given.connection(world.workspace, name="Other Books")
    world.decided(world.account("Elsewhere", present=False, connection=elsewhere), leaver)
    undated = world.account("Undated", present=False)
    world.decided(undated, leaver)
    expected = {
        PastAccount(str(row.pk), row.name, str(staff.pk), at(15), at(16)) for row, staff in had
    }
    expected.add(PastAccount(str(undated.pk), "Undated", str(leaver.pk), at(4), at(4)))
    found = world.stated().past_accounts
    assert (set(found), len(found)) == (expected, 4)


def test_people_are_those_whom_decisions_name_and_all_leavers(world, other_workspace):
    role = OrgRole.objects.create(workspace=world.workspace, name="Clerk", created_at=at(0))
    holder = world.person("Holder", starts_on=date(2027, 4, 1))
    StaffOrgRole.objects.create(staff=holder, org_role=role)
    back = world.person("Back", number=2, starts_on=date(2026, 10, 5))
    leaver = world.person("Leaver", ends=20, starts_on=date(2020, 1, 1))
    upcoming = world.person("Upcoming", ends=60)
    owner, past = world.person("Owner"), world.person("Past")
    held_for, user = world.person("Held for"), world.person("User")
    world.person("Nobody asks for")
    world.decided(world.account("One"), holder)
    row = world.account("Two")
    world.decided(row, back, withdrawn_at=at(9), held_for=held_for)
    world.decided(row, back, decided_at=at(10))
    terms = {"kind": "not_staff", "not_staff_kind": "shared", "owner_staff": owner}
    world.decided(world.account("Three"), **terms).users.set([user])
    world.decided(world.account("Four", present=False), past)
    found = world.stated()
    plain = {each: Person(str(each.pk), each.name, roles_changed_at=at(3)) for each in
             (owner, past, held_for, user)}  # fmt: skip
    assert {each.name: each for each in found.people} == {
        **{staff.name: stated for staff, stated in plain.items()},
        "Holder": Person(
            str(holder.pk), "Holder", frozenset({str(role.pk)}), at(3), starts_on=date(2027, 4, 1)
        ),
        "Back": Person(
            str(back.pk),
            "Back",
            roles_changed_at=at(3),
            returned_at=at(2),
            returned_on=date(2026, 10, 5),
            starts_on=date(2026, 10, 5),
        ),
        "Leaver": Person(
            str(leaver.pk),
            "Leaver",
            frozenset(),
            at(3),
            date(2026, 11, 1),
            at(20),
            at(19),
            starts_on=date(2020, 1, 1),
        ),
        "Upcoming": Person(
            str(upcoming.pk), "Upcoming", frozenset(), at(3), date(2026, 11, 3), at(60), at(59)
        ),
    }
    assert len(found.people) == 8
    assert found.offboarded_total == 1
