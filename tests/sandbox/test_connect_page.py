"""The connect page without a browser: what it shows, and what its last page would report."""

import html
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.sandbox.flow import FIRST, connect, link
from tests.sandbox_process import SandboxProcess

BACK = "http://localhost:9/return?state=one"


@pytest.fixture
def visitor(sandbox: SandboxProcess) -> Iterator["Visitor"]:
    """A person with cookies who reads pages."""
    with requests.Session() as session:
        yield Visitor(session, sandbox)


class Visitor:
    """Walks through the pages as a browser without scripts would."""

    def __init__(self, session: requests.Session, sandbox: SandboxProcess) -> None:
        self.session, self.base = session, sandbox.base_url

    def open(self, token: str, **params: str) -> requests.Response:
        return self.session.get(
            f"{self.base}/connect-account",
            params={"link_token": token, **params},
            headers={"Referer": "http://localhost:9/"},
            timeout=30,
        )

    def consent(self, page: requests.Response) -> requests.Response:
        params = {"visit": hidden(page, "visit")}
        return self.session.get(f"{self.base}/connect-account/consent", params=params, timeout=30)

    def answer(self, page: requests.Response, answer: str, **fields: str) -> requests.Response:
        data = {name: hidden(page, name) for name in ("visit", "csrfmiddlewaretoken")}
        data |= {"answer": answer, "organisation": option(page, FIRST), **fields}
        return self.session.post(f"{self.base}/connect-account/consent", data=data, timeout=30)


def hidden(page: requests.Response, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found, page.text
    return html.unescape(found[1])


def option(page: requests.Response, label: str) -> str:
    found = re.search(rf'<option value="([^"]*)"[^>]*>{re.escape(label)}<', page.text)
    assert found, page.text
    return found[1]


def message(page: requests.Response) -> dict[str, Any]:
    found = re.search(r'<script id="message" type="application/json">(.*?)</script>', page.text)
    assert found, page.text
    data: dict[str, Any] = json.loads(found[1])
    return data


def place(page: requests.Response, name: str) -> str:
    found = re.search(rf'data-{name}="([^"]*)"', page.text)
    assert found, page.text
    return html.unescape(found[1])


def test_connect_page_allowed_reports_the_account_to_the_openers_origin(
    sandbox: SandboxProcess, visitor: Visitor
) -> None:
    token = link(sandbox, tenant_id="tenant-one", redirect_uri=BACK)

    asked = visitor.consent(visitor.open(token, integration="xero"))
    last = visitor.answer(asked, "allow")

    made = sandbox.api("GET", "/integrated-account").json()["result"][0]
    assert message(last) == {
        "is_truto": True,
        "result": "success",
        "integration": "xero",
        "integrated_account_id": made["id"],
    }
    assert place(last, "opener") == "http://localhost:9"
    assert place(last, "redirect") == BACK
    assert made["status"] == "active"


def test_connect_page_without_return_address_answers_to_the_referrer(
    sandbox: SandboxProcess, visitor: Visitor
) -> None:
    picker = visitor.open(link(sandbox))
    found = re.search(r'href="(/connect-account\?[^"]*)"', picker.text)
    assert found

    chosen = visitor.session.get(visitor.base + html.unescape(found[1]), timeout=30)
    last = visitor.answer(visitor.consent(chosen), "allow")

    assert message(last)["result"] == "success"
    assert place(last, "opener") == "http://localhost:9"


def test_connect_page_cancelled_makes_nothing(sandbox: SandboxProcess, visitor: Visitor) -> None:
    asked = visitor.consent(visitor.open(link(sandbox), integration="xero"))

    last = visitor.answer(asked, "cancel")

    assert message(last)["error_type"] == "connection_error"
    assert sandbox.api("GET", "/integrated-account").json()["result"] == []


@pytest.mark.parametrize("ending", ["validation_error", "post_install_error"])
def test_connect_page_with_a_bad_ending_sends_the_accounts_id(
    sandbox: SandboxProcess, visitor: Visitor, ending: str
) -> None:
    asked = visitor.consent(visitor.open(link(sandbox), integration="xero"))

    last = visitor.answer(asked, "allow", ending=ending)

    assert message(last)["error_type"] == ending
    assert message(last)["integrated_account_id"]


def test_connect_page_still_setting_up_reports_success(
    sandbox: SandboxProcess, visitor: Visitor
) -> None:
    asked = visitor.consent(visitor.open(link(sandbox), integration="xero"))

    last = visitor.answer(asked, "allow", ending="connecting", seconds="60")

    made = sandbox.api("GET", "/integrated-account").json()["result"][0]
    assert (message(last)["result"], made["status"]) == ("success", "connecting")


def test_connect_page_with_a_spent_token_tells_its_owner(
    sandbox: SandboxProcess, visitor: Visitor
) -> None:
    token = link(sandbox, tenant_id="tenant-one", redirect_uri=BACK)
    sandbox.control("POST", "link-tokens/expire", link_token=token)

    last = visitor.open(token, integration="xero")

    assert message(last)["error_type"] == "invalid_token"
    assert place(last, "opener") == "http://localhost:9"


def test_connect_page_token_used_while_the_consent_was_open_is_invalid(
    sandbox: SandboxProcess, visitor: Visitor
) -> None:
    token = link(sandbox)
    asked = visitor.consent(visitor.open(token, integration="xero"))
    sandbox.control("POST", "approve", link_token=token, organisation=FIRST)

    last = visitor.answer(asked, "allow")

    assert message(last)["error_type"] == "invalid_token"
    assert len(sandbox.api("GET", "/integrated-account").json()["result"]) == 1


def test_connect_page_for_an_unknown_integration_says_so(
    sandbox: SandboxProcess, visitor: Visitor
) -> None:
    token = link(sandbox)

    unknown = visitor.open(token, integration="other")
    narrowed = visitor.open(token, integrations="other")

    assert message(unknown)["error_type"] == "invalid_integration"
    assert "None of the integrations asked for" in narrowed.text


def test_connect_page_on_reconnect_skips_the_picker_and_preselects(
    sandbox: SandboxProcess, visitor: Visitor
) -> None:
    account_id = connect(sandbox)

    page = visitor.open(link(sandbox, integrated_account_id=account_id))

    assert "Renew the connection" in page.text
    assert re.search(rf"selected>{re.escape(FIRST)}<", visitor.consent(page).text)


def test_connect_page_refuses_a_person_who_may_not_connect(
    sandbox: SandboxProcess, visitor: Visitor
) -> None:
    asked = visitor.consent(visitor.open(link(sandbox), integration="xero"))

    again = visitor.answer(asked, "allow", authorised_by="nobody")

    assert again.status_code == 400
    assert "Only a Standard user or an Adviser" in again.text


def test_consent_is_marked_and_asks_for_no_password(
    sandbox: SandboxProcess, visitor: Visitor
) -> None:
    asked = visitor.consent(visitor.open(link(sandbox), integration="xero"))

    assert "Sandbox consent" in asked.text
    assert 'type="password"' not in asked.text
    assert "accounting.settings.read" in asked.text
