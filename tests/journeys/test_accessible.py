"""Every page of the URL conf, found by following links: WCAG 2.2 AA, nothing beside the window."""

import re
import uuid
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.urls import get_resolver, reverse
from playwright.sync_api import Page

from tests.journeys.conftest import PASSWORD, Hub
from tests.journeys.looking import faults, looks_well, route_of
from tests.journeys.test_import_people import GOOD, HEADER, WRONG, upload
from tests.journeys.test_main_story import connect

pytestmark = pytest.mark.journeys
LONG_WORD = "Someone" * 28  # 196 characters without a place to break
# Pages that hang on a state, looked at where a journey brings it about, by `looks_well`.
LOOKED_AT_IN = {
    "test_accessible.py": ("access:ask", "access:special_case"),
    "test_held_run.py": ("integrations:held",),
    "test_members.py": (
        "workspaces:join",
        "account_reauthenticate",
        "mfa_authenticate",
        "mfa_deactivate_totp",
        "mfa_generate_recovery_codes",
        "mfa_view_recovery_codes",
    ),
}
# What a browser can ask for and no walk has to look at.
NO_PAGE = {
    "home": "leads on to the page that each person works on",
    "integrations:attempt_status": "a part of the product's page, looked at there",
    "access:preview_rule": "a part of the rule's page, looked at there",
    "mfa_reauthenticate": "only for a change of the factor ten minutes after the last sign-in",
    "account_set_password": "only without a password: every way in asks for one",
    "account_logout": "the same as the sign-out button, for a browser without a session to end",
    "account_email_verification_sent": "leads on: nobody waits for a mail before the first sign-in",
    "workspaces:gallery": "not there but in development; tests/workspaces looks at it",
}
# Pages for people who are not signed in; a walk of their own.
OUTSIDE = (
    "account_login",
    "account_signup",
    "account_inactive",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
)
# Pages of which more than one is read for links, since what they offer hangs on their state.
SEVERAL = {"access:account": 5}

# Files, which a browser saves instead of showing them.
DOWNLOADS = re.compile(
    r"access:(tasks_csv|cases_csv|case_file|export_\w+)|\w+:(\w*export\w*|\w*template)"
    r"|mfa_download_recovery_codes"
)


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
    """Whether the address can be opened and shows something: acts answer 405, machines get JSON."""
    answer = admin.request.get(address)
    return answer.status != 405 and "text/html" in answer.headers.get("content-type", "")


def long_names(admin: Page, hub: Hub) -> None:
    """A person, an Org role, a Xero role and a user of Xero whose names are one long word each."""
    organisation = hub.control("GET", "organisations")["organisations"][0]["id"]
    users = hub.control("GET", f"organisations/{organisation}/users")["users"]
    hub.control("PATCH", f"users/{users[0]['user_id']}", first_name=LONG_WORD, last_name="")
    hub.control("PATCH", f"users/{users[-1]['user_id']}", role=LONG_WORD[:63].upper())
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
    admin.wait_for_url("**/special-case/")
    looks_well(admin, "access:ask")
    admin.locator("select[name=reason]").select_option("other")
    admin.locator("textarea[name=note]").fill(LONG_WORD)
    admin.get_by_role("button", name="Ask for approval").click()
    admin.wait_for_url("**/special-cases/*/")
    looks_well(admin, "access:special_case")


def create_token(admin: Page, hub: Hub) -> None:
    admin.goto(f"{hub.url}{reverse('workspaces:create_token')}")
    admin.locator("input[name=name]").fill(LONG_WORD[:100])
    admin.get_by_role("main").locator("button[type=submit]").click()


