"""What is wrong with a page: WCAG 2.2 AA in light and in dark, and nothing beside the window."""

from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from django.urls import Resolver404, resolve
from playwright.sync_api import Page

WIDTHS = (320, 390, 640, 900, 960, 1100, 1280)  # 960 is a screen of 1920 pixels at 200 % zoom
# What sticks out of the window sideways, and the regions that would have to be scrolled sideways.
# Measured two frames after a change of the window: before that the old layout may still stand.
STICKS_OUT = """async () => {
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  const wide = (box) => box.scrollWidth > box.clientWidth + 1;
  const regions = [...document.querySelectorAll(".table-wrap")].filter(wide);
  return [document.documentElement, ...regions].filter(wide).map(
    (box) => `${box.ariaLabel || box.tagName} is ${box.scrollWidth} of ${box.clientWidth}`);
}"""
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
OPTIONS = {"runOnly": {"type": "tag", "values": LEVELS}}


def violations(page: Page) -> list[str]:
    found = Axe().run(page, options=OPTIONS).response["violations"]
    return [
        f"{each['id']}: {each['nodes'][0]['target']} {each['nodes'][0]['failureSummary']}"
        for each in found
    ]


def sticking_out(page: Page) -> list[str]:
    """Which widths of the window show less than all of the page's width, and what is too wide."""
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        found += [f"at {width}: {what}" for what in page.evaluate(STICKS_OUT)]
    return found


def faults(admin: Page, address: str) -> list[str]:
    """What is wrong with one page, in light, in dark, at every width."""
    found = []
    for scheme in ("light", "dark"):
        # Loaded anew: under a standing page Chromium shows old colours for a moment.
        admin.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        admin.goto(address)
        found += [f"in {scheme}: {each}" for each in violations(admin)]
    return found + sticking_out(admin)


def route_of(address: str) -> str:
    """The name of the route behind an address; "" where there is none."""
    try:
        return resolve(urlsplit(address).path).view_name
    except Resolver404:
        return ""


def looks_well(page: Page, route: str) -> None:
    """The page of this route, which stands open, has no faults."""
    assert route_of(page.url) == route
    assert faults(page, page.url) == []
