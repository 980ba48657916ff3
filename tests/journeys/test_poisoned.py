"""Fifty attacks in every text field, on every page: nothing runs, nothing breaks out, no CSP report."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.attack.payloads import PAYLOADS, many
from tests.attack.routes import routes
from tests.journeys.looking import route_of
from tests.journeys.test_accessible import DOWNLOADS
from tests.live import LiveServer

pytestmark = pytest.mark.journeys
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
# What no template of ours writes: handlers, inline scripts and styles, frames, other targets.
BROKEN_OUT = """() => [...document.querySelectorAll("*")].filter((each) =>
    [...each.attributes].some((a) => a.name.startsWith("on") || a.name.startsWith("hx-on")
      || /^\\s*javascript:/i.test(a.value) && ["href", "src", "action", "data"].includes(a.name))
    || ["BASE", "IFRAME", "OBJECT", "EMBED", "MARQUEE", "VIDEO", "AUDIO", "MATH"].includes(each.tagName)
    || each.tagName === "SCRIPT" && !each.src && each.type !== "application/json"
    || each.tagName === "STYLE" || each.hasAttribute("style")
  ).map((each) => each.outerHTML.slice(0, 200))"""
REPORTS = """document.addEventListener("securitypolicyviolation",
  (e) => console.error(`CSP ${e.violatedDirective} ${e.blockedURI}`))"""
# Only after something that this journey does not do: a link of a mail, another state.
NOT_HERE = re.compile(r"access:(explain|undo)|integrations:(integration|connection)|mfa_.*")


class Poisoned(LiveServer):
    """The server whose every text is an attack."""

    module = "tests.attack.poisoned"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Poisoned]:
    live = Poisoned(tmp_path_factory.mktemp("poisoned"))
    yield live
    live.stop()


class Victim:
    """A signed-in admin's browser, and everything that happens in it that should not."""

    def __init__(self, context: BrowserContext, server: Poisoned) -> None:
        self.url, self.paths, self.happened = server.url, server.world["paths"], list[str]()
        context.set_default_timeout(30_000)
        cookie = {"name": "hub_session", "value": server.world["session"], "url": server.url}
        context.add_cookies([cookie])  # type: ignore[list-item]
        context.add_init_script(REPORTS)
        context.expose_function("pwned", lambda n: self.happened.append(f"payload {n} ran"))
        context.on("dialog", self._dialog)
        context.on("console", lambda said: self.happened.append(f"{said.type}: {said.text}"))
        context.on("request", self._request)
        self.page: Page = context.new_page()

    def _dialog(self, dialog: Any) -> None:
        self.happened.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.url, "data:")):
            self.happened.append(f"request to {request.url}")

    def look_at(self, address: str) -> list[str]:
        """Open a page; what broke out of its place there, and what happened."""
        self.happened.clear()
        self.page.goto(address)
        return self.page.evaluate(BROKEN_OUT) + self.happened

    def links(self) -> list[str]:
        found: list[str] = self.page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)")
        return [link for link in found if link.startswith(self.url)]


@pytest.fixture
def victim(context: BrowserContext, server: Poisoned) -> Victim:
    return Victim(context, server)


def wanted(name: str) -> bool:
    return not any(each.fullmatch(name) for each in (NOT_VISITED, DOWNLOADS))


def test_no_text_runs_on_any_page(victim: Victim) -> None:
    paths = [*victim.paths, "/settings/members/", "/access/"]
    waiting = [f"{victim.url}{path}" for path in paths]
    seen, wrong, poisoned = set[str](), {}, 0
    while waiting:
        address = waiting.pop()
        route = route_of(address)
        if not route or route in seen or not wanted(route):
            continue
        seen.add(route)
        if found := victim.look_at(address):
            wrong[address] = found
        poisoned += "pwned(" in victim.page.content()
        waiting += victim.links()
    for path in ("people", "access/staff", "access/offboarded", "access/tasks"):
        if found := victim.look_at(
            f"{victim.url}/{path}/?q={quote(many(200))}&page={quote('<x>')}"
        ):
            wrong[path] = found
    if found := typed_again(victim):
        wrong["a refused form"] = found
    pages = {each.name for each in routes() if "GET" in each.methods and not each.is_api}
    missing = {name for name in pages - seen if wanted(name) and not NOT_HERE.fullmatch(name)}
    print(f"{len(seen)} pages, {poisoned} of them with attacks, {len(PAYLOADS)} attacks")
    assert wrong == {}
    assert sorted(missing) == []
    assert poisoned > 30


def typed_again(victim: Victim) -> list[str]:
    """A form that is refused shows what was typed."""
    victim.look_at(f"{victim.url}/people/add/")
    victim.page.locator("input[name=name]").fill(many(200))
    victim.page.locator("input[name=external_id]").fill(many(100))
    victim.page.locator("input[name=manager]").fill(many(200))
    victim.page.get_by_role("main").locator("button[type=submit]").click()
    victim.page.get_by_text("Nobody here has").or_(
        victim.page.locator("[aria-invalid=true]")
    ).first.wait_for()
    broken: list[str] = victim.page.evaluate(BROKEN_OUT)
    return broken + [each for each in victim.happened if "422" not in each]


@pytest.mark.long
@pytest.mark.parametrize("policy", ["script-src 'self'", ""])
def test_journey_would_see_a_page_that_escapes_nothing(victim: Victim, policy: str) -> None:
    """The planted fault: the same attacks raw, with a policy that reports and without any."""
    headers = {"Content-Security-Policy": policy} if policy else {}
    page = "<!doctype html><title>Planted</title><p>" + "<p>".join(PAYLOADS[:40])
    victim.page.route(
        "**/planted/",
        lambda route: route.fulfill(body=page, headers=headers, content_type="text/html"),
    )
    found = victim.look_at(f"{victim.url}/planted/")
    victim.page.wait_for_timeout(300)
    told = " ".join([*found, *victim.happened])
    assert ("CSP" if policy else "ran") in told
    assert "<script>" in told
