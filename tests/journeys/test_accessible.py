"""Every page of the URL conf, found by following links: WCAG 2.2 AA, nothing beside the window."""

import re
import uuid
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, get_resolver, resolve, reverse
from playwright.sync_api import Page

from tests.journeys.conftest import Hub
from tests.journeys.looking import faults
from tests.journeys.test_import_people import GOOD, HEADER, WRONG, upload
from tests.journeys.test_main_story import connect

pytestmark = pytest.mark.journeys
LONG_WORD = "Someone" * 28  # 196 characters without a place to break
# No page of a signed-in person's way: acts, parts of pages, machines' addresses; and pages that hang
# on a state, which the journeys that bring it about look at.
NOT_VISITED = re.compile(
    r"access:(accept|add_role|approve|export_.*|identify_many|preview_rule|remove|reinstate)|api_schema|home|None"
    r"|access:(ask|assign|special_case|(approve|confirm|reject|withdraw)_case)"
    r"|integrations:(accept|attempt_status|connect|disconnect|discard|held|reconnect|return_|sync"
    r"|truto|waiting|webhook.*)"
    r"|webhook_truto|workspaces:(gallery|healthz|join)"
    r"|account_(confirm_email|inactive|login|logout|signup|set_password|.*_sent|.*reset_password.*)"
    r"|account_reauthenticate"
    r"|mfa_(authenticate|deactivate_totp|reauthenticate|(download|generate|view)_recovery_codes)"
)
# Pages of which more than one is read for links, since what they offer hangs on their state.
SEVERAL = {"access:account": 5}

# Files, which a browser saves instead of showing them.
DOWNLOADS = re.compile(r"access:(tasks_csv|cases_csv|case_file)|\w+:(\w*export\w*|\w*template)")


def routes(patterns, namespace: str = "", path: str = "/") -> dict[str, str]:
    """The names of all routes, as `resolve` gives them, each with an address of its form."""
    found: dict[str, str] = {}
    for each in patterns:
        here = path + re.sub(r"<uuid:\w+>", str(uuid.uuid4()), str(each.pattern))
        if hasattr(each, "url_patterns"):
            inner = f"{namespace}{each.namespace}:" if each.namespace else namespace
            found |= routes(each.url_patterns, inner, here)
        else:
            found[f"{namespace}{each.name}"] = re.sub(r"<[^>]+>", "x", here)
    return found


def is_page(admin: Page, address: str) -> bool:
    """Whether the address can be opened at all: acts answer 405."""
    return admin.request.get(address).status != 405


def route_of(address: str) -> str:
    try:
        return resolve(urlsplit(address).path).view_name
    except Resolver404:
        return ""


def long_names(admin: Page, hub: Hub) -> None:
    """A person, an Org role and a user of Xero whose names are one long word each."""
    organisation = hub.control("GET", "organisations")["organisations"][0]["id"]
    users = hub.control("GET", f"organisations/{organisation}/users")["users"]
    hub.control("PATCH", f"users/{users[0]['user_id']}", first_name=LONG_WORD, last_name="")
    admin.goto(f"{hub.url}{reverse('people:create_org_role')}")
    admin.locator("input[name=name]").fill(LONG_WORD[:100])
    admin.get_by_role("main").locator("button[type=submit]").click()
    admin.goto(f"{hub.url}/people/add/")
    admin.locator("input[name=name]").fill(LONG_WORD)
    admin.locator("input[name=email]").fill(f"{LONG_WORD[:60]}@demo.example")
    admin.get_by_label(LONG_WORD[:100]).check()
    admin.get_by_role("main").locator("button[type=submit]").click()


def ask_for_special_case(admin: Page, hub: Hub) -> None:
    """So that the list of special cases has one that waits, and its page exists."""
    admin.goto(f"{hub.url}/access/monitoring/user_identified/")
    admin.locator("tbody th a").first.click()
    admin.get_by_role("link", name="Ask for a special case").click()
    assert faults(admin, admin.url) == []
    admin.locator("select[name=reason]").select_option("other")
    admin.locator("textarea[name=note]").fill(LONG_WORD)
    admin.get_by_role("button", name="Ask for approval").click()
    admin.wait_for_url("**/special-cases/*/")
    assert faults(admin, admin.url) == []


def create_token(admin: Page, hub: Hub) -> None:
    admin.goto(f"{hub.url}{reverse('workspaces:create_token')}")
    admin.locator("input[name=name]").fill(LONG_WORD[:100])
    admin.get_by_role("main").locator("button[type=submit]").click()


def links(admin: Page, hub: Hub) -> list[str]:
    """Where the page leads, by whole pages: a place within one is not loaded anew."""
    found = admin.eval_on_selector_all("a[href]", "all => all.map(a => a.href)")
    return [link.split("#")[0] for link in found if link.startswith(hub.url)]


def test_every_page_is_accessible_in_light_and_dark_at_every_width(
    admin: Page, hub: Hub, tmp_path: Path
) -> None:
    long_names(admin, hub)
    upload(admin, hub, tmp_path / f"{LONG_WORD}.csv", HEADER + GOOD + WRONG)
    create_token(admin, hub)
    connect(admin, hub)
    admin.get_by_text(re.compile("12 (accounts|users)")).first.wait_for()
    admin.goto(f"{hub.url}/access/add/")
    admin.get_by_role("button", name="Add System").click()
    ask_for_special_case(admin, hub)

    waiting, known, seen, wrong = [f"{hub.url}/access/"], set(), Counter(), {}
    while waiting:
        address = waiting.pop()
        route = route_of(address)
        shown = not NOT_VISITED.fullmatch(route) and not DOWNLOADS.fullmatch(route)
        if not route or seen[route] == SEVERAL.get(route, 1) or address in known or not shown:
            continue
        known.add(address)
        if not seen[route] and (found := faults(admin, address)):
            wrong[route] = found
        elif seen[route]:
            admin.goto(address)
        seen[route] += 1
        waiting += links(admin, hub)

    left = {
        name: path
        for name, path in routes(get_resolver().url_patterns).items()
        if name not in seen
        and not path.startswith("/api/")
        and not NOT_VISITED.fullmatch(name)
        and not DOWNLOADS.fullmatch(name)
    }
    assert wrong == {}
    assert {name for name, path in left.items() if is_page(admin, f"{hub.url}{path}")} == set()


def test_every_page_for_somebody_who_is_not_signed_in_is_accessible(hub: Hub, page: Page) -> None:
    page.set_default_timeout(20_000)
    names = ("login", "signup", "inactive", "reset_password", "reset_password_done")
    paths = [reverse(f"account_{name}") for name in names] + ["/join/nobody/", "/nowhere/"]
    wrong = {path: found for path in paths if (found := faults(page, hub.url + path))}
    assert wrong == {}
