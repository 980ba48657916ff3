"""The machine's ground: a world laid once, undone after each play; its clock, provider and watch."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from copy import deepcopy
from datetime import date
from typing import Any, ClassVar, Self, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection as database
from django.db import transaction
from django.db.models import QuerySet
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from access import services as access
from access.models import Account, CriticalSystem, Identification
from audit import clock
from audit.services import Actor
from checks import selectors as checks
from checks.status import Status
from integrations import providers
from integrations import services as integrations
from integrations.models import Connection, ExpectedRemoval, SyncRun
from integrations.providers.base import RemoteAccount
from jobs.models import State
from people import services as people
from people.models import OrgRole, StaffMember
from tests.properties.machine import expecting
from tests.properties.machine.asking import NOW, Watch, asked
from tests.properties.machine.expecting import (
    Accepted,
    Believed,
    Expected,
    Facts,
    Key,
    expected,
    surprising,
)
from tests.properties.machine.outside import Xero
from workspaces import services as workspaces
from workspaces.models import User, Workspace
from workspaces.permissions import Role

BY = Actor(kind="command", label="machine")
NAMES = [f"Role Holder {n}" for n in range(6)]
ELSEWHERE = (6, 7)  # whose addresses belong to people of another company
LEVELS = ("READONLY", "STANDARD", "STANDARD", "FINANCIALADVISER", "UNKNOWN", "REMOVED")
SELDOM = st.sampled_from([True, False, False, False])  # what stops much else for a while
ZONE = ZoneInfo("Europe/London")
REAL_CLOCK = dict(clock.SQL)
T = TypeVar("T")


def address(number: int) -> str:
    return f"holder.{number}@example.test"


def today() -> date:
    return clock.now().astimezone(ZONE).date()


def set_clock(hours: int) -> None:
    """Let the product's only clock run `hours` ahead of the machine's."""
    ahead = {
        "sqlite": f"SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now', '+{hours} hours')",
        "postgresql": f"SELECT clock_timestamp() + interval '{hours} hours'",
    }
    clock.SQL[database.vendor] = ahead[database.vendor]


def of(rows: Sequence[T], number: int) -> T:
    """Any number leads to one of the rows."""
    return rows[number % len(rows)]


@asked("check_id", "subject_id", "code")
def _tasks(workspace_id: UUID) -> QuerySet[Any, Any]:
    return checks.tasks(Workspace(pk=workspace_id), NOW)


class Running(RuleBasedStateMachine):
    """One workspace, one organisation, two admins, and what the machine believes of them."""

    ground: ClassVar[Mapping[str, Any]] = {}
    tally: ClassVar[Counter[str]] = Counter()  # steps, and what they did

    workspace: Workspace
    admins: list[User]
    roles: list[OrgRole]
    system: CriticalSystem
    connection_id: UUID
    others: frozenset[str]  # ids of another company's people

    def __init__(self) -> None:
        super().__init__()
        self.watch, self.open = Watch(), ExitStack()
        self.open.enter_context(transaction.atomic())
        self.open.enter_context(database.execute_wrapper(self.watch))
        self.xero, self.believed = Xero(), Believed()
        self.held: dict[str, RemoteAccount] = {}
        self.event = 0
        self.accepted: dict[Key, Accepted] = {}  # faults, as the machine had them accepted
        self.asked: dict[UUID, date] = {}  # the last days of special cases that were asked for
        self.summed: Any = None  # what the summaries were last compared with
        self.last: tuple[Any, ...] = ()  # how the machine stood when it last looked
        self.history: dict[Any, tuple[Any, ...]] = {}  # closed spans and task lines, as first seen
        self.hours = 0
        self.looked = True  # whether the minute's look has seen the present hour
        vars(self).update(deepcopy(dict(self.ground)))
        set_clock(0)
        providers.PROVIDERS["truto"] = self.xero  # type: ignore[index]

    @classmethod
    def on_ground(cls) -> type[Self]:
        """This machine, each play of which begins in a world that is laid now."""
        first = cls()
        first._lay()
        first._leave()
        names = ("workspace", "admins", "roles", "system", "connection_id", "others")
        laid = {name: getattr(first, name) for name in (*names, "xero", "believed")}
        return type(cls.__name__, (cls,), {"ground": laid, "tally": Counter()})

    def _lay(self) -> None:
        self.others = frozenset(self._elsewhere())
        self.workspace = workspaces.found("Example Company", zone=str(ZONE), by=BY)
        self.admins = [self._admin(n) for n in range(2)]
        self.roles = [
            people.create_org_role(self.workspace, name=name, by=BY)
            for name in ("Accountant", "Clerk")
        ]
        for n, name in enumerate(NAMES[:3]):
            self._join(name, address(n), [self.roles[n % 2]])
        for n in range(4):
            self._user(n, address(n), "STANDARD", subscriber=n == 3)
        self._connect(reconnect=None)
        (found,) = Connection.objects.filter(workspace=self.workspace)
        self.connection_id = found.pk
        self._sync()
        self.system = access.add_system(
            self.workspace, integration="xero", connection=found, user=self.admins[0], by=BY
        )

    def _elsewhere(self) -> list[str]:
        """Another company, where somebody has left: nothing of it is ours to see."""
        other = workspaces.found("Other Company", by=BY)
        found = [
            people.add(other, name=f"Stranger {n}", email=address(n), by=BY) for n in ELSEWHERE
        ]
        people.offboard(found[0], last_day=None, access_ends="now", by=BY)
        return [str(each.pk) for each in found]

    def teardown(self) -> None:
        try:
            self.everything_heals()
        finally:
            transaction.set_rollback(True)
            self._leave()

    def everything_heals(self) -> None:
        raise NotImplementedError

    def _leave(self) -> None:
        clock.SQL.update(REAL_CLOCK)
        providers.PROVIDERS["truto"] = providers.TrutoProvider  # type: ignore[index]
        self.open.close()

    def _statuses(self) -> dict[Key, Status]:
        rows = _tasks(self.workspace.pk, now=clock.now())
        found = {(check, str(subject)): checks.RANKED[code] for check, subject, code in rows}
        assert len(found) == len(rows), "two tasks of one check for one subject"
        return found

    def _admin(self, number: int) -> User:
        user = User.objects.create_user(
            f"admin.{number}@example.test", None, name=f"Admin {number}"
        )
        workspaces.add_member(self.workspace, user=user, role=Role.ADMIN, by=BY)
        return user

    def _join(self, name: str, email: str, roles: list[OrgRole], **how: Any) -> None:
        people.add(self.workspace, name=name, email=email, org_roles=roles, by=BY, **how)

    def _user(self, number: int, email: str, level: str, *, subscriber: bool = False) -> None:
        key = f"user-{number}"
        self.xero.users[key] = RemoteAccount(key, f"User {number}", email, level, subscriber)

    def _person(self, number: int) -> StaffMember | None:
        return next((each for each in self._people() if each.name == NAMES[number]), None)

    def _someone(self, number: int) -> StaffMember:
        """Any number leads to somebody who is in the directory."""
        return of(list(self._people()), number)

    def _people(self) -> QuerySet[StaffMember]:
        found = StaffMember.objects.filter(workspace=self.workspace, merged_into=None)
        return found.order_by("created_at")

    def _account(self, number: int) -> Account | None:
        """Any number leads to a present account, where there is one."""
        rows = Account.objects.filter(connection=self.connection_id, present=True)
        found = list(rows.order_by("external_id"))
        return of(found, number) if found else None

    def _decision(self, number: int) -> Identification | None:
        rows = Identification.objects.filter(
            account__connection=self.connection_id, account__present=True, withdrawn_at=None
        )
        found = list(rows.select_related("account", "brought").order_by("account__external_id"))
        return of(found, number) if found else None

    @property
    def connection(self) -> Connection:
        return Connection.objects.get(pk=self.connection_id)

    def _may(self, act: Callable[[], Any]) -> bool:
        """Whether the service did it; a refusal in words is an answer, not a fault."""
        try:
            with transaction.atomic():
                act()
        except people.Problem:
            return False
        return True

    def _expected(self) -> Expected:
        facts = Facts(self.system, self.believed, clock.now())
        return expected(facts, str(self.system.pk))

    def _decided(self) -> dict[str, str]:
        """Whose each account is."""
        found = expecting.decisions(self.system).items()
        return {account: made.staff_id for account, made in found if made.staff_id}

    def _sync(self, fault: str = "") -> None:
        connection = self.connection
        if connection.authorisation == Connection.Authorisation.DISCONNECTED:
            return
        removals = ExpectedRemoval.objects.filter(connection=connection)
        asked = set(removals.values_list("external_id", flat=True))
        run = integrations.request_sync(connection, trigger=SyncRun.Trigger.BUTTON, by=BY)
        SyncRun.objects.filter(pk=run.pk).update(not_before=None)
        self.xero.fault = fault
        integrations.run(run.pk)
        self.xero.fault = ""
        run.refresh_from_db()
        self._follow(run, fault, asked)

    def _follow(self, run: SyncRun, fault: str, asked: set[str]) -> None:
        """What the run must have come to, from what the machine knows of the outside."""
        first = self.believed.read_at is None
        users = {} if fault == "empty" else dict(self.xero.users)
        if fault == "cut" and not users:
            fault = ""  # of nobody nothing can be cut off
        wrong = self.xero.other_organisation or fault == "swapped"
        if not self.xero.authorised or wrong or fault == "refused":
            assert run.state == State.FAILED, (run.state, fault)
            self.believed.readable = False
        elif fault not in ("", "empty") or (first and not users):
            assert run.state in (State.FAILED, State.PENDING), (run.state, fault)
        elif surprising(self.believed.users, users, asked):
            assert run.state == State.HELD, (run.state, fault)
            self.believed.readable = True  # it could be read; what counts is the list before
            self.held = users
        else:
            assert run.state == State.DONE, (run.state, run.error, run.hold_reasons)
            self.believed.readable = True
            self._believe(users, run)

    def _believe(self, users: dict[str, RemoteAccount], run: SyncRun) -> None:
        before = self.believed.users
        for key, each in users.items():
            known = before.get(key)
            absent = known is None or known.level == "REMOVED"
            if absent and each.level != "REMOVED":
                self.believed.came_back.add(key)
        self.believed.users, self.believed.read_at = users, run.read_at
        self.held = {}

    def _connect(self, reconnect: Connection | None, other: bool = False) -> None:
        admin = self.admins[0]
        gone = reconnect is not None and reconnect.ref is None
        if reconnect is None or gone:
            attempt = integrations.start_connect(
                self.workspace, integration="xero", user=admin, acknowledged=True, by=BY
            )
            other = False
        else:
            attempt = integrations.start_reconnect(reconnect, user=admin, by=BY)
        self.xero.other_organisation, self.xero.authorised = other, True
        integrations.link(attempt, return_url="http://testserver/back/")
        integrations.look_at(attempt, by=BY)
        if reconnect is not None:
            self.believed.readable = not other
