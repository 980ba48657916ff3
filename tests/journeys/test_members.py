"""Invite, join, second factor, change of role, removal: two people in two browsers."""

import re
import time

import pytest
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import Hub
from tests.journeys.looking import looks_well

pytestmark = pytest.mark.journeys
ADDRESS = "demo.newcomer@demo.example"
PASSWORD = "a phrase of the newcomer"
TOTP_PERIOD = 30
SECONDS_TO_TYPE = 12  # a busy machine is a slow typist


def code(secret: str) -> str:
    """The code of this moment, with time left to type it: it holds for thirty seconds only."""
    while time.time() % TOTP_PERIOD > TOTP_PERIOD - SECONDS_TO_TYPE:
        time.sleep(0.5)
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def invitation(hub: Hub) -> str:
    """The link in the mail, which is a file as long as no mail server is set up."""
    mails = (each.read_text() for each in (hub.installation.folder / "mail").iterdir())
    return next(found.group() for text in mails if (found := re.search(r"http\S+/join/\S+", text)))


def invite(admin: Page, hub: Hub) -> None:
    admin.goto(f"{hub.url}/settings/members/")
    admin.get_by_role("link", name="Invite").click()
    admin.get_by_label("E-mail").fill(ADDRESS)
    admin.get_by_role("radio", name=re.compile("^Editor")).check()
    admin.get_by_role("checkbox", name="People").check()
    admin.get_by_role("button", name="Send the invitation").click()
    expect(admin.get_by_role("table", name="Invitations")).to_contain_text(ADDRESS)


def join(page: Page, hub: Hub) -> None:
    page.goto(invitation(hub))
    looks_well(page, "workspaces:join")
    page.get_by_label("Name").fill("Demo Newcomer")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Join").click()
    page.wait_for_url(f"{hub.url}/access/")


def turn_on_second_factor(page: Page, hub: Hub) -> str:
    page.get_by_role("link", name="Your account").click()
    page.get_by_role("link", name="Set up an authenticator app").click()
    looks_well(page, "account_reauthenticate")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    secret = page.locator(".copy code").inner_text()
    page.get_by_label("Authenticator code").fill(code(secret))
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_role("list", name="Unused codes").get_by_role("listitem")).to_have_count(10)
    looks_well(page, "mfa_view_recovery_codes")
    page.goto(f"{hub.url}{reverse('mfa_generate_recovery_codes')}")
    looks_well(page, "mfa_generate_recovery_codes")
    page.goto(f"{hub.url}{reverse('mfa_deactivate_totp')}")
    looks_well(page, "mfa_deactivate_totp")
    return secret


def sign_in_again(page: Page, hub: Hub, secret: str) -> None:
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{hub.url}/accounts/login/")
    page.locator("input[name=login]").fill(ADDRESS)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(f"{hub.url}/accounts/2fa/authenticate/")
    looks_well(page, "mfa_authenticate")
    used = code(secret)
    while code(secret) == used:  # each code opens the door once
        time.sleep(0.5)
    page.get_by_label("Code").fill(code(secret))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{hub.url}/access/")


def test_newcomer_is_invited_joins_changes_role_and_goes(
    admin: Page, hub: Hub, browser: Browser
) -> None:
    invite(admin, hub)
    newcomer = browser.new_context().new_page()
    join(newcomer, hub)
    secret = turn_on_second_factor(newcomer, hub)
    sign_in_again(newcomer, hub, secret)
    assert newcomer.goto(f"{hub.url}/people/add/").status == 200

    admin.goto(f"{hub.url}/settings/members/")
    admin.get_by_role("link", name="Change Demo Newcomer").click()
    admin.get_by_role("radio", name=re.compile("^Collaborator")).check()
    admin.get_by_role("button", name="Save").click()
    expect(admin.get_by_role("table", name="Members")).to_contain_text("Collaborator")
    assert newcomer.goto(f"{hub.url}/people/add/").status == 403
    newcomer.goto(hub.url)
    newcomer.wait_for_url(f"{hub.url}/access/tasks/")

    admin.get_by_role("link", name="Remove Demo Newcomer").click()
    admin.get_by_role("button", name="Remove").click()
    expect(admin.get_by_role("table", name="Members")).not_to_contain_text("Demo Newcomer")
    assert newcomer.goto(f"{hub.url}/access/tasks/").status == 403

    admin.goto(f"{hub.url}/settings/audit-log/")
    for kind in ("Invitation: made", "Invitation: accepted", "Member: changed", "Member: removed"):
        expect(admin.get_by_role("table", name="Acts")).to_contain_text(kind)
    admin.get_by_role("button", name="Verify").click()
    expect(admin.get_by_role("heading", level=1)).to_have_text("The audit log is whole")
