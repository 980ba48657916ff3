"""Fifty accounts identified by keyboard alone, and a leaver with accounts in two organisations."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Hub
from tests.journeys.test_main_story import connect

pytestmark = pytest.mark.journeys
ORGANISATION = "Demo Company (Sandbox)"
MANY = 50


def organisation(hub: Hub, name: str) -> str:
    found = hub.control("GET", "organisations")["organisations"]
    return next(each["id"] for each in found if each["name"] == name)


def add_users(hub: Hub, name: str, users: list[dict[str, str]]) -> None:
    whose = organisation(hub, name)
    hub.control("POST", f"organisations/{whose}/users", users=users, replace=False)


def add_person(admin: Page, hub: Hub, name: str, email: str) -> None:
    admin.goto(f"{hub.url}/people/add/")
    admin.locator("input[name=name]").fill(name)
    admin.locator("input[name=email]").fill(email)
    admin.locator("main").get_by_role("button", name=re.compile("^Add")).last.click()
    expect(admin.get_by_text(f"{name} is in the directory")).to_be_visible()


def add_system(admin: Page, hub: Hub, name: str) -> None:
    connect(admin, hub, name)
    expect(admin.get_by_text(re.compile(r"\d+ (accounts|users)")).first).to_be_visible(
        timeout=30_000
    )
    admin.goto(f"{hub.url}/access/add/")
    choice = admin.locator("select[name=connection]")
    if choice.locator("option", has_text=name).count():
        choice.select_option(label=name)
    admin.get_by_role("button", name="Add System").click()
    expect(admin.get_by_role("heading", name=f"Xero · {name}").first).to_be_visible()


def test_fifty_accounts_are_identified_by_keyboard_alone(admin: Page, hub: Hub) -> None:
    add_person(admin, hub, "Demo Keyboard", "demo.keyboard@demo.example")
    guests = [
        {"first_name": "Demo", "last_name": "Keyboard", "email": f"guest{n:02}@elsewhere.example"}
        for n in range(MANY)
    ]
    add_users(hub, ORGANISATION, guests)
    add_system(admin, hub, ORGANISATION)

    admin.goto(f"{hub.url}/access/identify/")
    admin.locator("[data-start]").focus()
    admin.keyboard.press("Enter")
    expect(admin.get_by_role("heading", name="Identify & map user")).to_be_visible()
    accepted = 0
    for _ in range(MANY + 20):
        admin.wait_for_load_state()
        if not admin.locator("[data-queue]").count():
            break
        suggestion = admin.locator("[data-suggestion]").first
        lead = admin.locator("main").inner_text()
        if "guest" in lead and "Demo Keyboard" in suggestion.inner_text() + lead:
            expect(suggestion).to_be_focused()
            before = admin.url
            admin.keyboard.press("Enter")
            admin.wait_for_url(lambda url, before=before: url != before)
            accepted += 1
            if accepted == MANY:
                break
        else:
            before = admin.url
            admin.keyboard.press("n")
            admin.wait_for_url(lambda url, before=before: url != before)
    assert accepted == MANY
    admin.goto(f"{hub.url}/access/staff/?q=Demo+Keyboard")
    expect(admin.locator(".held-list li")).to_have_count(MANY)


def test_leaver_with_accounts_in_two_organisations(admin: Page, hub: Hub) -> None:
    hub.control("POST", "organisations", name="Second Demo Company")
    email = "demo.both@demo.example"
    both = {"first_name": "Demo", "last_name": "Both", "email": email}
    add_users(hub, ORGANISATION, [both])
    add_users(
        hub,
        "Second Demo Company",
        [both, {"first_name": "Demo", "last_name": "Second Owner", "email": "own@demo.example"}],
    )
    add_person(admin, hub, "Demo Both", email)
    for name in (ORGANISATION, "Second Demo Company"):
        add_system(admin, hub, name)

    admin.goto(f"{hub.url}/access/staff/?q=Demo+Both")
    expect(admin.locator(".held-list li")).to_have_count(2)
    admin.get_by_role("row").filter(has_text="Demo Both").get_by_role("link").first.click()
    admin.get_by_role("link", name="Offboard", exact=True).click()
    admin.locator("input[name=access_ends][value=now]").check()
    admin.get_by_role("button", name="Record the leaving").click()

    admin.goto(f"{hub.url}/access/offboarded/?q=Demo+Both")
    row = admin.get_by_role("row").filter(has_text="Demo Both")
    expect(row).to_contain_text("Active")
    expect(row).to_contain_text(ORGANISATION)
    expect(row).to_contain_text("Second Demo Company")
