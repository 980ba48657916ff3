"""Fills a sandbox installation with a workspace of obviously made-up people; repeating adds nothing."""

import os
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from audit import clock
from audit.services import Actor
from people import days
from people import services as people
from people.models import OrgRole, StaffMember
from workspaces import services as workspaces
from workspaces.models import Membership, User, Workspace
from workspaces.permissions import Role

BY = Actor(kind="command", label="seed_demo")
NAME = "Demo Company"
ROLES = ("Accountant", "Bookkeeper", "Finance lead", "Operations", "Sales")
# (name, mailbox or "" for none, Org role, employment, last working day in days from today or None)
Row = tuple[str, str, str, str, int | None]
PEOPLE: tuple[Row, ...] = (
    ("Demo Owner", "demo.owner", "Finance lead", "employee", None),
    ("Demo Admin", "demo.admin", "Operations", "employee", None),
    ("Demo Accountant", "demo.accountant", "Accountant", "employee", None),
    ("Demo Bookkeeper", "demo.bookkeeper", "Bookkeeper", "employee", None),
    ("Demo Finance Lead", "demo.finance.lead", "Finance lead", "employee", None),
    ("Demo Sales", "demo.sales", "Sales", "employee", None),
    ("Demo Contractor", "demo.contractor", "Accountant", "contractor", None),
    ("Demo Leaver", "demo.leaver", "Accountant", "employee", -7),
    ("Demo Upcoming Leaver", "demo.upcoming", "Bookkeeper", "employee", 10),
    ("Demo Former", "demo.former", "Sales", "employee", -90),
)


class Command(BaseCommand):
    help = "Seed the demo workspace (only with SANDBOX=on)."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.SANDBOX:
            raise CommandError("Demo data belongs to the sandbox only. Set SANDBOX=on.")
        password = os.environ.get("DEMO_PASSWORD", "")
        if not password:
            raise CommandError("Set DEMO_PASSWORD: the password of the demo sign-in.")
        workspace = Workspace.objects.filter(name=NAME).first() or workspaces.found(
            NAME, zone="Europe/London", by=BY
        )
        for mailbox, role in (("demo.admin", Role.ADMIN), ("demo.auditor", Role.AUDITOR)):
            _member(workspace, mailbox, role, password)
        roles = {name: _role(workspace, name) for name in ROLES}
        for row in PEOPLE:
            _person(workspace, row, roles)


def _member(workspace: Workspace, mailbox: str, role: Role, password: str) -> None:
    email = f"{mailbox}@demo.example"
    with transaction.atomic():  # a user without a membership could not enter anything
        user = User.objects.filter(email=email).first()
        if user is None:
            name = mailbox.replace(".", " ").title()
            user = User.objects.create_user(email, password, name=name)
        elif not user.check_password(password):
            user.set_password(password)
            user.save(update_fields=["password"])
        # One that was ended stays ended: somebody trying the pages out may have done that.
        if not Membership.objects.filter(workspace=workspace, user=user).exists():
            workspaces.add_member(workspace, user=user, role=role, by=BY)


def _role(workspace: Workspace, name: str) -> OrgRole:
    found = OrgRole.objects.filter(workspace=workspace, name=name).first()
    return found or people.create_org_role(workspace, name=name, by=BY)


def _person(workspace: Workspace, row: Row, roles: dict[str, OrgRole]) -> None:
    name, mailbox, role, employment, leaves_in = row
    if StaffMember.objects.filter(workspace=workspace, name=name).exists():
        return
    today = days.today(clock.now(), workspace.zone)
    people.add(
        workspace,
        name=name,
        email=f"{mailbox}@demo.example",
        employment_type=employment,
        org_roles=[roles[role]],
        last_day=None if leaves_in is None else today + timedelta(days=leaves_in),
        by=BY,
    )
