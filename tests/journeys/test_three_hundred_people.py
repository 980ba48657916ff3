"""300 people and five organisations: from "just connected" to "every account identified", counted and timed."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from benchmarks.crowd import name as made_up
from tests.journeys.conftest import Hub
from tests.journeys.test_main_story import connect

pytestmark = [pytest.mark.journeys, pytest.mark.long]
PEOPLE = 300
ORGANISATIONS = tuple(f"Demo Books {number}" for number in range(1, 6))
ROLES = ("Accountant", "Bookkeeper", "Finance lead", "Operations", "Sales")
LEVELS = ("STANDARD", "INVOICEONLY", "READONLY", "FINANCIALADVISER")
EXACT = 34
LEAVER = 299
ADVISER = {"first_name": "Demo", "last_name": "Adviser", "email": "adviser@practice.example"}
MAILBOX = {"first_name": "Accounts", "last_name": "Mailbox", "email": "accounts@demo.example"}
NEWCOMER = {"first_name": "Demo", "last_name": "Newcomer", "email": "demo.newcomer@demo.example"}

User = dict[str, object]


def name(number: int) -> str:
    """Surnames are shared by few, first names by many, as in a real company."""
    return made_up(number * 7)


def address(number: int) -> str:
    return f"{name(number).replace(' ', '.').lower()}@demo.example"


def staff_list() -> str:
    """As an HR system exports it: one has left a month ago."""
    rows = [
        f"{name(n)},{address(n)},P-{n:03},{ROLES[n % len(ROLES)]},"
        f"{'2026-10-20' if n == LEAVER else ''}"
        for n in range(PEOPLE)
    ]
    return "\n".join(["name,email,external_id,org_roles,last_working_day", *rows])


def users(organisation: int) -> list[User]:
    """Forty-two: mostly work addresses, and what no directory knows."""
    start = organisation * 50
    exact = [
        _user(n, address(n).title() if n % 9 == 0 else address(n))
        for n in range(start, start + EXACT)
    ]
    exact[0]["is_subscriber"] = True
    return [
        *exact,
        *(_nicknamed(n) for n in (start + 40, start + 41)),
        _user(start + 42, address(start + 42).replace("@", "+xero@")),
        _user(start + 43, f"{name(start + 43).replace(' ', '').lower()}{start}@mail.example"),
        _user(44, f"{name(44).split()[1].lower()}.home@mail.example"),  # the same in all five
        _user(LEAVER, address(LEAVER)),
        ADVISER | {"role": "FINANCIALADVISER"},
        MAILBOX | {"role": "INVOICEONLY"},
        *([NEWCOMER | {"role": "STANDARD"}] if organisation == 0 else []),
    ]


def _user(number: int, email: str) -> User:
    first, last = name(number).split()
    level = LEVELS[number % len(LEVELS)]
    return {"first_name": first, "last_name": last, "email": email, "role": level}


def _nicknamed(number: int) -> User:
    """A short first name, and an address of the company that no list has."""
    first, last = name(number).split()
    return _user(number, f"{first[0]}{last}@demo.example".lower()) | {"first_name": first[:4]}


class Hand:
    """A person at the keyboard: what they did, what they saw, and how long they were kept waiting."""

    def __init__(self, page: Page) -> None:
        self.page, self.pages, self.clicks, self.keys = page, 0, 0, 0
        self.waited, self.longest, self.began = 0.0, 0.0, time.monotonic()
        page.on("load", self._opened)

    def _opened(self, page: Page) -> None:
        self.pages += 1

    def wait(self, act: Callable[[], object], done: Callable[[], object]) -> None:
        """Do something and look on until it shows."""
        began = time.monotonic()
        act()
        done()
        spent = time.monotonic() - began
        self.waited, self.longest = self.waited + spent, max(self.longest, spent)

    def go(self, act: Callable[[], object]) -> None:
        """Something that opens a page."""

        def opened() -> None:
            with self.page.expect_navigation(wait_until="load"):
                act()

        self.wait(opened, lambda: None)

    def follow(self, place: Locator) -> None:
        self.clicks += 1
        self.go(place.click)

    def tick(self, place: Locator) -> None:
        self.clicks += 1
        place.check()

    def type(self, place: Locator, text: str) -> None:
        """Words count as their keys, beside the click that goes there."""
        self.clicks, self.keys = self.clicks + 1, self.keys + len(text)
        place.fill(text)

    def press(self, key: str) -> None:
        self.keys += 1
        self.go(lambda: self.page.keyboard.press(key))

    def said(self, what: str) -> str:
        line = (
            f"{what}: {self.pages} pages, {self.clicks} clicks, {self.keys} keys;"
            f" the product took {self.waited:.1f} s, the longest wait {self.longest:.1f} s"
        )
        self.pages = self.clicks = self.keys = 0
        self.waited = self.longest = 0.0
        return line


def add_systems(hand: Hand, hub: Hub) -> None:
    """The organisations that were just connected are ticked already."""
    page = hand.page
    hand.go(lambda: page.goto(f"{hub.url}/access/"))
    hand.follow(page.get_by_role("link", name="Add a critical system").first)
    hand.follow(page.get_by_role("button", name="Add System"))


def import_people(hand: Hand, hub: Hub, path: Path) -> None:
    page = hand.page
    path.write_text(staff_list())
    hand.go(lambda: page.goto(f"{hub.url}/people/imports/"))
    page.get_by_label("CSV file").set_input_files(path)
    hand.clicks += 2
    hand.follow(page.get_by_role("button", name="Show the preview"))
    button = page.get_by_role("button", name="Import", exact=True)
    hand.wait(lambda: None, lambda: expect(button).to_be_visible())
    hand.clicks += 1
    done = page.get_by_role("link", name="To the directory")
    hand.wait(button.click, lambda: expect(done).to_be_visible())


def accept_suggestions(hand: Hand, hub: Hub) -> None:
    """Everything that is suggested, looked at as a list and accepted together."""
    page = hand.page
    hand.go(lambda: page.goto(f"{hub.url}/access/identify/"))
    while page.locator("[data-has-suggestion]").count():
        hand.tick(page.locator("[data-tick-all]"))
        hand.follow(page.get_by_role("button", name=re.compile("Accept suggestions")))
        hand.press("Enter")


def identify_the_rest(hand: Hand, hub: Hub) -> None:
    """One by one, by what each is."""
    page = hand.page
    hand.go(lambda: page.goto(f"{hub.url}/access/identify/"))
    if not page.locator("[data-start]").count():
        return
    hand.follow(page.locator("[data-start]"))
    while page.locator("form[data-identify]").count():
        lead = page.locator("main").inner_text()
        if "adviser@practice" in lead:
            not_staff(hand, "External", ends="2027-06-30")
        elif "accounts@demo" in lead:
            not_staff(hand, "Shared", users=address(1))
        elif "newcomer" in lead:
            hand.tick(page.locator("input[name=user_is][value=new_staff]"))
            hand.follow(page.get_by_role("button", name="Record decision"))
        else:
            number = next(n for n in range(PEOPLE) if name(n) in lead)
            hand.type(page.get_by_label("Person", exact=True), address(number))
            hand.follow(page.get_by_role("button", name="Record decision"))


def not_staff(hand: Hand, kind: str, users: str = "", ends: str = "") -> None:
    page = hand.page
    hand.tick(page.locator("input[name=user_is][value=not_staff]"))
    hand.clicks += 1
    page.locator("select[name=not_staff_kind]").select_option(label=kind)
    hand.type(page.get_by_label("Accountable owner"), address(0))
    if users:
        hand.type(page.get_by_label("Who uses it"), users)
    hand.type(page.locator("textarea[name=reason]"), "Looked at")
    if ends:
        hand.type(page.locator("input[name=ends_on]"), ends)
    if page.locator("input[name=alike]").count():
        hand.tick(page.locator("input[name=alike]"))
    hand.follow(page.get_by_role("button", name="Record decision"))


def test_three_hundred_people_and_five_organisations_in_minutes(
    admin: Page, hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, organisation in enumerate(ORGANISATIONS):
        hub.control("POST", "organisations", name=organisation, users=users(number))
        connect(admin, hub, organisation)
        expect(admin.get_by_text(re.compile(r"\d+ accounts")).first).to_be_visible(timeout=30_000)

    hand, told = Hand(admin), []
    began = time.monotonic()
    add_systems(hand, hub)
    told.append(hand.said("five critical systems"))
    import_people(hand, hub, tmp_path / "staff.csv")
    told.append(hand.said("300 people"))
    admin.goto(f"{hub.url}/access/")
    cards = admin.locator(".stat", has_text="Unidentified").locator(".stat-value")
    left = [int(each.split()[0]) for each in cards.all_inner_texts()]
    hand.said("")
    accept_suggestions(hand, hub)
    told.append(hand.said("suggestions accepted together"))
    identify_the_rest(hand, hub)
    told.append(hand.said("the rest one by one"))
    spent = time.monotonic() - began

    admin.goto(f"{hub.url}/access/identify/")
    expect(admin.get_by_text("Every account is identified")).to_be_visible()
    with capsys.disabled():
        total = sum(len(users(n)) for n in range(len(ORGANISATIONS)))
        print(
            f"\n{total} accounts, {total - sum(left)} found by address, {sum(left)} {left} left to people"
        )
        print("\n".join(told), f"all of it {spent:.0f} s at a machine's speed", sep="\n")
