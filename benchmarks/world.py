"""A company with a connection to a pretend organisation of any size, read over HTTP."""

import itertools
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.core.cache import cache
from django.db import transaction

from access import services as access
from access.models import CriticalSystem
from audit import clock
from audit.services import Actor
from benchmarks import floor
from integrations.models import Connection, SyncRun
from integrations.services import attempts, connecting, syncing
from jobs.models import State
from people.addresses import normalise
from people.models import EmailAddress, EmploymentPeriod, OrgRole, StaffMember, StaffOrgRole
from tests.sandbox_process import SandboxProcess
from workspaces import services as workspaces
from workspaces.models import User, Workspace
from workspaces.permissions import Role

BY = Actor(kind="command", label="benchmark")
RETURN = "http://localhost/back/"
LEVELS = ("STANDARD", "INVOICEONLY", "READONLY")
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Setting:
    """What all lines share: the running sandbox, a folder, how many accounts and rounds."""

    sandbox: SandboxProcess
    folder: Path
    accounts: int
    rounds: int
    random: Random


@dataclass
class World:
    """One workspace, its admin, a critical system and the run that waits to be done."""

    setting: Setting
    workspace: Workspace
    admin: User
    organisation: str
    connection: Connection
    system: CriticalSystem

    @property
    def ref(self) -> str:
        """The connection's reference at the pretend Truto."""
        return str(self.connection.ref)

    def fetch(self) -> list[dict[str, Any]]:
        """The bare fetch-and-parse of this organisation's list."""
        sandbox = self.setting.sandbox
        return floor.fetch(sandbox.base_url, sandbox.token, self.ref)

    def waiting_run(self) -> SyncRun:
        """A run to be done; the pace of requests starts afresh, for it is not measured here."""
        cache.clear()
        return syncing.request_sync(self.connection, trigger=SyncRun.Trigger.BUTTON, by=BY)

    def change(self, count: int) -> None:
        """Give `count` users of the organisation another level."""
        address = f"organisations/{self.organisation}/users"
        users = self.setting.sandbox.control("GET", address)["users"]
        chosen = [each for each in users if not each["is_subscriber"] and each["role"] in LEVELS]
        for each in self.setting.random.sample(chosen, count):
            each["role"] = LEVELS[(LEVELS.index(each["role"]) + 1) % len(LEVELS)]
        self.setting.sandbox.control("POST", address, users=users)


def make(setting: Setting, accounts: int) -> World:
    """A workspace with a critical system whose first list waits to be read."""
    number = next(_numbers)
    workspace = workspaces.found(f"Benchmark Company {number}", by=BY)
    admin = User.objects.create_user(f"benchmark.{number}@demo.example", name="Benchmark Admin")
    workspaces.add_member(workspace, user=admin, role=Role.ADMIN, by=BY)
    made = setting.sandbox.control(
        "POST", "organisations", name=f"Benchmark Books {number}", generate=accounts
    )
    _connect(setting, workspace, admin, made["id"])
    connection = Connection.objects.get(workspace=workspace)
    system = access.add_system(
        workspace, integration="xero", connection=connection, user=admin, by=BY
    )
    return World(setting, workspace, admin, made["id"], connection, system)


def _connect(setting: Setting, workspace: Workspace, admin: User, organisation: str) -> None:
    cache.clear()
    attempt = attempts.start_connect(
        workspace, integration="xero", user=admin, acknowledged=True, by=BY
    )
    url = attempts.link(attempt, return_url=RETURN)
    token = parse_qs(urlsplit(url).query)["link_token"][0]
    setting.sandbox.control("POST", "approve", link_token=token, organisation=organisation)
    connecting.look_at(attempt, by=BY)


def read(run: SyncRun) -> None:
    """Do a run as the worker does."""
    syncing.run(run.pk)


def expect_done(run: SyncRun) -> SyncRun:
    """A figure of a run that did not do its work would be worth nothing."""
    run.refresh_from_db()
    if run.state != State.DONE:
        raise RuntimeError(f"The run ended as {run.state}: {run.error} {run.hold_reasons}")
    return run


@transaction.atomic
def employ(world: World, count: int) -> OrgRole:
    """Put `count` people into the directory whose addresses are those of the accounts."""
    now, space = clock.now(), world.workspace
    role = OrgRole.objects.create(workspace=space, name="Bookkeeper", created_at=now)
    people = [
        StaffMember(workspace=space, name=f"Demo Person {n}", created_at=now) for n in range(count)
    ]
    StaffMember.objects.bulk_create(people, 1000)
    EmploymentPeriod.objects.bulk_create(
        [EmploymentPeriod(workspace=space, staff=each, created_at=now) for each in people], 1000
    )
    StaffOrgRole.objects.bulk_create([StaffOrgRole(staff=p, org_role=role) for p in people], 1000)
    addresses = [f"person.{number}@demo.example" for number in range(count)]
    EmailAddress.objects.bulk_create(
        [
            EmailAddress(
                workspace=space, staff=who, address=its, normalised=normalise(its), since=now
            )
            for who, its in zip(people, addresses, strict=True)
        ],
        1000,
    )
    return role
