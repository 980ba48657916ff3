"""A small world for the tests of access: an organisation under control, its accounts, its people."""

from access import services as access
from access.models import Account, CriticalSystem, Identification
from people import services as people
from people.models import StaffMember
from tests import given
from tests.conftest import TEST_ACTOR
from workspaces.models import User, Workspace


def system(workspace: Workspace, admin: User, rows, name="Example Books") -> CriticalSystem:  # type: ignore[no-untyped-def]
    """A critical system whose first complete list is `rows`."""
    books = given.connection(workspace, name=name, connected_by=admin)
    given.read(books, rows)
    return access.add_system(
        workspace, integration="xero", connection=books, user=admin, by=TEST_ACTOR
    )


def person(workspace: Workspace, name: str, email: str = "") -> StaffMember:
    """Somebody whose address follows from the name."""
    address = email or f"{name.lower().replace(' ', '.')}@example.test"
    return people.add(workspace, name=name, email=address, by=TEST_ACTOR)


def account(name: str) -> Account:
    return Account.objects.get(name=name)


def decision(name: str) -> Identification | None:
    """The present decision about the account of this name."""
    return Identification.objects.filter(account__name=name, withdrawn_at__isnull=True).first()
