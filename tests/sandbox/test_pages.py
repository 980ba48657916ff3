"""The pages of pretend Xero: what a person can change there, and that clients see it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.sandbox.flow import FIRST, SECOND, connect, users
from tests.sandbox_process import SandboxProcess


class Person:
    """Opens pages and sends their forms."""

    def __init__(self, session: requests.Session, sandbox: SandboxProcess) -> None:
        self.session, self.base = session, sandbox.base_url

    def open(self, path: str) -> requests.Response:
        return self.session.get(self.base + path, timeout=30)

    def send(self, path: str, **data: str) -> requests.Response:
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]*)"', self.open("/").text)
        assert found
        data = {"csrfmiddlewaretoken": found[1], **data}
        return self.session.post(self.base + path, data=data, timeout=30)


@pytest.fixture
def person(sandbox: SandboxProcess) -> Iterator[Person]:
    with requests.Session() as session:
        yield Person(session, sandbox)


@pytest.fixture
def organisation(sandbox: SandboxProcess) -> str:
    rows = sandbox.control("GET", "organisations")["organisations"]
    found: str = next(row["id"] for row in rows if row["name"] == FIRST)
    return found


def listed(sandbox: SandboxProcess, organisation: str) -> dict[str, dict[str, Any]]:
    rows = sandbox.control("GET", f"organisations/{organisation}/users")["users"]
    return {row["email"]: row for row in rows}


def test_home_lists_organisations_and_is_marked(sandbox: SandboxProcess, person: Person) -> None:
    account_id = connect(sandbox)

    page = person.open("/").text

    assert "Sandbox: pretend Xero" in page
    assert FIRST in page
    assert SECOND in page
    assert account_id in page


def test_users_of_xero_are_those_of_the_only_connected_organisation(
    sandbox: SandboxProcess, person: Person
) -> None:
    assert SECOND in person.open("/Settings/Users").text
    connect(sandbox)
    page = person.open("/Settings/Users").text
    assert FIRST in page
    assert SECOND not in page


def test_organisation_added_and_renamed(sandbox: SandboxProcess, person: Person) -> None:
    made = person.send("/organisations/add", name="Third Demo Company")

    person.send(f"{made.url.removeprefix(person.base)}/rename", name="Renamed Demo Company")

    names = [row["name"] for row in sandbox.control("GET", "organisations")["organisations"]]
    assert "Renamed Demo Company" in names
    assert "Third Demo Company" not in names


def test_user_added_is_in_the_next_list(
    sandbox: SandboxProcess, person: Person, organisation: str
) -> None:
    account_id = connect(sandbox)

    person.send(
        f"/organisations/{organisation}/users/add",
        email="demo.new@demo.example",
        first_name="Demo",
        last_name="New",
        role="READONLY",
    )

    last = users(sandbox, account_id).json()["result"][-1]
    assert last["emails"][0]["email"] == "demo.new@demo.example"
    assert last["roles"][0]["id"] == "READONLY"


def test_user_changed_keeps_its_id(
    sandbox: SandboxProcess, person: Person, organisation: str
) -> None:
    before = listed(sandbox, organisation)["demo.sales@demo.example"]

    person.send(
        f"/users/{before['user_id']}",
        email="demo.seller@demo.example",
        first_name="Demo",
        last_name="Seller",
        role="other",
        other_role="ADMIN",
        is_subscriber="on",
    )

    after = listed(sandbox, organisation)
    seller = after["demo.seller@demo.example"]
    assert seller["user_id"] == before["user_id"]
    assert (seller["role"], seller["last_name"]) == ("ADMIN", "Seller")
    assert [mail for mail, row in after.items() if row["is_subscriber"]] == [seller["email"]]


def test_user_removed_is_gone(sandbox: SandboxProcess, person: Person, organisation: str) -> None:
    leaver = listed(sandbox, organisation)["demo.leaver@demo.example"]

    person.send(f"/users/{leaver['user_id']}/remove")

    assert "demo.leaver@demo.example" not in listed(sandbox, organisation)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"role": "STANDARD"}, "Give an e-mail address or a name"),
        ({"email": "a@demo.example", "role": "other"}, "Write the other role text"),
        ({"email": "a@demo.example", "role": "NONSENSE"}, "NONSENSE"),
    ],
)
def test_user_with_bad_input_is_not_added_and_says_why(
    sandbox: SandboxProcess, person: Person, organisation: str, data: dict[str, str], words: str
) -> None:
    answer = person.send(f"/organisations/{organisation}/users/add", **data)

    assert answer.status_code == 400
    assert words in answer.text
    assert "Nothing was changed" in answer.text
    assert len(listed(sandbox, organisation)) == 12


def test_form_without_csrf_token_is_refused(
    sandbox: SandboxProcess, person: Person, organisation: str
) -> None:
    url = f"{person.base}/organisations/{organisation}/rename"

    assert requests.post(url, data={"name": "x"}, timeout=30).status_code == 403


def test_fault_switched_on_and_off_by_hand(sandbox: SandboxProcess, person: Person) -> None:
    account_id = connect(sandbox)
    path = f"/accounts/{account_id}/faults"

    person.send(path, kind="page_size", on="true", size="3")
    assert len(users(sandbox, account_id).json()["result"]) == 3
    person.send(path, kind="page_size", on="false")

    assert len(users(sandbox, account_id).json()["result"]) == 12


@pytest.mark.parametrize("value", ["-1", "0", "many", "nan", "inf", "1e9"])
def test_fault_with_an_unusable_number_is_refused(
    sandbox: SandboxProcess, person: Person, value: str
) -> None:
    account_id = connect(sandbox)

    answer = person.send(f"/accounts/{account_id}/faults", kind="slow", on="true", seconds=value)

    assert answer.status_code == 400
    assert sandbox.control("GET", "accounts")["accounts"][0]["faults"] == {}


def test_account_page_shows_every_fault(sandbox: SandboxProcess, person: Person) -> None:
    page = person.open(f"/accounts/{connect(sandbox)}").text

    for label in ("Credentials refused", "Permission missing", "Other organisation", "Empty list"):
        assert label in page


def test_unknown_address_is_a_page_for_people(sandbox: SandboxProcess, person: Person) -> None:
    answer = person.open("/nowhere")

    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.text
