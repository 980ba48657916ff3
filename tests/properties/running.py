"""The machine's ground: a world in one transaction, its clock, its provider, and how it is read."""

from collections.abc import Callable
from typing import Any

from django.db import connection as database
from django.db import transaction
from hypothesis.stateful import RuleBasedStateMachine

from access.models import Account, Identification
from audit import clock
from audit.services import Actor
from integrations import providers
from integrations import services as integrations
from integrations.models import Connection, ExpectedRemoval, SyncRun
from integrations.providers.base import RemoteAccount
from jobs.models import State
from people import services as people
from people.models import OrgRole, StaffMember
from tests.properties.expecting import Believed, surprising
from tests.properties.outside import Xero
from workspaces import services as workspaces
from workspaces.models import User
from workspaces.permissions import Role

BY = Actor(kind="command", label="machine")
NAMES = [f"Role Holder {n}" for n in range(6)]
LEVELS = ("READONLY", "STANDARD", "STANDARD", "FINANCIALADVISER", "UNKNOWN", "REMOVED")
REAL_CLOCK = dict(clock.SQL)


def set_clock(hours: int) -> None:
    """Let the product's only clock run `hours` ahead of the machine's."""
    ahead = {
        "sqlite": f"SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now', '+{hours} hours')",
        "postgresql": f"SELECT clock_timestamp() + interval '{hours} hours'",
    }
    clock.SQL[database.vendor] = ahead[database.vendor]


class Running(RuleBasedStateMachine):
    """One workspace, one organisation, two admins, and what the machine believes of them."""

    def __init__(self) -> None:
        super().__init__()
        self.world = transaction.atomic()
        self.world.__enter__()
        self.hours = 0
        set_clock(0)
        self.looked = True  # whether the minute's look has seen the present hour
        self.xero, self.believed = Xero(), Believed()
        self.held: dict[str, RemoteAccount] = {}
        providers.PROVIDERS["truto"] = self.xero  # type: ignore[index]
        self.event = 0
        self.accepted: set[tuple[str, str]] = set()  # (check, subject) of special cases
        self.history: dict[Any, tuple[Any, ...]] = {}  # closed spans and task lines, as first seen

    def teardown(self) -> None:
        try:
            self.everything_heals()
        finally:
            clock.SQL.update(REAL_CLOCK)
            providers.PROVIDERS["truto"] = providers.TrutoProvider  # type: ignore[index]
            transaction.set_rollback(True)
            self.world.__exit__(None, None, None)

    def _admin(self, number: int) -> User:
        user = User.objects.create_user(
            f"admin.{number}@example.test", None, name=f"Admin {number}"
        )
        workspaces.add_member(self.workspace, user=user, role=Role.ADMIN, by=BY)
        return user

    def _join(self, name: str, roles: list[OrgRole]) -> None:
        email = f"holder.{NAMES.index(name)}@example.test"
        people.add(self.workspace, name=name, email=email, org_roles=roles, by=BY)

    def _user(self, number: int, email: str, level: str, *, subscriber: bool = False) -> None:
        key = f"user-{number}"
        self.xero.users[key] = RemoteAccount(key, f"User {number}", email, level, subscriber, None)

    def _person(self, number: int) -> StaffMember | None:
        return StaffMember.objects.filter(workspace=self.workspace, name=NAMES[number]).first()

    def _account(self, number: int) -> Account | None:
        return Account.objects.filter(
            workspace=self.workspace, external_id=f"user-{number}", present=True
        ).first()

    def _decision(self, number: int) -> Identification | None:
        account = self._account(number)
        rows = Identification.objects.filter(account=account, withdrawn_at__isnull=True)
        return None if account is None else rows.first()

    @property
    def connection(self) -> Connection:
        return Connection.objects.get(workspace=self.workspace)

    def _may(self, act: Callable[[], Any]) -> bool:
        """Whether the service did it; a refusal in words is an answer, not a fault."""
        try:
            with transaction.atomic():
                act()
        except people.Problem:
            return False
        return True

    def _sync(self, fault: str = "") -> None:
        if self.connection.authorisation == Connection.Authorisation.DISCONNECTED:
            return
        asked = set(
            ExpectedRemoval.objects.filter(connection=self.connection).values_list(
                "external_id", flat=True
            )
        )
        run = integrations.request_sync(self.connection, trigger=SyncRun.Trigger.BUTTON, by=BY)
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
        wrong = self.xero.other_organisation or fault == "swapped"
        if not self.xero.authorised or wrong or fault == "refused":
            assert run.state == State.FAILED, (run.state, fault)
            self.believed.readable = False
        elif fault not in ("", "empty") or (first and not users):
            assert run.state in (State.FAILED, State.PENDING), (run.state, fault)
        elif surprising(self.believed.users, users, asked):
            assert run.state == State.HELD, (run.state, fault)
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