def change_address(admin: Page, hub: Hub) -> str:
    """Ask for another sign-in address, and give the link of the mail that asks to confirm it."""
    wanted = reverse("account_email")
    admin.goto(f"{hub.url}{reverse('account_reauthenticate')}?next={wanted}")
    admin.get_by_label("Password").fill(PASSWORD)
    admin.get_by_role("button", name="Confirm").click()
    admin.wait_for_url(f"{hub.url}{wanted}")
    admin.locator("input[name=email]").fill("demo.admin.elsewhere@demo.example")
    admin.get_by_role("main").locator("button[name=action_add]").click()
    admin.get_by_text("A change waits for you").wait_for()
    return mailed(hub, "confirm-email")


def mailed(hub: Hub, part: str) -> str:
    """The link with this in it; mails are files as long as no mail server is set up."""
    mails = (each.read_text() for each in (hub.installation.folder / "mail").iterdir())
    link = re.compile(rf"http\S+{part}\S+")
    return next(found.group() for text in mails if (found := link.search(text)))


def without_link(admin: Page, hub: Hub, asked: list[str]) -> list[str]:
    """Pages that no page of ours leads to: of the pop-up, out of a mail, about somebody who left."""
    empty = {"content_type": "text/javascript", "body": ""}
    admin.route("**/js/returned.js", lambda route: route.fulfill(**empty))  # it would go on at once
    attempt = next(url for url in asked if route_of(url) == "integrations:attempt_status")
    link = change_address(admin, hub)
    admin.goto(f"{hub.url}{reverse('access:offboarded')}")
    leaver = admin.locator("tbody th a").first.get_attribute("href")
    return [
        hub.url + reverse("integrations:waiting"),
        f"{attempt}return/",
        link,
        f"{hub.url}{leaver}reinstate/",
    ]


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
    asked: list[str] = []
    admin.on("request", lambda request: asked.append(request.url))
    connect(admin, hub)
    admin.get_by_text(re.compile("12 (accounts|users)")).first.wait_for()
    admin.goto(f"{hub.url}/access/add/")
    admin.get_by_role("button", name="Add System").click()
    ask_for_special_case(admin, hub)

    elsewhere = {route for routes in LOOKED_AT_IN.values() for route in routes} | {*NO_PAGE}
    waiting, known, seen, wrong = [f"{hub.url}/access/"], set(), Counter(), {}
    waiting += without_link(admin, hub, asked)
    while waiting:
        address = waiting.pop()
        route = route_of(address)
        shown = route not in elsewhere and not DOWNLOADS.fullmatch(route)
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
        if name not in elsewhere | {*seen, *OUTSIDE}
        and not path.startswith("/api/")
        and not DOWNLOADS.fullmatch(name)
    }
    assert wrong == {}
    assert {name for name, path in left.items() if is_page(admin, f"{hub.url}{path}")} == set()


def test_every_page_for_somebody_who_is_not_signed_in_is_accessible(hub: Hub, page: Page) -> None:
    page.set_default_timeout(20_000)
    page.goto(hub.url + reverse("account_reset_password"))
    page.locator("input[name=email]").fill("demo.auditor@demo.example")
    page.get_by_role("main").locator("button[type=submit]").click()
    page.wait_for_url("**/reset/done/")
    paths = {"account_reset_password_from_key": urlsplit(mailed(hub, "reset/key")).path}
    plain = [reverse(name) for name in OUTSIDE if name not in paths]
    spoiled = [reverse("account_confirm_email", args=["x"]), "/join/nobody/", "/nowhere/"]
    addresses = [hub.url + path for path in (*plain, *paths.values(), *spoiled)]
    wrong = {each: found for each in addresses if (found := faults(page, each))}
    assert wrong == {}


def test_pages_that_hang_on_a_state_are_looked_at_by_the_journey_that_is_named() -> None:
    here = Path(__file__).parent
    said = {
        route: f'looks_well({who}, "{route}")'
        for file, routes in LOOKED_AT_IN.items()
        for route in routes
        for who in ("admin", "page", "newcomer")
        if f'looks_well({who}, "{route}")' in (here / file).read_text()
    }
    assert {route for routes in LOOKED_AT_IN.values() for route in routes} == said.keys()
