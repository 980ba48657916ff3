"""A company of any size without a pretend organisation: its people, their accounts, its leavers.

Everything comes in by the services, so that tasks, words and decisions are what they would be.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from access import services as access
from access.models import CriticalSystem
from audit.services import Actor
from integrations.guard import Row
from people import services as people
from tests import given
from workspaces import services as workspaces
from workspaces.models import User, Workspace
from workspaces.permissions import Role

BY = Actor(kind="command", label="benchmark")
AT_ONCE = 5_000  # people of one list
LEAVERS = 10  # every tenth person has left
STRANGERS = 20  # every twentieth account is nobody's by its address
SYLLABLES = (
    "ba",
    "ce",
    "di",
    "fo",
    "gu",
    "ka",
    "le",
    "mi",
    "no",
    "pu",
    "ra",
    "se",
    "ti",
    "vo",
    "zu",
)


@dataclass(frozen=True)
class Company:
    workspace: Workspace
    admin: User
    system: CriticalSystem


def make(size: int, *, leavers: int = LEAVERS, strangers: int = STRANGERS) -> Company:
    """`size` people and as many accounts, judged by a rule that allows all staff.

    One person of `leavers` has left, and one account of `strangers` is nobody's by its address.
    """
    workspace = workspaces.found(f"Benchmark Company of {size}", by=BY)
    admin = User.objects.create_user(f"admin.{size}@demo.example", name="Benchmark Admin")
    workspaces.add_member(workspace, user=admin, role=Role.ADMIN, by=BY)
    for start in range(0, size, AT_ONCE):
        rows = list(_people(start, min(start + AT_ONCE, size), leavers))
        people.upsert(workspace, rows, create_roles=True, by=BY)
    books = given.connection(workspace, connected_by=admin)
    given.read(books, [_account(number, strangers) for number in range(size)])
    system = access.add_system(workspace, integration="xero", connection=books, user=admin, by=BY)
    access.save_rule(system, mode="all_staff", user=admin, by=BY)
    return Company(workspace, admin, system)


def name(number: int) -> str:
    """Two made-up words; the second repeats every 225 people, so that a surname is not rare."""
    return f"{_word(number // 225)} {_word(number % 225)}".title()


def _word(number: int) -> str:
    found, count = "", len(SYLLABLES)
    for _ in range(3):
        number, at = divmod(number, count)
        found += SYLLABLES[at]
    return found


def _people(start: int, end: int, leavers: int) -> Iterator[dict[str, Any]]:
    for number in range(start, end):
        left = {"last_working_day": "2026-01-30"} if number % leavers == 0 else {}
        yield {
            "name": name(number),
            "email": f"person.{number}@demo.example",
            "external_id": f"E-{number}",
            "org_roles": [f"Demo Role {number % 7}"],
        } | left


def _account(number: int, strangers: int) -> Row:
    stranger = number % strangers == 1
    address = f"{number}.x@other.example" if stranger else f"person.{number}@demo.example"
    level = "FINANCIALADVISER" if number == 0 else "STANDARD"
    return Row(f"user-{number}", name(number), address, level, number == 0)
